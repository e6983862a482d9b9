"""The firm as its READMEs describe it: what people may do, and what follows from it for goods and credit."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.histories.oracle.amounts import ZERO, net
from tests.histories.oracle.buying import Bill, BillLine, Parts, Purchase
from tests.histories.oracle.goods import Goods, Refused, require
from tests.histories.oracle.selling import Line, Order
from tests.histories.oracle.settling import Credit, Document
from tests.histories.oracle.stock import Movement, Place

WRITE_OFF_LIMIT = Decimal("5.00")

__all__ = ["Entry", "Firm", "Party", "Refused"]


@dataclass
class Party:
    """A customer or a supplier."""

    id: str
    name: str
    terms_days: int
    is_customer: bool
    limit: Decimal | None = None


@dataclass
class Entry:
    """A manual entry or opening balances: signed amounts by account, and the items of its lines on parties."""

    id: str
    day: date
    amounts: list[tuple[str, Decimal]]
    items: list[Document | Credit]
    reversed_on: date | None = None


class Firm(Goods):
    """Customers, suppliers, orders, documents and payments; the books follow from them."""

    def __init__(self) -> None:
        super().__init__()
        self.parties: dict[str, Party] = {}
        self.held: list[Order] = []
        self.documents: dict[str, Document] = {}
        self.bills: dict[str, tuple[Purchase, Bill]] = {}
        self.credits: dict[str, Credit] = {}
        self.entries: dict[str, Entry] = {}
        self.write_offs: list[tuple[date, Document, Decimal]] = []
        self.sales: list[tuple[date, Decimal, Decimal]] = []
        """Day, goods and freight of each invoice."""

    # -- credit

    def exposure(self, customer: str) -> Decimal:
        """Return approved orders, invoices and items, less what was paid and written off."""
        orders = sum((each.exposure for each in self.orders.values() if each.customer == customer), ZERO)
        mine = [each for each in self.documents.values() if each.party == customer and each.reversed_on is None]
        items = sum((each.amount for each in mine if each.is_item), ZERO) - sum(
            (each.written_off for each in mine), ZERO
        )
        paid = (each for each in self.credits.values() if each.party == customer and each.reversed_on is None)
        return orders + items - sum((each.amount for each in paid), ZERO)

    def credit_status(self, customer: str) -> str:
        limit = self.parties[customer].limit
        if any(each.customer == customer for each in self.held):
            return "held"
        return "over_limit" if limit is not None and self.exposure(customer) > limit else "ok"

    def _fits(self, order: Order) -> bool:
        limit = self.parties[order.customer].limit
        return limit is None or self.exposure(order.customer) + order.ordered_total <= limit

    def approve_held(self, customer: str) -> None:
        """Approve the held orders that fit now, oldest first, and then start them."""
        approved = []
        for order in [each for each in self.held if each.customer == customer]:
            if self._fits(order):
                self._approve(order)
                approved.append(order)
        for order in approved:
            self._start(order)

    def _approve(self, order: Order) -> None:
        self.held.remove(order)
        order.is_held = False

    def release_order(self, order: Order) -> None:
        require(order.is_held, "it is not held")
        self._approve(order)
        self._start(order)

    def change_limit(self, customer: str, limit: Decimal | None) -> None:
        self.parties[customer].limit = limit
        self.approve_held(customer)

    # -- sales orders

    def place(self, order: Order) -> None:
        order.is_held = True
        self.orders[order.id] = order
        self.held.append(order)
        if self._fits(order):
            self.release_order(order)

    def _start(self, order: Order) -> None:
        """Reserve the goods, or reject an order that must not wait."""
        stocks = [(each, self.stock(each.sku, order.warehouse)) for each in order.lines]
        if not order.may_wait and any(stock.available < each.quantity for each, stock in stocks):
            self._close(order)
            return
        order.is_started = True
        for each, stock in stocks:
            stock.reserve((order.id, each.number), each.quantity, order.promised_on, order.ordered_on)

    def _close(self, order: Order) -> None:
        """Cancel what is not shipped."""
        for each in order.lines:
            stock = self.stock(each.sku, order.warehouse)
            stock.reduce((order.id, each.number), ZERO)
            each.cancelled = each.open
            stock.serve_queue()
        order.is_closed = True
        self.approve_held(order.customer)

    def cancel(self, order: Order) -> None:
        require(order.can_change(self.reserved(order)), "it has ended")
        if order in self.held:
            self._approve(order)
        self._close(order)

    def amend(self, order: Order, wanted: Sequence[Line]) -> None:
        """Take other quantities as a whole; none if more was shipped, or if goods that must not wait are missing."""
        require(order.can_change(self.reserved(order)), "it has ended")
        kept = {each.number for each in wanted}
        gone = [each for each in order.lines if each.number not in kept]
        shipped = {each.number: each.shipped for each in order.lines}
        if any(each.shipped for each in gone) or any(each.quantity < shipped.get(each.number, ZERO) for each in wanted):
            return
        if not order.may_wait and self._is_short(order, wanted):
            return
        for each in gone:
            stock = self.stock(each.sku, order.warehouse)
            stock.reduce((order.id, each.number), ZERO)
            stock.serve_queue()
        order.removed += gone
        order.lines = [self._amended(order, each) for each in wanted]

    def _is_short(self, order: Order, wanted: Sequence[Line]) -> bool:
        reserved = self.reserved(order)
        shipped = {each.number: each.shipped for each in order.lines}
        return any(
            each.quantity - shipped.get(each.number, ZERO)
            > reserved.get(each.number, ZERO) + self.stock(each.sku, order.warehouse).available
            for each in wanted
        )

    def _amended(self, order: Order, wanted: Line) -> Line:
        line = next((each for each in order.lines if each.number == wanted.number), wanted)
        if line is not wanted and line.quantity == wanted.quantity:
            return line
        line.quantity = wanted.quantity
        stock, key = self.stock(line.sku, order.warehouse), (order.id, line.number)
        stock.reduce(key, line.open)
        more = line.open - stock.reserved_by.get(key, ZERO)
        if more:
            stock.reserve(key, more, order.promised_on, order.ordered_on)
        stock.serve_queue()
        return line

    def dispatch(self, order: Order, invoice_id: str, parts: Parts, place: Place) -> None:
        """Ship reserved goods and invoice them."""
        reserved = self.reserved(order)
        require(order.is_started and not order.is_closed and parts, "nothing is reserved")
        require(place.day >= order.ordered_on, "it was not ordered yet")
        require(all(reserved.get(number, ZERO) >= quantity for number, quantity in parts), "less is reserved")
        require(self._were_there(order, parts, place), "the goods had not come then, or had left by then")
        goods = ZERO
        for number, quantity in parts:
            line = next(each for each in order.lines if each.number == number)
            stock, key = self.stock(line.sku, order.warehouse), (order.id, number)
            stock.add_reserved(key, -quantity)
            self._move(stock, "issue", place, f"{invoice_id}/{number}", quantity=-quantity)
            goods += line.invoice(quantity)
        freight = order.freight if not order.invoices else ZERO
        total, day = goods + freight, place.day
        invoice = Document(invoice_id, order.customer, "receivable", day, order.due_on(day), total)
        order.invoices.append(invoice)
        self.documents[invoice_id] = invoice
        self.sales.append((day, goods, freight))

    def _were_there(self, order: Order, parts: Parts, place: Place) -> bool:
        """Return whether these goods could leave in that place, also as the stock was until the next count."""
        leaving: dict[str, list[Movement]] = defaultdict(list)
        for number, quantity in parts:
            sku = next(each.sku for each in order.lines if each.number == number)
            leaving[sku].append(Movement("issue", place, 10**9 + number, "trial", quantity=-quantity))
        stocks = {sku: self.stock(sku, order.warehouse) for sku in leaving}
        return all(stock.is_possible([*stock.movements, *leaving[sku]]) for sku, stock in stocks.items())

    # -- supplier invoices

    def record_bill(self, bill_id: str, purchase: Purchase, lines: list[BillLine], day: date) -> None:
        amount = sum((net(each.quantity, each.price) for each in lines), ZERO)
        due_on = day + timedelta(days=self.parties[purchase.supplier].terms_days)
        document = Document(bill_id, purchase.supplier, "payable", day, due_on, amount, is_posted=False)
        bill = Bill(document, lines)
        self.documents[bill_id] = document
        self.bills[bill_id] = purchase, bill
        purchase.bills.append(bill)
        purchase.match()

    def release_bill(self, bill_id: str) -> None:
        purchase, bill = self.bills[bill_id]
        require(bill.status == "blocked", f"it is {bill.status}")
        bill.is_released = bill.document.is_posted = True
        purchase.match()

    def reject_bill(self, bill_id: str) -> None:
        _, bill = self.bills[bill_id]
        require(bill.status == "blocked" and not bill.document.is_posted, f"it is {bill.status}")
        bill.is_rejected = True

    def _rematch(self, documents: Iterable[Document]) -> None:
        """Match again the supplier invoices whose payment or write-off held their goods."""
        for each in documents:
            if each.id in self.bills and self.bills[each.id][1].deviates:
                self.bills[each.id][0].match()

    # -- payments

    def _require_settleable(self, credit: Credit, parts: Sequence[tuple[Document, Decimal]], day: date) -> None:
        for document, amount in parts:
            require((document.party, document.side) == (credit.party, credit.side), "a document of another party")
            bill = self.bills.get(document.id)
            require(bill is None or bill[1].status in ("matched", "released"), "it is not accepted")
            require(amount <= document.open, "more than is open")
            require(day >= document.day, "before the document")

    def pay(self, credit: Credit, parts: Sequence[tuple[Document, Decimal]]) -> None:
        allocated = sum((amount for _, amount in parts), ZERO)
        require(allocated <= credit.amount, "more than was paid")
        require(credit.side == "receivable" or allocated == credit.amount, "less than was paid")
        self._require_settleable(credit, parts, credit.day)
        self.credits[credit.id] = credit
        for document, amount in parts:
            credit.settle(document, amount, credit.day)
        self._after_credit(credit)

    def _after_credit(self, credit: Credit) -> None:
        if credit.side == "receivable":
            self.approve_held(credit.party)

    def allocate(self, credit: Credit, document: Document, amount: Decimal, day: date) -> None:
        require(credit.reversed_on is None, "it is reversed")
        require(amount <= credit.unallocated, "more than is left")
        require(day >= credit.last_day, "before its last settlement")
        self._require_settleable(credit, [(document, amount)], day)
        credit.settle(document, amount, day)

    def deallocate(self, credit: Credit, document: Document, day: date) -> None:
        require(credit.reversed_on is None and credit.part_of(document), "it does not settle the document")
        require(not credit.is_payment or credit.side == "receivable", "outgoing payments are allocated in full")
        require(day >= credit.last_day, "before its last settlement")
        credit.settle(document, -credit.part_of(document), day)
        self._rematch([document])

    def reverse_payment(self, credit: Credit, day: date) -> None:
        require(credit.reversed_on is None, "it is reversed already")
        require(day >= credit.last_day, "before its last settlement")
        documents = credit.documents
        credit.undo(day)
        self._rematch(documents)

    def write_off(self, document: Document, day: date) -> None:
        bill = self.bills.get(document.id)
        require(bill is None or bill[1].status in ("matched", "released"), "it is not accepted")
        require(
            document.reversed_on is None and ZERO < document.open <= WRITE_OFF_LIMIT, "too much, or nothing, is open"
        )
        require(day >= document.day, "before the document")
        amount = document.open
        document.settlements.append((day, amount))
        document.written_off += amount
        self.write_offs.append((day, document, amount))
        if document.side == "receivable":
            self.approve_held(document.party)

    def reverse_write_off(self, document: Document, day: date) -> None:
        amount = document.written_off
        require(amount, "nothing was written off")
        require(day >= max(on for on, each, _ in self.write_offs if each is document), "before the write-off")
        document.settlements.append((day, -amount))
        document.written_off = ZERO
        self.write_offs.append((day, document, -amount))
        self._rematch([document])

    # -- entries by hand

    def post_entry(self, entry: Entry) -> None:
        self.entries[entry.id] = entry
        for each in entry.items:
            if isinstance(each, Document):
                self.documents[each.id] = each
            else:
                self.credits[each.id] = each
        for each in entry.items:
            if each.side == "receivable":
                self.approve_held(each.party)

    def reverse_entry(self, entry: Entry, day: date) -> None:
        require(entry.reversed_on is None, "it is reversed already")
        settled = [
            each.settled if isinstance(each, Document) else each.allocated_as_of(date.max) for each in entry.items
        ]
        require(not any(settled), "an item of it is settled")
        require(day >= max([entry.day, *(each.last_day for each in entry.items)]), "before its last settlement")
        entry.reversed_on = day
        for each in entry.items:
            each.reversed_on = day
        for each in entry.items:
            if each.side == "receivable":
                self.approve_held(each.party)
