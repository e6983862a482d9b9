"""Manual journal entries and opening balances."""

from uuid import UUID

from services.erp.ledger.commands import Ledger, PostManualEntry, PostOpeningBalances, ReverseEntry
from services.erp.ledger.projections.journal_entries import JournalEntries
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply

ledger = commands_getter(Ledger)
journal_entries = Resource("journal-entries", JournalEntries)
opening_balances = Resource("opening-balances")


@journal_entries.post("")
@accepts(PostManualEntry)
def post_manual_entry(body: PostManualEntry) -> Reply:
    """Post a manual entry. 201 with the entry; 409 in a closed period, 422 unless debits equal credits."""
    return created_reply(JournalEntries, ledger().post_manual_entry(body))


@journal_entries.post("/<uuid:entry_id>/reverse")
@accepts(ReverseEntry)
def reverse_entry(entry_id: UUID, body: ReverseEntry) -> Reply:
    """Reverse a manual entry. 200 with the reversal; 409 for the entry of a document or if already reversed."""
    return resource_reply(JournalEntries, ledger().reverse_entry(entry_id, body.reason))


@opening_balances.post("")
@accepts(PostOpeningBalances)
def post_opening_balances(body: PostOpeningBalances) -> Reply:
    """Post balances against the account of opening balances, each amount positive on the normal side of its account."""
    return created_reply(JournalEntries, ledger().post_opening_balances(body))
