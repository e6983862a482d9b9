"""Payables by days overdue."""

from datetime import date

from services.erp.entities.domain.chart_of_accounts import AccountRole
from services.erp.ledger.domain.journal_entry import JournalEntry
from services.erp.ledger.projections.open_items import (
    OpenItems,
    add_amount,
    add_manual_item,
    add_open_item,
    manual_amounts_by_party,
    parse_money,
)
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from shared.projections import Rows, on


class OpenSupplierInvoices(OpenItems):
    """Supplier invoices with their payments and write-offs; nothing is owed before an invoice is first accepted.

    A manual entry on a supplier is an item too, due at once, until it is reversed.
    """

    version = 4

    @on(SupplierInvoice.Recorded)
    def recorded(self, recorded: SupplierInvoice.Recorded, rows: Rows) -> None:
        known = {"billed_on": recorded.billed_on, "total": recorded.total}
        add_open_item(rows, recorded.originator_id, recorded.supplier_id, recorded.due_on, **known)

    @on(SupplierInvoice.Matched, SupplierInvoice.Released)
    def accepted(self, accepted: SupplierInvoice.Matched | SupplierInvoice.Released, rows: Rows) -> None:
        if not accepted.lines:
            return  # owed since it was matched, before it was blocked and released
        row = rows[accepted.originator_id]
        add_amount(rows, accepted.originator_id, date.fromisoformat(row["billed_on"]), parse_money(row["total"]))

    @on(SupplierInvoice.PaymentApplied)
    def settled(self, settled: SupplierInvoice.PaymentApplied, rows: Rows) -> None:
        add_amount(rows, settled.originator_id, settled.paid_on, -settled.amount)

    @on(SupplierInvoice.PaymentReversed)
    def reopened(self, reopened: SupplierInvoice.PaymentReversed, rows: Rows) -> None:
        add_amount(rows, reopened.originator_id, reopened.paid_on, reopened.amount)

    @on(SupplierInvoice.WrittenOff)
    def written_off(self, written_off: SupplierInvoice.WrittenOff, rows: Rows) -> None:
        add_amount(rows, written_off.originator_id, written_off.written_off_on, -written_off.amount)

    @on(SupplierInvoice.WriteOffsReversed)
    def write_offs_reversed(self, reversed_: SupplierInvoice.WriteOffsReversed, rows: Rows) -> None:
        add_amount(rows, reversed_.originator_id, reversed_.reversed_on, reversed_.amount)

    @on(JournalEntry.Posted)
    def entry_posted(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for party, by in manual_amounts_by_party(posted, AccountRole.PAYABLES):
            add_manual_item(rows, posted, party, -by)
