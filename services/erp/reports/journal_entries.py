"""One journal entry."""

from typing import Any

from services.erp.domain.journal_entry import JournalEntry
from shared.report import Collection


class JournalEntries(Collection):
    """An entry with all its lines. Shown one at a time; lists are those of the journal."""

    of = JournalEntry

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
