"""Changes of some fields of a declared object."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Changes(Generic[T]):
    """The fields of a `T` that a request gives, with their new values; the others stay as they are."""

    def __init__(self, **given: Any) -> None:
        self.given: Mapping[str, Any] = given

    def apply_to(self, value: T) -> T:
        """Return a copy of the value with these changes."""
        changed: T = replace(value, **self.given)  # type: ignore[type-var]  # of a dataclass
        return changed
