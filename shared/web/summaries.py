"""Sums and counts of a list: `count=true`, `sum=total`, and in groups `group_by=status`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.projections import RowReader
from shared.projections.row_query import Filters
from shared.projections.row_summary import groupable_names, summable_names
from shared.web.problems import invalid_value, unknown_name_detail

MAX_COUNT = 10_000
MAX_GROUPS = 1_000
PARAMETERS = ("count", "sum", "group_by")


@dataclass
class SummaryQuery:
    """What a list is asked to count and sum, and by which columns in groups."""

    count: bool = False
    sums: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()

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


def groups_of(reader: RowReader, asked: SummaryQuery, where: Filters, q: str | None) -> list[dict[str, Any]]:
    """Return the groups of the matching rows. Raises ProblemError 422 if there are too many."""
    found = reader.summarize(asked.group_by, asked.sums, where, q, limit=MAX_GROUPS + 1)
    if len(found) > MAX_GROUPS:
        detail = f"more than {MAX_GROUPS} groups match; group by other columns or use a filter"
        raise invalid_value("/group_by", "too_many", detail)
    return found


def page_summary(reader: RowReader, asked: SummaryQuery, where: Filters, q: str | None) -> dict[str, Any]:
    """Return the members that a page has in addition: `count` (and `count_more` above 10,000) and `sums`."""
    summary: dict[str, Any] = {}
    if asked.count:
        count = reader.count(where, q, up_to=MAX_COUNT + 1)
        summary |= {"count": min(count, MAX_COUNT), "count_more": count > MAX_COUNT}
    if asked.sums:
        (whole,) = reader.summarize((), asked.sums, where, q)
        summary["sums"] = whole["sums"]
    return summary
