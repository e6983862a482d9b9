"""Compare two recordings: every value at every place."""

import json
import re
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

IDENTIFYING = (
    "id", "number", "code", "sku", "warehouse", "account", "party", "customer_id", "supplier_id", "document", "entry",
    "line", "from", "date", "starts_on", "kind", "pointer",
)  # fmt: skip
"""The members that distinguish the rows of a list."""

VARIABLE = re.compile(r"\{\w+\}")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A place where two recordings differ."""

    path: Path
    base: Any
    now: Any


def comparable(recording: Recording) -> Recording:
    """Return the recording with names for what is random, with rows sorted where random ids order them, and without
    the names of variables in paths."""
    found: Recording = named(recording, Names(recording))
    for of_paths in (found.get("refusals"), found.get("openapi", {}).get("paths")):
        _leave_out_variables(of_paths or {})
    del found["today"]
    found["events"] = {log: in_own_order(events) for log, events in found["events"].items()}
    found |= {name: _with_sorted_names(found[name]) for name in ("asyncapi",) if name in found}
    for answer in found["answers"].values():
        answer["body"] = _without_random_order(answer["body"])
    return found


def _leave_out_variables(by_path: dict[str, Any]) -> None:
    for path in list(by_path):
        by_path[VARIABLE.sub("{}", path)] = by_path.pop(path)


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
    """Return the rows sorted by what identifies them, then by content."""
    members = identifying(rows)
    return sorted(rows, key=lambda row: (_key(row, members), _text(row)))


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
    """Compare the elements in pairs, and the order of those that both have."""
    if base == now:
        return
    members = identifying(base, now)
    left, right = ([_key(each, members) for each in side] for side in (base, now))
    if _common(left, right) != _common(right, left):
        yield Difference((*path, ORDER), _common(left, right), _common(right, left))
    for one, other in _pairs(_only_first(base, now), _only_first(now, base), members):
        yield from differences(one, other, (*path, _label(one if one != MISSING else other)))


def identifying(*lists: list[Any]) -> list[str]:
    """Return the members that distinguish the rows of lists: those that every row has, its id before all others."""
    rows = [each for rows in lists for each in rows]
    if not rows or not all(isinstance(each, dict) for each in rows):
        return []
    names = [name for name in IDENTIFYING if all(name in row and not isinstance(row[name], list) for row in rows)]
    return names[:1] if names[:1] == ["id"] else names


def _key(element: Any, members: list[str]) -> str:
    return _text([element[name] for name in members] if members else element)


def _common(first: list[str], second: list[str]) -> list[str]:
    """Return the elements of the first that the second has too, as often as both have them."""
    left = Counter(first) & Counter(second)
    return [each for each in first if _taken(left, each)]


def _taken(left: Counter[str], element: str) -> bool:
    left[element] -= 1
    return left[element] >= 0


def _pairs(base: list[Any], now: list[Any], members: list[str]) -> Iterator[tuple[Any, Any]]:
    """Return the rows of both with the same identity, or the most alike; a row that only one side has with MISSING."""
    left, right = (_by_key(rows, members) for rows in (base, now))
    for key in dict.fromkeys([*left, *right]):
        yield from _most_alike(left.get(key, []), right.get(key, []))


def _most_alike(base: list[Any], now: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Return the pairs of elements that have the most values in common; what is no object in order."""
    rest = list(now)
    if len(base) + len(now) > 2 and all(isinstance(each, dict) for each in (*base, *now)):
        for each in base[: len(now)]:
            values = Counter(map(_text, leaves(each)))
            rest.sort(key=lambda other: -(values & Counter(map(_text, leaves(other)))).total())
            yield each, rest.pop(0)
        base = base[len(now) :]
    yield from zip_longest(base, rest, fillvalue=MISSING)


def _by_key(rows: list[Any], members: list[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(_key(row, members) if members else "", []).append(row)
    return found


def _only_first(first: list[Any], second: list[Any]) -> list[Any]:
    """Return the elements of the first that the second does not have, or has less often."""
    left = Counter(map(_text, second))
    return [each for each in first if not _taken(left, _text(each))]


def _label(element: Any) -> str:
    """Return what identifies an element: its type if it is an event, its id, or nothing."""
    if isinstance(element, dict):
        return str(element.get("type") or element.get("id") or "*")
    return "*"
