"""Rules for valid queries that JSON Schema cannot express: ranges in order, groups sorted by their own columns."""

from collections.abc import Callable
from typing import Any

from shared.web.lists import OF_PAGES

Query = dict[str, Any]


def with_ends_in_order(fields: Query, first: str, last: str, key: Callable[[Any], Any] = str) -> Query:
    """Return the fields with the two ends of a range in order, if both are given: one that ends early is refused."""
    ends = sorted((fields[name] for name in (first, last) if fields.get(name)), key=key)
    return fields | (dict(zip((first, last), ends, strict=True)) if len(ends) == 2 else {})


def with_order_of_groups(query: Query) -> Query:
    """Return the query of a list with an order that its groups or else its rows have; groups have no commands."""
    grouped, left = query.get("group_by"), {**query}
    if grouped:
        left.pop("show", None)
    if "sort" in query:
        names = [*_names(grouped), *_names(query.get("sum")), "count"]
        by_column = {each.removeprefix("-"): each for each in _names(query["sort"])}
        order = [each for column, each in by_column.items() if _sorts(column, names if grouped else None)]
        left = {**left, "sort": ",".join(order)} if order else {name: left[name] for name in left if name != "sort"}
    return left


def without_pages_of_sheets(query: Query) -> Query:
    """Return the query without parameters of pages, if it asks for a sheet, which has all rows."""
    return {name: value for name, value in query.items() if name not in OF_PAGES} if "format" in query else query


def _names(value: Any) -> list[str]:
    """Return the names in a parameter, as a list or separated by commas."""
    return value.split(",") if isinstance(value, str) else list(value or ())


def _sorts(name: str, of_groups: list[str] | None) -> bool:
    return name != "count" and "." not in name if of_groups is None else name in of_groups
