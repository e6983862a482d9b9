"""Sums and counts of a list: `count=true`, `sum=total`, and in groups `group_by=status&sort=-total`."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.money import plain_number
from shared.projections import RowReader
from shared.projections.group_page import COUNT, GroupPage
from shared.projections.row_query import Cursor, Filters, Order
from shared.projections.row_summary import groupable_names, summable_names
from shared.web.problems import invalid_value, unknown_name_detail

MAX_COUNT = 10_000
PARAMETERS = ("count", "sum", "group_by")

PageAndPlace = tuple[list[dict[str, Any]], Cursor]
"""The rows or groups of a page, and the place of the last one if others follow."""


@dataclass
class SummaryQuery:
    """What a list is asked to count and sum, and by which columns in groups."""

    count: bool = False
    sums: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()

    @property
    def sort_columns(self) -> list[str]:
        """Return the names by which the groups can be sorted."""
        return list(dict.fromkeys([*self.group_by, COUNT, *self.sums]))

    def set_parameter(self, name: str, value: str, column_types: Mapping[str, type]) -> None:
        """Take a parameter. Raises ProblemError 422 for a column that cannot be summed or grouped by."""
        if name == "count":
            self.count = _flag(name, value)
        elif name == "sum":
            self.sums = _names(name, value, summable_names(column_types))
        else:
            self.group_by = _names(name, value, groupable_names(column_types))


def _flag(parameter: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise invalid_value(f"/{parameter}", "not_one_of", "must be true or false")
    return value == "true"


def _names(parameter: str, value: str, allowed: list[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(value.split(",")))
    for name in names:
        if name not in allowed:
            raise invalid_value(f"/{parameter}", "unknown_field", unknown_name_detail("column", name, allowed))
    return names


def groups_page(
    reader: RowReader, asked: SummaryQuery, sort: Order, where: Filters, q: str | None, after: Cursor, limit: int
) -> PageAndPlace:
    """Return a page of the groups of the matching rows, and the place of its last one if there are more."""
    groups = GroupPage(reader.projection, asked.group_by, asked.sums, sort)
    found = reader.list_groups(groups, where=where, after=after, limit=limit + 1, q=q)
    place = found[limit - 1][1] if len(found) > limit else None
    return [{**group, "sums": _shown(group["sums"])} for group, _ in found[:limit]], place


def page_summary(reader: RowReader, asked: SummaryQuery, where: Filters, q: str | None) -> dict[str, Any]:
    """Return the members that a page has in addition: `count` (and `count_more` above 10,000) and `sums`."""
    summary: dict[str, Any] = {}
    if asked.count:
        count = reader.count(where, q, up_to=MAX_COUNT + 1)
        summary |= {"count": min(count, MAX_COUNT), "count_more": count > MAX_COUNT}
    if asked.sums:
        (whole,) = reader.summarize((), asked.sums, where, q)
        summary["sums"] = _shown(whole["sums"])
    return summary


def _shown(sums: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sums in the spelling of rows: quantities as plain numbers."""
    return {name: plain_number(each) if isinstance(each, Decimal) else each for name, each in sums.items()}
