"""One journal entry."""

from datetime import date
from typing import Any
from uuid import UUID

from services.erp.domain.journal_entry import JournalEntry
from shared.money import Money
from shared.report import Collection


class JournalEntries(Collection):
    """An entry with all its lines. Shown one at a time; lists are those of the journal."""

    of = JournalEntry
    shows = {
        "kind": str, "document": str, "posted_on": date, "dated": date, "text": str, "reverses": UUID,
        "lines": [{"account": str, "debit": Money, "credit": Money, "party": UUID}],
    }  # fmt: skip

    @staticmethod
    def row(entry: JournalEntry) -> dict[str, Any]:
        return {
            "kind": entry.kind,
            "document": entry.document,
            "posted_on": entry.posted_on,
            "dated": entry.dated,
            "text": entry.text,
            "reverses": entry.reverses,
            "lines": entry.postings,
        }
