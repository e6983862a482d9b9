"""Manual journal entries and opening balances."""

from typing import Any
from uuid import UUID

from services.erp.ledger.commands import Ledger
from services.erp.ledger.projections.journal_entries import JournalEntries
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields, resource_reply

ledger = commands_getter(Ledger)
journal_entries = Resource("journal-entries", JournalEntries)
opening_balances = Resource("opening-balances")


class ManualEntryLine(Schema):
    """One line of a manual journal entry in a request: an account with a debit or a credit."""

    account = fields.Text(required=True, max=20)
    party = fields.Id(allow_none=True)
    debit = fields.Money(allow_none=True)
    credit = fields.Money(allow_none=True)


class PostManualEntry(Schema):
    """Request to post a journal entry by hand."""

    posted_on = fields.EffectiveOn(required=True)
    text = fields.Text(required=True, max=500)
    lines = fields.List(fields.Nested(ManualEntryLine), required=True)


class OpeningBalanceLine(Schema):
    """The opening balance of one account, or of one party on it, in a request."""

    account = fields.Text(required=True, max=20)
    party = fields.Id(allow_none=True)
    amount = fields.Money(required=True, negative=True)


class PostOpeningBalances(Schema):
    """Request to post the opening balances of accounts."""

    posted_on = fields.EffectiveOn(required=True)
    text = fields.Text(max=500, allow_none=True)
    lines = fields.List(fields.Nested(OpeningBalanceLine), required=True, min=1)


class ReverseEntry(Schema):
    """Request to reverse a journal entry, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@journal_entries.post("")
@accepts(PostManualEntry)
def post_manual_entry(body: dict[str, Any]) -> Reply:
    """Post a manual entry. 201 with the entry; 409 in a closed period, 422 unless debits equal credits."""
    return created_reply(JournalEntries, ledger().post_manual_entry(**body))


@journal_entries.post("/<uuid:entry_id>/reverse")
@accepts(ReverseEntry)
def reverse_entry(entry_id: UUID, body: dict[str, Any]) -> Reply:
    """Reverse a manual entry. 200 with the reversal; 409 for the entry of a document or if already reversed."""
    return resource_reply(JournalEntries, ledger().reverse_entry(entry_id, body["reason"]))


@opening_balances.post("")
@accepts(PostOpeningBalances)
def post_opening_balances(body: dict[str, Any]) -> Reply:
    """Post opening balances against account 3000, each amount positive on the normal side of its account."""
    return created_reply(JournalEntries, ledger().post_opening_balances(**body))
