"""What was promised to a customer, and how far the promise is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from services.crm.domain.customer import require_currency
from services.crm.domain.order_terms import Backorder, OrderLine, OrderTerms, ShipTo, numbered
from services.crm.domain.progress import LineQuantity, Progress
from services.crm.domain.status import STOPPABLE, Status
from shared.domain import Aggregate, Find, InvalidInput, event
from shared.money import Money

NUMBER = "sales_order.number"
LARGEST = Decimal(10) ** 15


class TooLarge(InvalidInput):
    """Nobody trades in amounts of more than 15 digits."""


class SalesOrder(Aggregate):
    """A promise to deliver goods at fixed prices. CRM drafts and places it; the others tell how it goes on."""

    @classmethod
    def draft(cls, currency: str, lines: tuple[OrderLine, ...], freight: Money | None = None, **agreed: Any) -> Self:
        """Refused with ForeignCurrency for a price or freight in another currency, with TooLarge beyond 15 digits."""
        _judge(currency, lines, freight)
        return cls(currency=currency, lines=lines, freight=freight or Money.zero(currency), **agreed)

    @event("Drafted")
    def __init__(
        self,
        number: str,
        customer_id: UUID,
        currency: str,
        lines: tuple[OrderLine, ...],
        freight: Money,
        ordered_on: date | None = None,
        required_on: date | None = None,
        warehouse: str | None = None,
        backorder: Backorder = Backorder.ALLOW,
        sales_rep: str | None = None,
        ship_to: ShipTo | None = None,
    ) -> None:
        self.number = number
        self.customer_id = customer_id
        self.currency = currency
        self.terms = OrderTerms(lines, freight, required_on, ship_to)
        self.ordered_on = ordered_on
        self.warehouse = warehouse
        self.backorder = backorder
        self.sales_rep = sales_rep
        self.reason: str | None = None
        self.revision = self.last_asked = 1
        self.amendments: dict[int, OrderTerms] = {}
        self.placed = self.dropped = self.cancelling = self.stock_answered = False
        self.held = self.approved = 0
        self.known_lines = {line.line: line for line in lines}
        self.progress = {line.line: Progress(line.quantity) for line in lines}
        self.open_invoices: dict[UUID, Money] = {}

    @property
    def wanted(self) -> OrderTerms:
        """What was asked for last, whether or not it is in force yet."""
        return self.amendments.get(self.last_asked, self.terms)

    # -- what CRM decides

    def place(self, today: date, payment_terms_days: int) -> None:
        """Commit to the order on these terms. Refused with WrongStatus unless it is a draft."""
        self._require(Status.DRAFT)
        self._placed(ordered_on=self.ordered_on or today, payment_terms_days=payment_terms_days, total=self.terms.total)

    def amend(self, wanted: OrderTerms) -> None:
        """Change a draft, or ask for a placed order to be changed; nothing where it is as wanted already.

        Refused with WrongStatus once all has left, otherwise as a draft is.
        """
        _judge(self.currency, wanted.lines, wanted.freight)
        if self.status == Status.DRAFT:
            terms = replace(wanted, lines=tuple(numbered(wanted.lines, ())))
            if terms != self.terms:
                self._amended(terms=terms)
        else:
            self._require(*STOPPABLE)
            self._ask_for(replace(wanted, lines=tuple(numbered(wanted.lines, self.known_lines.values()))))

    def _ask_for(self, terms: OrderTerms) -> None:
        if terms != self.wanted:
            freights = {each.freight for each in (self.terms, *self.amendments.values())}
            self._amendment_requested(
                revision=self.last_asked + 1, terms=terms, only_before_dispatch=freights != {terms.freight}
            )

    def cancel(self, reason: str) -> None:
        """Drop a draft, or ask for a placed order to be stopped. Refused with WrongStatus once all has left."""
        if self.status == Status.DRAFT:
            self._draft_cancelled(reason=reason)
        else:
            self._require(*STOPPABLE)
            self._cancellation_requested(reason=reason)

    @event("Placed")
    def _placed(self, ordered_on: date, payment_terms_days: int, total: Money) -> None:
        self.placed = True
        self.ordered_on = ordered_on

    @event("Amended")
    def _amended(self, terms: OrderTerms) -> None:
        self.progress = {line.line: Progress(line.quantity) for line in terms.lines}
        self.known_lines = {line.line: line for line in terms.lines}
        self.terms = terms

    @event("AmendmentRequested")
    def _amendment_requested(self, revision: int, terms: OrderTerms, only_before_dispatch: bool) -> None:
        self.last_asked = revision
        self.amendments[revision] = terms
        for line in terms.lines:
            self.known_lines.setdefault(line.line, line)
            self.progress.setdefault(line.line, Progress(Decimal(0)))

    @event("DraftCancelled")
    def _draft_cancelled(self, reason: str) -> None:
        self.dropped = True
        self.reason = reason

    @event("CancellationRequested")
    def _cancellation_requested(self, reason: str) -> None:
        self.cancelling = True
        self.reason = reason

    # -- what ERP tells

    @event("CreditHeld")
    def credit_held(self, revision: int = 1) -> None:
        self.held = revision

    @event("CreditApproved")
    def credit_approved(self, revision: int = 1) -> None:
        self.approved = revision

    @event("Invoiced")
    def invoiced(
        self, invoice_id: UUID, number: str, invoiced_on: date, total: Money, lines: tuple[LineQuantity, ...]
    ) -> None:
        self.open_invoices[invoice_id] = total
        for part in lines:
            self.progress[part.line].invoiced += part.quantity

    def payment_changed(self, invoice_id: UUID, payment_id: UUID, paid_on: date, still_open: Money) -> None:
        """This much of an invoice is still open: more than before if a payment was taken back."""
        amount = self.open_invoices[invoice_id] - still_open
        self._invoice_payment_changed(invoice_id, payment_id, paid_on, amount, still_open)

    @event("InvoicePaymentChanged")
    def _invoice_payment_changed(
        self, invoice_id: UUID, payment_id: UUID, paid_on: date, amount: Money, open_amount: Money
    ) -> None:
        self.open_invoices[invoice_id] = open_amount

    @event("InvoiceWrittenOff")
    def invoice_written_off(self, invoice_id: UUID, written_off_on: date, amount: Money, open_amount: Money) -> None:
        self.open_invoices[invoice_id] = open_amount

    # -- what SCM tells

    @event("StockReserved")
    def stock_reserved(self, lines: tuple[LineQuantity, ...]) -> None:
        self.stock_answered = True
        for part in lines:
            self.progress[part.line].taken += part.quantity

    @event("StockShort")
    def stock_short(self, lines: tuple[LineQuantity, ...]) -> None:
        self.stock_answered = True

    @event("Shipped")
    def shipped(
        self,
        shipment_id: UUID,
        shipped_on: date,
        carrier: str | None,
        tracking: str | None,
        lines: tuple[LineQuantity, ...],
    ) -> None:
        for part in lines:
            self.progress[part.line].shipped += part.quantity

    @event("AmendmentAccepted")
    def amendment_accepted(self, revision: int, released: tuple[LineQuantity, ...]) -> None:
        self.revision, self.terms = revision, self.amendments[revision]
        self._decided(revision)
        ordered = {line.line: line.quantity for line in self.terms.lines}
        for line, progress in self.progress.items():
            progress.ordered = ordered.get(line, Decimal(0))
        for part in released:
            self.progress[part.line].taken -= part.quantity

    @event("AmendmentRefused")
    def amendment_refused(self, revision: int, reason: str) -> None:
        self.reason = reason
        self._decided(revision)

    def _decided(self, revision: int) -> None:
        """SCM takes the newest it has heard of: what was asked for before is settled with it."""
        self.amendments = {asked: terms for asked, terms in self.amendments.items() if asked > revision}

    @event("Rejected")
    def rejected(self, reason: str, skus: tuple[str, ...]) -> None:
        self._stop(reason, tuple(LineQuantity(line.line, line.quantity) for line in self.terms.lines))

    @event("CancellationGranted")
    def cancellation_granted(self, reason: str, lines: tuple[LineQuantity, ...]) -> None:
        self._stop(reason, lines)

    @event("CancellationRefused")
    def cancellation_refused(self, reason: str) -> None:
        self.cancelling = False
        self.reason = reason

    def _stop(self, reason: str, parts: tuple[LineQuantity, ...]) -> None:
        self.cancelling = False
        self.amendments = {}
        self.reason = reason
        for part in parts:
            self.progress[part.line].stop(part.quantity)

    # -- where it stands

    @property
    def status(self) -> Status:
        """The furthest step heard, the same in whatever order SCM's and ERP's news crossed."""
        if self.dropped:
            return Status.CANCELLED
        if self.cancelling:
            return Status.CANCELLING
        if self.amendments:
            return Status.HELD if self.held == self.last_asked > self.approved else Status.AMENDING
        return next(status for status, reached in self._steps_back() if reached)

    def _steps_back(self) -> Iterator[tuple[Status, bool]]:
        due = [line for line in self.progress.values() if line.due]
        invoiced = all(line.invoiced >= line.due for line in due)
        yield Status.CANCELLED, not due
        yield Status.PAID, invoiced and not any(self.open_invoices.values())
        yield Status.INVOICED, invoiced
        yield Status.SHIPPED, all(line.left >= line.due for line in due)
        yield Status.PARTLY_SHIPPED, any(line.left for line in due)
        yield Status.RESERVED, all(line.taken >= line.due for line in due)
        yield Status.BACKORDERED, self.stock_answered
        yield Status.APPROVED, bool(self.approved)
        yield Status.HELD, bool(self.held)
        yield Status.PLACED, self.placed
        yield Status.DRAFT, True


def _judge(currency: str, lines: tuple[OrderLine, ...], freight: Money | None) -> None:
    for index, line in enumerate(lines):
        require_currency(currency, line.unit_price, field=f"lines/{index}/unit_price")
    require_currency(currency, freight, field="freight")
    if Money.sum((line.net for line in lines), currency) >= Money(LARGEST, currency):
        raise TooLarge("the lines add up to more than can be accounted for", field="lines")


def next_number(find: Find) -> str:
    """The next of the series that nobody has given to an order by hand."""
    while find.owner(NUMBER, number := f"SO-{find.number('sales-orders')}"):
        continue
    return number
