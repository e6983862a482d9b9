"""SupplierInvoice: what a supplier charges for the goods of a purchase order."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from services.erp.ledger.domain.open_amount import require_within_open_amount
from shared.domain import (
    Aggregate,
    DomainError,
    FourEyesRequired,
    allowed_in,
    event,
    require_total_of_lines_within_maximum,
    value_object,
)
from shared.fields import Code, LongText, Lookup, Quantity
from shared.money import Money, UnitPrice, line_net_amount


class NotPayable(DomainError):
    """Raised when an invoice is to be paid that is neither matched nor released."""


class Status(StrEnum):
    """The state of a supplier invoice: blocked until decided, matched or released (owed), paid, or rejected."""

    BLOCKED = "blocked"
    MATCHED = "matched"
    RELEASED = "released"
    PAID = "paid"
    REJECTED = "rejected"


ACCEPTED_STATUSES = (Status.MATCHED, Status.RELEASED)


class DeviationReason(StrEnum):
    """Reason why a line does not match."""

    PRICE = "price_above_order"
    QUANTITY = "more_than_received"


@value_object
class SupplierInvoiceLine:
    """One invoice line, as the supplier wrote it."""

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: Quantity
    unit_price: UnitPrice

    @property
    def net(self) -> Money:
        """Quantity x price, half up to the currency's digits."""
        return line_net_amount(self.quantity, self.unit_price)


@value_object
class Deviation:
    """Deviation of a line (counted from 1): the allowed and the invoiced price or quantity."""

    line: int
    reason: DeviationReason
    allowed: Decimal
    billed: Decimal


@value_object
class InvoicedOrderLine:
    """What an invoice charges of one order line: quantity, and the cleared amount of goods received not invoiced."""

    line: int
    sku: str
    quantity: Decimal
    cleared: Money


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceDetails:
    """Plain details of a supplier invoice, as they were recorded with it."""

    note: LongText | None = None


class SupplierInvoice(Aggregate):
    """Invoice as the supplier sent it. blocked → matched or released → paid; blocked → rejected.

    It is not owed while it is blocked. A reversed payment reopens a paid invoice.
    """

    @classmethod
    def record(
        cls,
        billed_on: date,
        payment_terms_days: int,
        lines: tuple[SupplierInvoiceLine, ...],
        *,
        supplier_id: UUID,
        number: str,
        purchase_order_id: UUID,
        recorded_by: str,
        details: SupplierInvoiceDetails = SupplierInvoiceDetails(),
    ) -> Self:
        """Record an invoice, due after the agreed days. Raises AmountTooLarge beyond 15 digits."""
        total = Money.sum(each.net for each in lines)
        require_total_of_lines_within_maximum(total)
        due_on = billed_on + timedelta(days=payment_terms_days)
        return cls(supplier_id, number, purchase_order_id, billed_on, due_on, lines, total, recorded_by, details)

    @event("Recorded")
    def __init__(
        self,
        supplier_id: UUID,
        number: str,
        purchase_order_id: UUID,
        billed_on: date,
        due_on: date,
        lines: tuple[SupplierInvoiceLine, ...],
        total: Money,
        recorded_by: str,
        details: SupplierInvoiceDetails = SupplierInvoiceDetails(),
    ) -> None:
        self.supplier_id = supplier_id
        self.number = number
        self.purchase_order_id = purchase_order_id
        self.billed_on = billed_on
        self.due_on = due_on
        self.lines = lines
        self.total = total
        self.recorded_by = recorded_by
        self.details = details
        self.acceptance_status = Status.BLOCKED
        self.deviations: tuple[Deviation, ...] = ()
        self.order_lines: tuple[InvoicedOrderLine, ...] = ()
        self.open = Money.zero(total.currency)
        self.reason: str | None = None
        self.released_by: str | None = None

    @property
    def name(self) -> str:
        return f"supplier invoice {self.number}"

    @property
    def dated_on(self) -> date:
        """The day of the invoice."""
        return self.billed_on

    @property
    def party_id(self) -> UUID:
        return self.supplier_id

    @property
    def status(self) -> Status:
        return Status.PAID if self.acceptance_status in ACCEPTED_STATUSES and not self.open else self.acceptance_status

    @property
    def cleared_amount(self) -> Money:
        """Amount that it clears of goods received not invoiced; the rest of the total is price variance."""
        return Money.sum((each.cleared for each in self.order_lines), self.total.currency)

    def block(self, deviations: tuple[Deviation, ...]) -> None:
        """Block it for these deviations; without effect if they are the same as before."""
        if deviations != self.deviations:
            self._blocked(deviations=deviations)

    def match(self, parts: tuple[InvoicedOrderLine, ...]) -> None:
        """Accept it as owed: it agrees with the order and the receipts."""
        self._matched(lines=parts)

    def require_releasable(self, by: str) -> None:
        """Require that `by` may release it. Raises WrongStatus unless blocked, FourEyesRequired for its recorder."""
        self._require_allowed("release")
        if by == self.recorded_by:
            raise FourEyesRequired(f"{self.name} was recorded by {by}: another person must release it")

    @allowed_in(Status.BLOCKED)
    def release(self, reason: str, by: str, parts: tuple[InvoicedOrderLine, ...]) -> None:
        """Accept it as owed although it does not match. Raises WrongStatus unless it is blocked."""
        self._released(reason=reason, released_by=by, lines=parts)

    @allowed_in(Status.BLOCKED)
    def reject(self, reason: str) -> None:
        """Reject it: it is not owed. Raises WrongStatus unless it is blocked."""
        self._rejected(reason=reason)

    def apply_payment(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        """Settle this much of it by a payment. Raises NotPayable, ExceedsOpenAmount or InvalidInput."""
        if self.acceptance_status not in ACCEPTED_STATUSES:
            hint = (
                "wait for the goods or have it released"
                if self.acceptance_status == Status.BLOCKED
                else "nothing is owed"
            )
            raise NotPayable(f"{self.name} is {self.acceptance_status}: {hint}", field="document_id")
        require_within_open_amount(self.name, self.open, amount)
        self._payment_applied(payment_id=payment_id, amount=amount, paid_on=paid_on)

    def reverse_payment(self, payment_id: UUID, amount: Money, on: date) -> None:
        """Reopen this much of it after its payment was reversed."""
        self._payment_reversed(payment_id=payment_id, amount=amount, paid_on=on)

    def _accept(self, judged: Status, parts: tuple[InvoicedOrderLine, ...]) -> None:
        self.acceptance_status = judged
        self.order_lines = parts
        self.open = self.total

    @event("Blocked")
    def _blocked(self, deviations: tuple[Deviation, ...]) -> None:
        self.deviations = deviations

    @event("Matched")
    def _matched(self, lines: tuple[InvoicedOrderLine, ...]) -> None:
        self.deviations = ()
        self._accept(Status.MATCHED, lines)

    @event("Released")
    def _released(self, reason: str, released_by: str, lines: tuple[InvoicedOrderLine, ...]) -> None:
        self.reason = reason
        self.released_by = released_by
        self._accept(Status.RELEASED, lines)

    @event("Rejected")
    def _rejected(self, reason: str) -> None:
        self.reason = reason
        self.acceptance_status = Status.REJECTED

    @event("PaymentApplied")
    def _payment_applied(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        self.open -= amount

    @event("PaymentReversed")
    def _payment_reversed(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        self.open += amount
