"""SupplierInvoice: what a supplier charges for the goods of purchase orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from services.erp.ledger.domain.owed_document import OwedDocument
from services.erp.ledger.domain.write_off import WriteOff
from services.erp.payables.domain.deviation import Deviation, ReleaseGround, Tolerances
from shared.domain import (
    DomainError,
    FourEyesRequired,
    allowed_in,
    event,
    require_total_of_lines_within_maximum,
    value_object,
)
from shared.fields import Code, Id, Kind, LongText, Lookup, Quantity
from shared.money import Money, UnitPrice, line_net_amount


class NotPayable(DomainError):
    """Raised when an invoice is to be paid that is neither matched nor released."""


class AlreadyPosted(DomainError):
    """Raised when an invoice is to be rejected that was accepted and posted before it was blocked."""


class Status(StrEnum):
    """The state of a supplier invoice: blocked while it deviates, matched or released, paid, or rejected."""

    BLOCKED = "blocked"
    MATCHED = "matched"
    RELEASED = "released"
    PAID = "paid"
    REJECTED = "rejected"


ACCEPTED_STATUSES = (Status.MATCHED, Status.RELEASED)


@value_object
class SupplierInvoiceLine:
    """One invoice line, as the supplier wrote it.

    Of the order of the invoice unless it names its own; `line` is the number of that order's line, if it is known.
    """

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: Quantity
    unit_price: UnitPrice
    line: Annotated[int, Kind("whole_number", {"min": 1})] | None = None
    purchase_order_id: Annotated[Id, Lookup("srm.purchase-orders")] | None = None

    @property
    def net(self) -> Money:
        """Quantity x price, half up to the currency's digits."""
        return line_net_amount(self.quantity, self.unit_price)


@value_object
class InvoicedOrderLine:
    """What an invoice charges of an order line: quantity, and the cleared amount of goods received not invoiced.

    `position` is the place of the line on the invoice, counted from 1.
    """

    position: int
    purchase_order_id: UUID
    line: int
    sku: str
    quantity: Decimal
    cleared: Money


@dataclass(frozen=True, kw_only=True)
class SupplierInvoiceDetails:
    """Plain details of a supplier invoice, as they were recorded with it."""

    note: LongText | None = None
    duplicate_reason: LongText | None = None


class SupplierInvoice(OwedDocument):
    """Invoice as the supplier sent it. blocked → matched or released → paid; blocked → rejected.

    It is owed once it was matched or released. A matched one is blocked again when receipts or prices change so that
    it deviates, a released one when they change so that it deviates by more than was released: it stays owed, but is
    not paid. A reversed payment reopens a paid invoice.
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
        self.tolerances: Tolerances | None = None
        self.posted_on: date | None = None
        self.start_open(Money.zero(total.currency))
        self.reason: str | None = None
        self.released_by: str | None = None
        self.release_grounds: tuple[ReleaseGround, ...] = ()

    @property
    def name(self) -> str:
        return f"supplier invoice {self.number}"

    @property
    def dated_on(self) -> date:
        """The day of the invoice."""
        return self.billed_on

    @property
    def recorder(self) -> str:
        """The person who recorded it, whom segregation of duties keeps from paying it above a limit."""
        return self.recorded_by

    @property
    def owed_in_all(self) -> Money:
        """What it charges, paid or not."""
        return self.total

    @property
    def party_id(self) -> UUID:
        return self.supplier_id

    @property
    def status(self) -> Status:
        if self.is_posted and not self.open:
            return Status.PAID
        is_blocked_again = self.acceptance_status == Status.MATCHED and self.deviations
        return Status.BLOCKED if is_blocked_again else self.acceptance_status

    @property
    def is_posted(self) -> bool:
        """Whether it was accepted, and is owed since."""
        return self.acceptance_status in ACCEPTED_STATUSES

    @property
    def is_settled_in_part(self) -> bool:
        """Whether at least a part of it was paid or written off."""
        return self.is_posted and self.open != self.total

    @property
    def holds_its_goods(self) -> bool:
        """Whether its goods are invoiced even if it deviates: a person released it, or a part of it was settled."""
        return self.acceptance_status == Status.RELEASED or self.is_settled_in_part

    @property
    def owed_once_accepted(self) -> Money:
        """Amount that will be owed if it is matched or released; zero once it was, and for a rejected invoice."""
        return self.total if self.acceptance_status == Status.BLOCKED else Money.zero(self.total.currency)

    @property
    def purchase_order_ids(self) -> tuple[UUID, ...]:
        """The orders of its lines."""
        return tuple(dict.fromkeys(each.purchase_order_id or self.purchase_order_id for each in self.lines))

    def lines_of(self, purchase_order_id: UUID) -> Iterator[tuple[int, SupplierInvoiceLine]]:
        """Yield its lines of one order, each with its position on the invoice, counted from 1."""
        for position, each in enumerate(self.lines, 1):
            if (each.purchase_order_id or self.purchase_order_id) == purchase_order_id:
                yield position, each

    @property
    def cleared_amount(self) -> Money:
        """Amount that it clears of goods received not invoiced; the rest of the total is price variance."""
        return Money.sum((each.cleared for each in self.order_lines), self.total.currency)

    def order_line_of(self, position: int) -> int | None:
        """Return the order line that a line charges, once it was accepted; none if it charges several."""
        lines = {each.line for each in self.order_lines if each.position == position}
        return lines.pop() if len(lines) == 1 else None

    def block(self, deviations: tuple[Deviation, ...]) -> None:
        """Block it for these deviations; without effect if they are the same as before."""
        if deviations != self.deviations:
            self._blocked(deviations=deviations)

    def restore_match(self) -> None:
        """End the block of an invoice that agrees again; without effect if it was not blocked."""
        if self.deviations:
            self._match_restored()

    def match(self, parts: tuple[InvoicedOrderLine, ...], tolerances: Tolerances, posted_on: date) -> None:
        """Accept it as owed: it agrees with the orders and the receipts, within these tolerances."""
        self._matched(lines=parts, tolerances=tolerances, posted_on=posted_on)

    def require_releasable(self, by: str) -> None:
        """Require that `by` may release it. Raises WrongStatus unless blocked, FourEyesRequired for its recorder."""
        self._require_allowed("release")
        if by == self.recorded_by:
            raise FourEyesRequired(f"{self.name} was recorded by {by}: another person must release it")

    @allowed_in(Status.BLOCKED)
    def release(
        self,
        reason: str,
        by: str,
        parts: tuple[InvoicedOrderLine, ...],
        posted_on: date,
        grounds: tuple[ReleaseGround, ...] = (),
    ) -> None:
        """Accept it although it does not match, with no parts if it is owed already. Raises WrongStatus."""
        self._released(reason=reason, released_by=by, lines=parts, posted_on=posted_on, grounds=grounds)

    def judge_release_again(self, deviations: tuple[Deviation, ...], grounds: tuple[ReleaseGround, ...]) -> None:
        """End the release where less is received or agreed than was known, and it therefore deviates by more."""
        known = {(each.purchase_order_id, each.line): each for each in self.release_grounds}
        pairs = ((each, known.get((each.purchase_order_id, each.line))) for each in grounds)
        is_worse = any(before and each.is_worse_than(before) for each, before in pairs)
        if is_worse and not all(any(map(each.is_covered_by, self.deviations)) for each in deviations):
            self._release_ended(deviations=deviations)

    @allowed_in(Status.BLOCKED)
    def reject(self, reason: str) -> None:
        """Reject it: it is not owed. Raises WrongStatus unless it is blocked, AlreadyPosted if it was matched once."""
        if self.is_posted:
            remedy = "release it, or wait until goods arrive or prices fit"
            raise AlreadyPosted(f"{self.name} was matched and posted before it was blocked: {remedy}", field="status")
        self._rejected(reason=reason)

    def require_payable(self) -> None:
        """Require that it is owed and agrees with orders and receipts, or was released. Raises NotPayable."""
        if self.status == Status.REJECTED:
            raise NotPayable(f"{self.name} is rejected: nothing is owed", field="document_id")
        if self.status == Status.BLOCKED:
            why = "; ".join(each.detail for each in self.deviations) or "it is not matched yet"
            remedy = "Wait until goods arrive or prices fit, or have another person release it."
            raise NotPayable(f"{self.name} is blocked: {why}. {remedy}", field="document_id")

    @allowed_in(Status.MATCHED, Status.RELEASED)
    def write_off(self, limit: Decimal, on: date, reason: str) -> WriteOff:
        """Write off the open amount and return it. Raises WrongStatus, or WriteOffTooLarge above the limit."""
        return self._write_off(limit, on, reason)

    @allowed_in(Status.MATCHED, Status.RELEASED, Status.PAID)
    def reverse_write_off(self, on: date, reason: str) -> tuple[WriteOff, ...]:
        """Reopen what was written off and return it. Raises WrongStatus, or NothingWrittenOff."""
        return self._reverse_write_off(on, reason)

    def _accept(self, judged: Status, parts: tuple[InvoicedOrderLine, ...], posted_on: date) -> None:
        self.acceptance_status = judged
        self.order_lines = parts
        self.posted_on = posted_on
        self.open = self.total

    @event("Blocked")
    def _blocked(self, deviations: tuple[Deviation, ...]) -> None:
        self.deviations = deviations

    @event("Matched")
    def _matched(self, lines: tuple[InvoicedOrderLine, ...], tolerances: Tolerances, posted_on: date) -> None:
        self.deviations = ()
        self.tolerances = tolerances
        self._accept(Status.MATCHED, lines, posted_on)

    @event("MatchRestored")
    def _match_restored(self) -> None:
        self.deviations = ()

    @event("Released")
    def _released(
        self,
        reason: str,
        released_by: str,
        lines: tuple[InvoicedOrderLine, ...],
        posted_on: date,
        grounds: tuple[ReleaseGround, ...] = (),
    ) -> None:
        self.reason = reason
        self.released_by = released_by
        self.release_grounds = grounds
        if lines:
            self._accept(Status.RELEASED, lines, posted_on)
        self.acceptance_status = Status.RELEASED

    @event("ReleaseEnded")
    def _release_ended(self, deviations: tuple[Deviation, ...]) -> None:
        self.reason = self.released_by = None
        self.release_grounds = ()
        self.deviations = deviations
        self.acceptance_status = Status.MATCHED

    @event("Rejected")
    def _rejected(self, reason: str) -> None:
        self.reason = reason
        self.acceptance_status = Status.REJECTED
