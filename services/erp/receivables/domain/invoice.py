"""Invoice: what a customer owes for the goods of one shipment."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.erp.ledger.domain.open_amount import require_within_open_amount
from services.erp.ledger.domain.write_off import (
    WriteOff,
    require_within_write_off_limit,
    require_written_off,
    total_written_off,
)
from shared.domain import Aggregate, allowed_in, event, value_object
from shared.money import Money, UnitPrice

INVOICE_SERIES = "invoices"


class Status(StrEnum):
    """The state of a customer invoice: open, paid in part or paid."""

    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"


@value_object
class InvoiceLine:
    """One invoiced line, `line` as in the sales order; net half up to the currency's digits."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: UnitPrice
    discount_percent: Decimal
    net: Money


@value_object
class InvoiceTerms:
    """Customer, sales order and payment terms of an invoice."""

    customer_id: UUID
    sales_order_id: UUID
    payment_terms_days: int


class Invoice(Aggregate):
    """Invoice for exactly one shipment, at agreed prices. open → part_paid → paid; a reversed payment reopens it."""

    @classmethod
    def create_id(cls, shipment_id: UUID) -> UUID:
        return cls.derive_id(shipment_id)

    @classmethod
    def post(
        cls, number: int, terms: InvoiceTerms, shipment_id: UUID, on: date, lines: Sequence[InvoiceLine], freight: Money
    ) -> Self:
        """Invoice a shipment under the next number of the series."""
        net = Money.sum((each.net for each in lines), freight.currency)
        return cls(
            series=INVOICE_SERIES,
            number=number,
            customer_id=terms.customer_id,
            sales_order_id=terms.sales_order_id,
            shipment_id=shipment_id,
            invoiced_on=on,
            due_on=on + timedelta(days=terms.payment_terms_days),
            lines=tuple(lines),
            net=net,
            freight=freight,
            total=net + freight,
        )

    @event("Posted")
    def __init__(
        self,
        series: str,
        number: int,
        customer_id: UUID,
        sales_order_id: UUID,
        shipment_id: UUID,
        invoiced_on: date,
        due_on: date,
        lines: tuple[InvoiceLine, ...],
        net: Money,
        freight: Money,
        total: Money,
    ) -> None:
        self.series = series
        self.number = number
        self.customer_id = customer_id
        self.sales_order_id = sales_order_id
        self.shipment_id = shipment_id
        self.invoiced_on = invoiced_on
        self.due_on = due_on
        self.lines = lines
        self.net = net
        self.freight = freight
        self.total = total
        self.open = total
        self.write_offs: tuple[WriteOff, ...] = ()
        self.write_off_count = 0

    @property
    def name(self) -> str:
        return f"invoice {self.number}"

    @property
    def dated_on(self) -> date:
        """The day of the invoice."""
        return self.invoiced_on

    @property
    def party_id(self) -> UUID:
        return self.customer_id

    @property
    def status(self) -> Status:
        if not self.open:
            return Status.PAID
        return Status.OPEN if self.open == self.total else Status.PART_PAID

    @property
    def written_off(self) -> Money:
        """Amount that was written off, and not reversed."""
        return total_written_off(self.write_offs, self.total.currency)

    def apply_payment(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        """Settle this much of it by a payment. Raises ExceedsOpenAmount, or InvalidInput for another currency."""
        require_within_open_amount(self.name, self.open, amount)
        self._payment_applied(payment_id=payment_id, amount=amount, paid_on=paid_on)

    def reverse_payment(self, payment_id: UUID, amount: Money, on: date) -> None:
        """Reopen this much of it after its payment was reversed."""
        self._payment_reversed(payment_id=payment_id, amount=amount, paid_on=on)

    @allowed_in(Status.OPEN, Status.PART_PAID)
    def write_off(self, limit: Decimal, on: date, reason: str) -> WriteOff:
        """Write off the open amount and return it. Raises WrongStatus once paid, WriteOffTooLarge above the limit."""
        require_within_write_off_limit(self.name, self.open, limit)
        self._written_off(amount=self.open, written_off_on=on, reason=reason, write_off_number=self.write_off_count + 1)
        return self.write_offs[-1]

    @allowed_in(Status.PART_PAID, Status.PAID)
    def reverse_write_off(self, on: date, reason: str) -> tuple[WriteOff, ...]:
        """Reopen what was written off and return it. Raises WrongStatus, or NothingWrittenOff."""
        require_written_off(self.name, self.write_offs)
        reversed_ = self.write_offs
        self._write_offs_reversed(amount=self.written_off, reversed_on=on, reason=reason)
        return reversed_

    @event("PaymentApplied")
    def _payment_applied(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        self.open -= amount

    @event("WrittenOff")
    def _written_off(self, amount: Money, written_off_on: date, reason: str, write_off_number: int) -> None:
        self.open -= amount
        self.write_off_count = write_off_number
        self.write_offs = (*self.write_offs, WriteOff(write_off_number, amount, written_off_on))

    @event("WriteOffsReversed")
    def _write_offs_reversed(self, amount: Money, reversed_on: date, reason: str) -> None:
        self.open += amount
        self.write_offs = ()

    @event("PaymentReversed")
    def _payment_reversed(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        self.open += amount
