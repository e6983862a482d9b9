"""What is owed to suppliers, by how long it is overdue."""

from datetime import date

from services.erp.domain.account import PAYABLES
from services.erp.domain.journal_entry import JournalEntry
from services.erp.domain.supplier_invoice import SupplierInvoice
from services.erp.reports.open_days import ByOpenDay
from services.erp.reports.open_items import begin, by_hand, money_in, owe, owe_by_hand
from shared.report import Rows, on


class OpenBills(ByOpenDay):
    """Each bill with what was paid of it and when; nothing is owed before it matched or was released.

    What a person books on a supplier by hand is an item too, due at once, until it is taken back.
    """

    history = True
    columns = {"settled_on": date}

    @on(SupplierInvoice.Recorded)
    def recorded(self, recorded: SupplierInvoice.Recorded, rows: Rows) -> None:
        known = {"billed_on": recorded.billed_on, "total": recorded.total}
        begin(rows, recorded.originator_id, recorded.supplier_id, recorded.due_on, **known)

    @on(SupplierInvoice.Matched, SupplierInvoice.Released)
    def accepted(self, accepted: SupplierInvoice.Matched | SupplierInvoice.Released, rows: Rows) -> None:
        bill = rows[accepted.originator_id]
        owe(rows, accepted.originator_id, date.fromisoformat(bill["billed_on"]), money_in(bill["total"]))

    @on(SupplierInvoice.PaymentApplied)
    def settled(self, settled: SupplierInvoice.PaymentApplied, rows: Rows) -> None:
        owe(rows, settled.originator_id, settled.paid_on, -settled.amount)

    @on(SupplierInvoice.PaymentReversed)
    def reopened(self, reopened: SupplierInvoice.PaymentReversed, rows: Rows) -> None:
        owe(rows, reopened.originator_id, reopened.paid_on, reopened.amount)

    @on(JournalEntry.Posted)
    def written(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for party, by in by_hand(posted, PAYABLES):
            owe_by_hand(rows, posted, party, -by)
