"""Random business of a firm: purchases, sales, payments and corrections, some late or out of order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from services.erp.ledger.domain.accounting_periods import PeriodClosedError
from services.erp.payables.domain.supplier_invoice import ACCEPTED_STATUSES, Status, SupplierInvoice
from services.erp.receivables.domain.invoice import Invoice
from services.erp.service import Erp
from services.erp.settlement.domain.payment import Allocation
from shared.contracts import crm, scm, srm
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CUSTOMER,
    SUPPLIER,
    a_count,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    a_shipment,
    an_opening_stock,
    an_opening_stock_reversed,
    an_order,
    as_person,
    invoices,
    record_payment,
    record_supplier_invoice,
    supplier_invoices,
    usd,
)

SKUS = ("CHAI", "TOFU", "KONBU")


class RandomBusiness:
    """Random business, dated on one of `days`; each step is one event."""

    def __init__(self, service: Erp, seed: int, days: Sequence[date]) -> None:
        self.service = service
        self.random = Random(seed)
        self.days = days
        self.orders: list[crm.SalesOrderPlaced] = []
        self.purchases: list[srm.PurchaseOrderSent] = []
        self.payments: list[UUID] = []
        self.receipts: list[scm.GoodsReceived] = []
        self.openings: list[scm.OpeningStockRecorded] = []
        self.revisions = 0

    @property
    def day(self) -> date:
        return self.random.choice(self.days)

    @property
    def moment(self) -> dict[str, Any]:
        """A day, and an hour of it or its end."""
        day = self.day
        return {"on": day, "at": datetime.combine(day, time(self.random.choice((0, 9, 15))), UTC)} | (
            {"at": None} if self.random.random() < 0.5 else {}
        )

    def amount(self, most: int = 9999) -> str:
        return str(Decimal(self.random.randint(1, most)) / 100)

    def lines(self) -> list[tuple[str, str, str]]:
        skus = self.random.sample(SKUS, self.random.randint(1, 2))
        return [(sku, str(self.random.randint(1, 20)), self.amount()) for sku in skus]

    def step(self) -> None:
        often = self.buy, self.record_invoice, self.sell, self.pay, self.pay_a_supplier
        seldom = (
            self.receive,
            self.reverse_payment,
            self.count,
            self.reverse_receipt,
            self.revise_prices,
            self.release_invoice,
            self.open_stock,
            self.reverse_opening_stock,
        )
        self.random.choice([*often, *often, *seldom])()

    def buy(self) -> None:
        """Receive goods, sometimes before their price is known."""
        purchase = replace(a_purchase(*self.lines()), number=f"PO-{len(self.purchases)}")
        receipt = a_receipt(purchase, **self.moment)
        self.receipts.append(receipt)
        messages: list[Any] = [purchase, receipt]
        if self.random.random() < 0.2:
            messages.reverse()
        deliver(self.service, *messages)
        self.purchases.append(purchase)

    def receive(self) -> None:
        """Receive more goods of an earlier purchase order."""
        if self.purchases:
            deliver(self.service, a_receipt(self.random.choice(self.purchases), **self.moment))

    def reverse_receipt(self) -> None:
        if self.receipts:
            deliver(self.service, a_receipt_reversed(self.receipts.pop(self.random.randrange(len(self.receipts)))))

    def revise_prices(self) -> None:
        if self.purchases:
            self.revisions += 1
            prices = [self.amount() for _ in SKUS]
            deliver(self.service, a_revision(self.random.choice(self.purchases), *prices, revision=self.revisions))

    def record_invoice(self) -> None:
        """Record an invoice for some of the goods, sometimes above the agreed price or the received quantity."""
        if self.purchases:
            purchase = self.random.choice(self.purchases)
            lines = [self._invoice_line(line) for line in purchase.lines if self.random.random() < 0.8]
            number = f"RE-{len(supplier_invoices(self.service))}"
            if lines:
                record_supplier_invoice(self.service, purchase, *lines, number=number, on=self.day, by="margaret")

    def _invoice_line(self, line: srm.PurchaseLine) -> tuple[str, str, str]:
        price = self.amount() if self.random.random() < 0.2 else str(line.unit_price.amount)
        return line.sku, str(self.random.randint(1, int(line.quantity))), price

    def release_invoice(self) -> None:
        """Release a blocked invoice as another person."""
        if blocked := [each for each in supplier_invoices(self.service) if each.status == Status.BLOCKED]:
            invoice = self.random.choice(blocked)
            as_person(self.service, "bert", lambda: self.service.payables.release_invoice(invoice.id, "so agreed"))

    def count(self) -> None:
        found = {sku: str(self.random.randint(0, 30)) for sku in self.random.sample(SKUS, 2)}
        deliver(self.service, a_count(**self.moment, **found))

    def open_stock(self) -> None:
        """Record opening stock of an item, sometimes without value."""
        value = self.random.choice(("0.00", self.amount()))
        self.openings.append(an_opening_stock((self.random.choice(SKUS), "7", value), on=self.day))
        deliver(self.service, self.openings[-1])

    def reverse_opening_stock(self) -> None:
        if self.openings:
            opening = self.openings.pop(self.random.randrange(len(self.openings)))
            deliver(self.service, an_opening_stock_reversed(opening))

    def sell(self) -> None:
        """Ship an order at once or in parts, sometimes before the order is received."""
        order = an_order(*self.lines(), freight=self.amount(500))
        parts = self._parts(order)
        messages: list[Any] = [order, *parts]
        if self.random.random() < 0.1:
            messages.reverse()
        deliver(self.service, *messages)
        self.orders.append(order)

    def _parts(self, order: crm.SalesOrderPlaced) -> list[scm.ShipmentDispatched]:
        first = [self.random.randint(0, int(each.quantity)) for each in order.lines]
        rest = [int(each.quantity) - part for each, part in zip(order.lines, first, strict=True)]
        return [a_shipment(order, *map(str, part), **self.moment) for part in (first, rest) if any(part)]

    def pay(self) -> None:
        self._pay("in", CUSTOMER, [each for each in invoices(self.service) if each.open])

    def pay_a_supplier(self) -> None:
        self._pay(
            "out",
            SUPPLIER,
            [each for each in supplier_invoices(self.service) if each.open and each.status in ACCEPTED_STATUSES],
        )

    def _pay(self, direction: str, party_id: UUID, owed: Sequence[Invoice | SupplierInvoice]) -> None:
        """Pay a part of one of these documents."""
        if owed:
            document = self.random.choice(owed)
            amount = usd(str(Decimal(self.random.randint(1, int(document.open.amount * 100))) / 100))
            part = Allocation(document.id, amount)
            self.payments.append(self._paid(direction, party_id, max(self.day, document.dated_on), amount, [part]))

    def _paid(self, *given: Any) -> UUID:
        """Record a payment; in a closed period, repeat it with the first open day as its posting day."""
        try:
            return record_payment(self.service, *given).id
        except PeriodClosedError:
            books = self.service.runner.run(self.service.ledger.get_periods)
            assert books is not None
            assert books.closed_until is not None
            return record_payment(self.service, *given, posted_on=books.closed_until + timedelta(days=1)).id

    def reverse_payment(self) -> None:
        if self.payments:
            self.service.settlement.reverse_payment(self.payments.pop(self.random.randrange(len(self.payments))))


def days_from(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
