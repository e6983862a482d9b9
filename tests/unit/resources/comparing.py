"""Compares what was given in a request with what a row shows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.money import UnitPrice

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OF_ONE_RECORD = frozenset({"id", "version", "created_at", "updated_at"})
"""Members of a row that differ between equal records."""


def shows(shown: Any, given: Any) -> bool:
    """Return whether a value of a row shows the given one: objects may have more members than were given."""
    match given:
        case {"amount": amount, "currency": currency}:
            return bool(shown) and UnitPrice(shown["amount"], shown["currency"]) == UnitPrice(amount, currency)
        case Mapping():
            return isinstance(shown, Mapping) and all(shows(shown.get(name), each) for name, each in given.items())
        case list():
            pairs = zip(shown, given, strict=False) if isinstance(shown, Sequence) else ()
            return len(shown) == len(given) and all(shows(*pair) for pair in pairs)
        case _:
            return bool(shown == given)


def not_shown(row: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Return the names of the given values, except null, that the row has a member for but does not show."""
    return [name for name, each in given.items() if each is not None and name in row and not shows(row[name], each)]


def content_of(value: Any) -> Any:
    """Return a row without what distinguishes two equal records, at all levels: ids, version and times."""
    if isinstance(value, Mapping):
        return {name: content_of(each) for name, each in value.items() if name not in OF_ONE_RECORD}
    if isinstance(value, list):
        return [content_of(each) for each in value]
    return "an id" if isinstance(value, str) and ID.fullmatch(value) else value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the names of the members in which two rows differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
