"""Manual journal entries and opening balances: routes on the resources of the ledger."""

from uuid import UUID

from services.erp.ledger.api.journal_entries import journal_entries, opening_balances
from services.erp.ledger.projections.journal_entries import JournalEntries
from services.erp.settlement.commands.manual_entries import (
    ManualEntryCommands,
    PostManualEntry,
    PostOpeningBalances,
    ReverseEntry,
)
from shared.web import Reply, accepts, commands_getter, created_reply, resource_reply

settlement = commands_getter(ManualEntryCommands)


@journal_entries.post("")
@accepts(PostManualEntry)
def post_manual_entry(body: PostManualEntry) -> Reply:
    """Post a manual entry. 201 with the entry; 409 in a closed period, 422 unless debits equal credits.

    Each line on receivables or payables is an open item of its customer or supplier.
    """
    return created_reply(JournalEntries, settlement().post_manual_entry(body))


@journal_entries.post("/<uuid:entry_id>/reverse", danger=True)
@accepts(ReverseEntry)
def reverse_entry(entry_id: UUID, body: ReverseEntry) -> Reply:
    """Reverse a manual entry. 200 with the reversal; 409 for the entry of a document or if already reversed.

    Opening balances: 200 with their entry and the request, until another person requests the same; 403 for the same.
    409 also while one of its open items is settled, in part or in whole.
    """
    return resource_reply(JournalEntries, settlement().reverse_entry(entry_id, body.reason))


@opening_balances.post("", answers=JournalEntries)
@accepts(PostOpeningBalances)
def post_opening_balances(body: PostOpeningBalances) -> Reply:
    """Post balances against the account of opening balances, each amount positive on the normal side of its account.

    Each line on receivables or payables is an open item: an invoice of former books, with its number and due date.
    """
    return created_reply(JournalEntries, settlement().post_opening_balances(body))
