"""Permissions: `<service>.<module>:<verb>`, given to callers as patterns such as `crm.*:read`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def is_permitted(permission: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns gives this permission."""
    return any(fnmatchcase(permission, each) for each in patterns)


def patterns_for(service: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the patterns, sorted and each once, that can give a permission of this service."""
    return tuple(sorted({each for each in patterns if _can_give(service, each)}))


def _can_give(service: str, pattern: str) -> bool:
    """Return whether a pattern names this service, or has a wildcard where the service stands."""
    named, dot, _ = pattern.partition(".")
    return not dot or fnmatchcase(service, named)
