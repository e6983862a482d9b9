"""A firm that does business at random: buys, sells, ships, is paid, errs; some of it told late or in a wrong order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from services.erp.application import Erp
from services.erp.domain.accounting_periods import PeriodClosed
from services.erp.domain.invoice import Invoice
from services.erp.domain.supplier_invoice import ACCEPTED, Status, SupplierInvoice
from shared.contracts import crm, scm, srm
from shared.testing.services import hear
from tests.unit.erp.examples import (
    CUSTOMER,
    SUPPLIER,
    a_count,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    a_shipment,
    an_order,
    as_person,
    bills,
    invoices,
    record_bill,
    usd,
)

SKUS = ("CHAI", "TOFU", "KONBU")


class Business:
    """What happens is dated on one of `days`; each step is one thing that happens."""

    def __init__(self, service: Erp, seed: int, days: Sequence[date]) -> None:
        self.service = service
        self.chance = Random(seed)
        self.days = days
        self.orders: list[crm.SalesOrderPlaced] = []
        self.purchases: list[srm.PurchaseOrderSent] = []
        self.payments: list[UUID] = []
        self.receipts: list[scm.GoodsReceived] = []
        self.revisions = 0

    @property
    def day(self) -> date:
        return self.chance.choice(self.days)

    def amount(self, most: int = 9999) -> str:
        return str(Decimal(self.chance.randint(1, most)) / 100)

    def lines(self) -> list[tuple[str, str, str]]:
        skus = self.chance.sample(SKUS, self.chance.randint(1, 2))
        return [(sku, str(self.chance.randint(1, 20)), self.amount()) for sku in skus]

    def step(self) -> None:
        often = self.buy, self.bill, self.sell, self.pay, self.pay_a_supplier
        seldom = self.receive, self.take_back, self.count, self.take_receipt_back, self.agree_other_prices, self.release
        self.chance.choice([*often, *often, *seldom])()

    def buy(self) -> None:
        """Goods come; now and then before their price is known."""
        purchase = replace(a_purchase(*self.lines()), number=f"PO-{len(self.purchases)}")
        receipt = a_receipt(purchase, on=self.day)
        self.receipts.append(receipt)
        news: list[Any] = [purchase, receipt]
        if self.chance.random() < 0.2:
            news.reverse()
        hear(self.service, *news)
        self.purchases.append(purchase)

    def receive(self) -> None:
        """More of something that was bought before."""
        if self.purchases:
            hear(self.service, a_receipt(self.chance.choice(self.purchases), on=self.day))

    def take_receipt_back(self) -> None:
        if self.receipts:
            hear(self.service, a_receipt_reversed(self.receipts.pop(self.chance.randrange(len(self.receipts)))))

    def agree_other_prices(self) -> None:
        if self.purchases:
            self.revisions += 1
            prices = [self.amount() for _ in SKUS]
            hear(self.service, a_revision(self.chance.choice(self.purchases), *prices, revision=self.revisions))

    def bill(self) -> None:
        """For some of what was ordered; now and then dearer than agreed, or for more than has come."""
        if self.purchases:
            purchase = self.chance.choice(self.purchases)
            lines = [self._billed(line) for line in purchase.lines if self.chance.random() < 0.8]
            number = f"RE-{len(bills(self.service))}"
            if lines:
                record_bill(self.service, purchase, *lines, number=number, on=self.day, by="margaret")

    def _billed(self, line: srm.PurchaseLine) -> tuple[str, str, str]:
        price = self.amount() if self.chance.random() < 0.2 else str(line.unit_price.amount)
        return line.sku, str(self.chance.randint(1, int(line.quantity))), price

    def release(self) -> None:
        """Another person owes a blocked bill all the same."""
        if blocked := [each for each in bills(self.service) if each.status == Status.BLOCKED]:
            bill = self.chance.choice(blocked)
            as_person(self.service, "bert", lambda: self.service.release_bill(bill.id, "so agreed"))

    def count(self) -> None:
        found = {sku: str(self.chance.randint(0, 30)) for sku in self.chance.sample(SKUS, 2)}
        hear(self.service, a_count(self.day, **found))

    def sell(self) -> None:
        """An order is shipped at once, or in part first; now and then the goods leave before the order is heard."""
        order = an_order(*self.lines(), freight=self.amount(500))
        parts = self._parts(order)
        news: list[Any] = [order, *parts]
        if self.chance.random() < 0.1:
            news.reverse()
        hear(self.service, *news)
        self.orders.append(order)

    def _parts(self, order: crm.SalesOrderPlaced) -> list[scm.ShipmentDispatched]:
        first = [self.chance.randint(0, int(each.quantity)) for each in order.lines]
        rest = [int(each.quantity) - part for each, part in zip(order.lines, first, strict=True)]
        return [a_shipment(order, *map(str, part), on=self.day) for part in (first, rest) if any(part)]

    def pay(self) -> None:
        self._pay("in", CUSTOMER, [each for each in invoices(self.service) if each.open])

    def pay_a_supplier(self) -> None:
        self._pay("out", SUPPLIER, [each for each in bills(self.service) if each.open and each.status in ACCEPTED])

    def _pay(self, direction: str, party_id: UUID, owed: Sequence[Invoice | SupplierInvoice]) -> None:
        """Some of one of these."""
        if owed:
            document = self.chance.choice(owed)
            amount = usd(str(Decimal(self.chance.randint(1, int(document.open.amount * 100))) / 100))
            part = {"document_id": document.id, "amount": amount}
            self.payments.append(self._paid(direction, party_id, self.day, amount, [part]))

    def _paid(self, *given: Any) -> UUID:
        """In a closed period too: the person is told on which day it is posted, and says so."""
        try:
            return self.service.record_payment(*given).id
        except PeriodClosed:
            books = self.service.run(self.service.books)
            assert books is not None
            assert books.closed_until is not None
            return self.service.record_payment(*given, posted_on=books.closed_until + timedelta(days=1)).id

    def take_back(self) -> None:
        if self.payments:
            self.service.reverse_payment(self.payments.pop(self.chance.randrange(len(self.payments))))


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
