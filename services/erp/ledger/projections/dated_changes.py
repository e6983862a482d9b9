"""Dated changes: rows that SQL adds up as of any day, of items that are settled once their changes cancel out."""

from datetime import date
from typing import Any

from services.erp.ledger.projections.posting_days import posting_day_for
from shared.domain import MAIN_ENTITY
from shared.projections import Rows
from shared.projections.row_query import Filters


def add_item(rows: Rows, key: object, settled_on: date, *, entity: str = MAIN_ENTITY, **known: Any) -> None:
    """Add the row of an item without changes; the rows of its changes have its key and their number as their keys.

    Documents belong to the entity `main`; journal entries name theirs.
    """
    rows[key] = {**known, "entity": entity, "changes": 0, "last_on": None, "settled_on": settled_on}


def add_change(rows: Rows, key: object, on: date, change: dict[str, Any], **totals: Any) -> None:
    """Add a change of an item from its posting day on, and set the item's totals after it.

    An item is settled when no total is left, since its last day: then all its rows are, otherwise none of them.
    """
    item = rows[key]
    day = posting_day_for(on, rows, item["entity"]).isoformat()
    last_on = max(item["last_on"] or day, day)
    settled_on = None if any(totals.values()) else last_on
    if settled_on != item["settled_on"]:
        _set_settled_on(rows, key, item["changes"], settled_on)
    rows[f"{key}/{item['changes']}"] = {**change, "entity": item["entity"], "posted_on": day, "settled_on": settled_on}
    rows[key] = {**item, **totals, "changes": item["changes"] + 1, "last_on": last_on, "settled_on": settled_on}


def _set_settled_on(rows: Rows, key: object, changes: int, settled_on: str | None) -> None:
    for number in range(changes):
        change = f"{key}/{number}"
        rows[change] = {**rows[change], "settled_on": settled_on}


def changes_of_open_items(as_of: date | None, entity: str = MAIN_ENTITY) -> Filters:
    """Return the filter of the changes until the end of a day (none = all) of items that were not settled then."""
    is_open: list[tuple[str, Any]] = [("eq", None)]
    whose = {"entity": entity, "currency": [("gt", None)]}
    if as_of is None:
        return {"settled_on": is_open, "posted_on": [("gt", None)], **whose}
    return {"settled_on": [("any", [is_open, [("gt", as_of)]])], "posted_on": [("lte", as_of)], **whose}
