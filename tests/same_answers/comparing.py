"""Compare two recordings: every value at every place."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile, zip_longest
from typing import Any

from tests.same_answers.naming import Names, Recording, named
from tests.same_answers.order import leaves

MISSING = "<missing>"
ORDER = "order of elements"
NEWEST_BY = {
    "orders": "ordered_on", "shipments": "dispatched_on", "invoices": "invoiced_on", "timeline": "happened_on",
    "purchase_requests": "needed_on",
}  # fmt: skip
"""The lists of a customer's and an order's view: rows of one day are in the order of ids, or of events received."""

Path = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A place where two recordings differ."""

    path: Path
    base: Any
    now: Any


def comparable(recording: Recording) -> Recording:
    """Return the recording with names for what is random, and with rows sorted where random ids order them."""
    found: Recording = named(recording, Names(recording))
    del found["today"]
    found["events"] = {log: in_own_order(events) for log, events in found["events"].items()}
    found |= {name: _with_sorted_names(found[name]) for name in ("asyncapi",) if name in found}
    for answer in found["answers"].values():
        answer["body"] = _without_random_order(answer["body"])
    return found


def _without_random_order(body: Any) -> Any:
    """Return an answer with the rows sorted whose order is that of random ids: lists, sheets, tables, equal days."""
    if isinstance(body, list):
        return in_own_order(body)
    if not isinstance(body, dict):
        return body
    changed = {name: _without_random_order(sheet) for name, sheet in body.items() if _is_sheet(sheet)}
    changed |= {name: in_own_order(body[name]) for name in ("data",) if isinstance(body.get(name), list)}
    changed |= {name: _in_order_by(body[name], column) for name, column in NEWEST_BY.items() if body.get(name)}
    if isinstance(body.get("rows"), list):
        changed["rows"] = in_own_order(body["rows"]) if _is_sheet(body) else _by_party(body["rows"])
    return body | changed


def _with_sorted_names(schema: Any) -> Any:
    """Return a schema with its required members in order: the order has no meaning, and names have changed."""
    if isinstance(schema, list):
        return [_with_sorted_names(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: sorted(each) if name == "required" else _with_sorted_names(each) for name, each in schema.items()}


def _is_sheet(value: Any) -> bool:
    return isinstance(value, dict) and "headings" in value


def _by_party(rows: list[Any]) -> list[Any]:
    """Return the rows of a table; those with the same values before an id are sorted by content."""
    groups = groupby(rows, key=lambda row: list(takewhile(lambda value: not _is_name(value), row.values())))
    return [each for before, group in groups for each in _group(before, list(group))]


def _group(before: list[Any], rows: list[Any]) -> list[Any]:
    return in_own_order(rows) if all(len(before) < len(row) for row in rows) else rows


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("<") and not value.startswith(("<today", "<instant"))


def _in_order_by(rows: list[Any], column: str) -> list[Any]:
    """Return the rows in their order; rows of one day sorted by content."""
    days = groupby(rows, key=lambda row: row.get(column))
    return [each for _, of_day in days for each in in_own_order(list(of_day))]


def in_own_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def count_values(recording: Recording) -> int:
    return sum(1 for _ in leaves(recording))


def differences(base: Any, now: Any, path: Path = ()) -> Iterator[Difference]:
    """Return the places where two JSON documents differ."""
    if isinstance(base, dict) and isinstance(now, dict):
        for name in [*base, *(each for each in now if each not in base)]:
            yield from differences(base.get(name, MISSING), now.get(name, MISSING), (*path, name))
    elif isinstance(base, list) and isinstance(now, list):
        yield from _differences_of_lists(base, now, path)
    elif base != now or isinstance(base, bool) != isinstance(now, bool):
        yield Difference(path, base, now)


def _differences_of_lists(base: list[Any], now: list[Any], path: Path) -> Iterator[Difference]:
    """Compare the elements that only one of them has, in pairs; or else the order of those that both have."""
    if base == now:
        return
    only_base, only_now = _only_first(base, now), _only_first(now, base)
    if not only_base and not only_now:
        yield Difference((*path, ORDER), base, now)
    for kind in dict.fromkeys(map(_kind, [*only_base, *only_now])):
        left, right = ([each for each in side if _kind(each) == kind] for side in (only_base, only_now))
        for one, other in zip_longest(left, right, fillvalue=MISSING):
            yield from differences(one, other, (*path, _label(one if one != MISSING else other)))


def _only_first(first: list[Any], second: list[Any]) -> list[Any]:
    """Return the elements of the first that the second does not have, or has less often."""
    left = Counter(map(_text, second))
    found = []
    for each in first:
        text = _text(each)
        left[text] -= 1
        if left[text] < 0:
            found.append(each)
    return found


def _kind(element: Any) -> str:
    """Return the type of an event: only events of one type are compared. Other elements are all of one kind."""
    return str(element.get("type", "")) if isinstance(element, dict) else ""


def _label(element: Any) -> str:
    """Return what identifies an element: its type if it is an event, its id, or nothing."""
    if isinstance(element, dict):
        return str(element.get("type") or element.get("id") or "*")
    return "*"
