"""Open items of customers and suppliers."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.settlement.domain.open_item import OpenItem, OpenItemSide, Status
from shared.money import Money
from shared.projections import ResourceProjection


class OpenItems(ResourceProjection):
    """What people booked on customers and suppliers: amounts that are owed, and credit with a negative amount."""

    aggregate_class = OpenItem
    search = ("document_number",)
    columns = {
        "side": OpenItemSide,
        "status": Status,
        "party_id": UUID,
        "document_number": str | None,
        "document_on": date | None,
        "dated_on": date,
        "due_on": date,
        "amount": Money,
        "open": Money,
        "written_off": Money,
        "entry": UUID,
        "line": int,
    }
    extra_fields = {"entity": str, "text": str | None, "allocations": [{"document_id": UUID, "amount": Money}]}

    @staticmethod
    def to_row(item: OpenItem) -> dict[str, Any]:
        return {
            "side": item.side,
            "status": item.status,
            "party_id": item.party_id,
            "document_number": item.document_number,
            "document_on": item.document_on,
            "dated_on": item.opened_on,
            "due_on": item.due_on,
            "amount": item.amount,
            "open": item.open,
            "written_off": item.written_off,
            "entry": item.entry_id,
            "line": item.line,
            "entity": item.entity,
            "text": item.text,
            "allocations": [{"document_id": each.document_id, "amount": each.amount} for each in item.allocations],
        }

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Only credit is allocated, only what is owed is written off."""
        if Decimal(row["amount"]["amount"]) < 0:
            return ("write_off", "reverse_write_off")
        is_written_off = Decimal(row["written_off"]["amount"])
        return ("allocate", "deallocate", *(() if is_written_off else ("reverse_write_off",)))
