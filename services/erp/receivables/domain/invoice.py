"""Invoice: what a customer owes for the goods of one shipment."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.erp.ledger.domain.owed_document import OwedDocument
from services.erp.ledger.domain.write_off import WriteOff
from services.erp.receivables.domain.invoice_number import InvoiceNumber
from shared.domain import allowed_in, event, value_object
from shared.money import Money, UnitPrice


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


class Invoice(OwedDocument):
    """Invoice for exactly one shipment, at agreed prices. open → part_paid → paid; a reversed payment reopens it."""

    @classmethod
    def create_id(cls, shipment_id: UUID) -> UUID:
        return cls.derive_id(shipment_id)

    @classmethod
    def post(
        cls,
        number: InvoiceNumber,
        terms: InvoiceTerms,
        shipment_id: UUID,
        on: date,
        lines: Sequence[InvoiceLine],
        freight: Money,
    ) -> Self:
        """Invoice a shipment under the next number of the series."""
        net = Money.sum((each.net for each in lines), freight.currency)
        return cls(
            series=number.series,
            number=number.number,
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
        number: str,
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
        self.start_open(total)

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

    @allowed_in(Status.OPEN, Status.PART_PAID)
    def write_off(self, limit: Decimal, on: date, reason: str) -> WriteOff:
        """Write off the open amount and return it. Raises WrongStatus once paid, WriteOffTooLarge above the limit."""
        return self._write_off(limit, on, reason)

    @allowed_in(Status.PART_PAID, Status.PAID)
    def reverse_write_off(self, on: date, reason: str) -> tuple[WriteOff, ...]:
        """Reopen what was written off and return it. Raises WrongStatus, or NothingWrittenOff."""
        return self._reverse_write_off(on, reason)
