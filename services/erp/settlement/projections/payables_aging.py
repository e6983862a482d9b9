"""Payables by days overdue."""

from datetime import date

from services.erp.ledger.projections.items_by_due_date import add_amount, add_open_item, parse_money
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.settlement.domain.open_item import OpenItemSide
from services.erp.settlement.projections.items_of_side import ItemsOfSide
from shared.projections import Rows, on


class OpenPayables(ItemsOfSide):
    """Open amounts of suppliers: supplier invoices, owed once they are first accepted, and open items."""

    version = 1
    side = OpenItemSide.PAYABLE

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

    @on(SupplierInvoice.Settled)
    def settled(self, settled: SupplierInvoice.Settled, rows: Rows) -> None:
        add_amount(rows, settled.originator_id, settled.settled_on, -settled.amount)

    @on(SupplierInvoice.Reopened)
    def reopened(self, reopened: SupplierInvoice.Reopened, rows: Rows) -> None:
        add_amount(rows, reopened.originator_id, reopened.reopened_on, reopened.amount)

    @on(SupplierInvoice.WrittenOff)
    def written_off(self, written_off: SupplierInvoice.WrittenOff, rows: Rows) -> None:
        add_amount(rows, written_off.originator_id, written_off.written_off_on, -written_off.amount)

    @on(SupplierInvoice.WriteOffsReversed)
    def write_offs_reversed(self, reversed_: SupplierInvoice.WriteOffsReversed, rows: Rows) -> None:
        add_amount(rows, reversed_.originator_id, reversed_.reversed_on, reversed_.amount)
