"""Journal: every posting."""

from datetime import date
from uuid import UUID

from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry
from shared.fields import FixedText
from shared.money import Money
from shared.projections import Projection, Rows, on
from shared.projections.column_types import NaturalText


class Journal(Projection):
    """Every posting, and the event that caused it."""

    version = 4
    has_history = True
    columns = {
        "entity": FixedText, "date": date, "account": FixedText, "party": UUID | None, "entry": UUID, "document": UUID,
        "document_number": NaturalText | None,
    }  # fmt: skip
    indexes = (("date",), ("account",), ("party",), ("entry",), ("document",))
    extra_fields = {
        "debit": Money, "credit": Money, "kind": EntryKind, "dated": date, "text": str | None,
        "source": {"service": str, "event": str},
    }  # fmt: skip

    @on(JournalEntry.Posted)
    def posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        cause = posted.meta.causation_id
        for index, each in enumerate(posted.postings):
            rows[f"{posted.position:015}-{index}"] = {
                "entity": posted.entity,
                "entry": posted.originator_id,
                "account": each.account,
                "party": each.party,
                "debit": each.debit,
                "credit": each.credit,
                "date": posted.posted_on,
                "dated": posted.dated_on or posted.posted_on,
                "kind": posted.kind,
                "document": posted.document_id,
                "document_number": posted.document_number,
                "text": posted.text,
                "source": {
                    "service": "erp" if cause.startswith("command:") else cause.partition(":")[0],
                    "event": cause,
                },
            }
