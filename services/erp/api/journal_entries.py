"""Entries that a person writes, and takes back."""

from typing import Any
from uuid import UUID

from services.erp.api import service
from services.erp.reports.journal_entries import JournalEntries
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown

entries = Resource("journal-entries", JournalEntries)
openings = Resource("opening-balances")


class Line(Schema):
    account = fields.Text(required=True, max=20)
    party = fields.Id(allow_none=True)
    debit = fields.Money(allow_none=True)
    credit = fields.Money(allow_none=True)


class WriteEntry(Schema):
    posted_on = fields.EffectiveOn(required=True)
    text = fields.Text(required=True, max=500)
    lines = fields.List(fields.Nested(Line), required=True)


class OpeningLine(Schema):
    account = fields.Text(required=True, max=20)
    party = fields.Id(allow_none=True)
    amount = fields.Money(required=True, negative=True)


class OpenBalances(Schema):
    posted_on = fields.EffectiveOn(required=True)
    text = fields.Text(max=500, allow_none=True)
    lines = fields.List(fields.Nested(OpeningLine), required=True, min=1)


class ReverseEntry(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


@entries.post("")
@accepts(WriteEntry)
def write(body: dict[str, Any]) -> Reply:
    """Book what no document tells. 201 with the entry; 409 in a closed period, 422 unless debit equals credit."""
    return created(JournalEntries, service().write_entry(**body))


@entries.post("/<uuid:entry_id>/reverse")
@accepts(ReverseEntry)
def reverse(entry_id: UUID, body: dict[str, Any]) -> Reply:
    """Take an entry back that a person wrote, once. 200 with the reversal; 409 the second time."""
    return shown(JournalEntries, service().reverse_entry(entry_id, body["reason"]))


@openings.post("")
@accepts(OpenBalances)
def begin(body: dict[str, Any]) -> Reply:
    """What stood on each account when the books began, each amount on the side of its account; against 3000."""
    return created(JournalEntries, service().open_balances(**body))
