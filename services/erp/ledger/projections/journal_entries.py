"""Journal entries."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.erp.ledger.domain.journal_entry import MANUAL_KINDS, EntryKind, JournalEntry, Posting
from shared.fields import FixedText, OrNone
from shared.money import Money
from shared.projections import ResourceProjection


class JournalEntries(ResourceProjection):
    """Journal entries, each with all its lines; available as single records, as the journal lists postings."""

    aggregate_class = JournalEntry
    version = 3
    extra_fields = {
        "entity": FixedText, "kind": EntryKind, "document": UUID, "document_number": str | None, "posted_on": date,
        "dated": date, "text": str | None, "reverses": UUID | None,
        "reversal_request": OrNone({"reason": str, "requested_by": str}),
        "lines": [{"account": str, "debit": Money, "credit": Money, "party": UUID | None}],
    }  # fmt: skip

    @staticmethod
    def to_row(entry: JournalEntry) -> dict[str, Any]:
        return {
            "entity": entry.entity,
            "kind": entry.kind,
            "document": entry.document,
            "document_number": entry.document_number,
            "posted_on": entry.posted_on,
            "dated": entry.dated,
            "text": entry.text,
            "reverses": entry.reverses,
            "reversal_request": entry.reversal_request,
            "lines": [_line(each) for each in entry.postings],
        }

    @classmethod
    def excluded_commands(cls, row: Mapping[str, Any]) -> tuple[str, ...]:
        """The entry of a document is reversed with it; a reversal cannot be reversed."""
        return () if row["kind"] in MANUAL_KINDS else ("reverse",)


def _line(posting: Posting) -> dict[str, Any]:
    return {
        "account": posting.account,
        "debit": posting.debit,
        "credit": posting.credit,
        "party": posting.party,
    }
