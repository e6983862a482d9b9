"""What is owed to suppliers, by how long it is overdue."""

from datetime import date

from services.erp.domain.account import PAYABLES
from services.erp.domain.bill import Bill
from services.erp.domain.journal_entry import JournalEntry
from services.erp.reports.open_days import ByOpenDay
from services.erp.reports.open_items import begin, by_hand, money_in, owe, owe_by_hand
from shared.report import Rows, on


class OpenBills(ByOpenDay):
    """Each bill with what was paid of it and when; nothing is owed before it matched or was released.

    What a person books on a supplier by hand is an item too, due at once, until it is taken back.
    """

    history = True
    columns = {"settled_on": date}

    @on(Bill.Recorded)
    def recorded(self, recorded: Bill.Recorded, rows: Rows) -> None:
        known = {"billed_on": recorded.billed_on, "total": recorded.total}
        begin(rows, recorded.originator_id, recorded.supplier_id, recorded.due_on, **known)

    @on(Bill.Matched, Bill.Released)
    def accepted(self, accepted: Bill.Matched | Bill.Released, rows: Rows) -> None:
        bill = rows[accepted.originator_id]
        owe(rows, accepted.originator_id, date.fromisoformat(bill["billed_on"]), money_in(bill["total"]))

    @on(Bill.Settled)
    def settled(self, settled: Bill.Settled, rows: Rows) -> None:
        owe(rows, settled.originator_id, settled.paid_on, -settled.amount)

    @on(Bill.Reopened)
    def reopened(self, reopened: Bill.Reopened, rows: Rows) -> None:
        owe(rows, reopened.originator_id, reopened.paid_on, reopened.amount)

    @on(JournalEntry.Posted)
    def written(self, posted: JournalEntry.Posted, rows: Rows) -> None:
        for party, by in by_hand(posted, PAYABLES):
            owe_by_hand(rows, posted, party, -by)
