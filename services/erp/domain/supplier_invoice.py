"""Bill: what a supplier asks us to pay for the goods of a purchase order."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.erp.domain.owed import require_open
from shared.domain import Aggregate, InvalidInput, NeedsAnother, Refused, event, value
from shared.money import Money, line_net

LARGEST = Decimal(10) ** 15


class NotPayable(Refused):
    """Only a bill that matches, or was released, is paid."""


class TooLarge(InvalidInput):
    """Nobody trades in amounts of more than 15 digits."""


class Status(StrEnum):
    BLOCKED = "blocked"
    MATCHED = "matched"
    RELEASED = "released"
    PAID = "paid"
    REJECTED = "rejected"


ACCEPTED = (Status.MATCHED, Status.RELEASED)


class Reason(StrEnum):
    """What is wrong with a line that does not match."""

    PRICE = "price_above_order"
    QUANTITY = "more_than_received"


@value
class SupplierInvoiceLine:
    """One billed line, as the supplier wrote it."""

    sku: str
    quantity: Decimal
    unit_price: Money

    @property
    def net(self) -> Money:
        """Quantity x price, half up to the currency's digits."""
        return line_net(self.quantity, self.unit_price)


@value
class Deviation:
    """Why a line (they count from 1) does not match: what would be allowed, and what was billed."""

    line: int
    reason: Reason
    allowed: Decimal
    billed: Decimal


@value
class MatchedLine:
    """What was billed of one line of the purchase order, and what of goods received not invoiced that clears."""

    line: int
    sku: str
    quantity: Decimal
    cleared: Money


class SupplierInvoice(Aggregate):
    """Recorded as the supplier sent it. blocked → matched or released → paid; blocked → rejected.

    Nothing is owed for it while it is blocked. Paid is not the end: a payment may be taken back.
    """

    @classmethod
    def record(
        cls, billed_on: date, payment_terms_days: int, lines: tuple[SupplierInvoiceLine, ...], **sent: Any
    ) -> Self:
        """Keep what came, due after the agreed days. Refused with TooLarge beyond 15 digits."""
        total = Money.sum(each.net for each in lines)
        if total.amount >= LARGEST:
            raise TooLarge("the lines add up to more than can be accounted for", field="lines")
        due_on = billed_on + timedelta(days=payment_terms_days)
        return cls(billed_on=billed_on, due_on=due_on, lines=lines, total=total, **sent)

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
    ) -> None:
        self.supplier_id = supplier_id
        self.number = number
        self.purchase_order_id = purchase_order_id
        self.billed_on = billed_on
        self.due_on = due_on
        self.lines = lines
        self.total = total
        self.recorded_by = recorded_by
        self.judged = Status.BLOCKED
        self.deviations: tuple[Deviation, ...] = ()
        self.parts: tuple[MatchedLine, ...] = ()
        self.open = Money.zero(total.currency)
        self.reason: str | None = None
        self.released_by: str | None = None

    @property
    def name(self) -> str:
        return f"bill {self.number}"

    @property
    def party_id(self) -> UUID:
        return self.supplier_id

    @property
    def status(self) -> Status:
        return Status.PAID if self.judged in ACCEPTED and not self.open else self.judged

    @property
    def cleared(self) -> Money:
        """What it clears of goods received not invoiced; the rest of the total is price variance."""
        return Money.sum((each.cleared for each in self.parts), self.total.currency)

    def block(self, deviations: tuple[Deviation, ...]) -> None:
        """It does not match, for these reasons. Nothing happens if they are the same as before."""
        if deviations != self.deviations:
            self._blocked(deviations=deviations)

    def match(self, parts: tuple[MatchedLine, ...]) -> None:
        """It agrees with what was ordered and has arrived: it is owed."""
        self._matched(lines=parts)

    def require_releasable(self, by: str) -> None:
        """Refused with WrongStatus unless it is blocked, with NeedsAnother to who recorded it."""
        self._require(Status.BLOCKED)
        if by == self.recorded_by:
            raise NeedsAnother(f"{by} recorded {self.name}: somebody else has to release it")

    def release(self, reason: str, by: str, parts: tuple[MatchedLine, ...]) -> None:
        """It is owed although it does not match."""
        self._released(reason=reason, released_by=by, lines=parts)

    def reject(self, reason: str) -> None:
        """It is not owed and goes back. Refused with WrongStatus unless it is blocked."""
        self._require(Status.BLOCKED)
        self._rejected(reason=reason)

    def settle(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        """A payment settles this much of it. Refused with NotPayable, MoreThanOpen, or InvalidInput."""
        if self.judged not in ACCEPTED:
            hint = "wait for the goods or have it released" if self.judged == Status.BLOCKED else "nothing is owed"
            raise NotPayable(f"{self.name} is {self.judged}: {hint}", field="document_id")
        require_open(self.name, self.open, amount)
        self._payment_applied(payment_id=payment_id, amount=amount, paid_on=paid_on)

    def reopen(self, payment_id: UUID, amount: Money, on: date) -> None:
        """A payment that settled this much of it is taken back."""
        self._payment_reversed(payment_id=payment_id, amount=amount, paid_on=on)

    def _owe(self, judged: Status, parts: tuple[MatchedLine, ...]) -> None:
        self.judged = judged
        self.parts = parts
        self.open = self.total

    @event("Blocked")
    def _blocked(self, deviations: tuple[Deviation, ...]) -> None:
        self.deviations = deviations

    @event("Matched")
    def _matched(self, lines: tuple[MatchedLine, ...]) -> None:
        self.deviations = ()
        self._owe(Status.MATCHED, lines)

    @event("Released")
    def _released(self, reason: str, released_by: str, lines: tuple[MatchedLine, ...]) -> None:
        self.reason = reason
        self.released_by = released_by
        self._owe(Status.RELEASED, lines)

    @event("Rejected")
    def _rejected(self, reason: str) -> None:
        self.reason = reason
        self.judged = Status.REJECTED

    @event("PaymentApplied")
    def _payment_applied(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        self.open -= amount

    @event("PaymentReversed")
    def _payment_reversed(self, payment_id: UUID, amount: Money, paid_on: date) -> None:
        self.open += amount
