"""Sales order: ordered goods, and how far they are delivered, invoiced and paid."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from services.crm.sales_orders.domain.line_progress import InvoicedQuantity, LineProgress
from services.crm.sales_orders.domain.order_terms import AmendableTerms, OrderDetails, OrderLine, number_lines
from services.crm.sales_orders.domain.status import CANCELLABLE, Status
from shared.domain import (
    Aggregate,
    LineQuantity,
    UnitOfWork,
    allowed_in,
    event,
    require_amount_in_currency,
    require_not_before,
    require_total_of_lines_within_maximum,
    value_object,
)
from shared.money import Money

SALES_ORDER_NUMBER = "sales_order.number"


@value_object
class RefusedAmendment:
    """The amendment that SCM refused last, and why."""

    revision: int
    total: Money
    reason: str


class SalesOrder(Aggregate):
    """An order for goods at fixed prices. CRM drafts and places it; ERP and SCM report its progress."""

    @classmethod
    def draft(
        cls,
        number: str,
        customer_id: UUID,
        currency: str,
        terms: AmendableTerms,
        details: OrderDetails,
        ordered_on: date | None = None,
    ) -> Self:
        """Draft an order. Raises ForeignCurrency for a price or freight in another currency, AmountTooLarge.

        Raises DatedBefore for goods that are required before they are ordered.
        """
        _require_valid(currency, terms)
        require_not_before(terms.required_on, ordered_on, "the order", "required_on")
        return cls(number, customer_id, currency, terms, details, ordered_on)

    @event("Drafted")
    def __init__(
        self,
        number: str,
        customer_id: UUID,
        currency: str,
        terms: AmendableTerms,
        details: OrderDetails,
        ordered_on: date | None = None,
    ) -> None:
        self.number = number
        self.customer_id = customer_id
        self.currency = currency
        self.terms = terms
        self.details = details
        self.ordered_on = ordered_on
        self.reason: str | None = None
        self.revision = self.last_requested_revision = 1
        self.amendments: dict[int, AmendableTerms] = {}
        self.refused_amendment: RefusedAmendment | None = None
        self.is_placed = self.is_draft_cancelled = self.is_cancelling = self.has_stock_decision = False
        self.held_revision = self.approved_revision = 0
        self.known_lines = {line.line: line for line in terms.lines}
        self.progress = {line.line: LineProgress(line.quantity) for line in terms.lines}
        self.open_invoices: dict[UUID, Money] = {}

    def net_of(self, line: OrderLine) -> Money:
        """Return what a line comes to without its cancelled quantity."""
        progress = self.progress[line.line]
        return line.net_of(progress.net_ordered) if progress.final_net is None else progress.final_net

    @property
    def net(self) -> Money:
        """What the lines come to without cancelled quantities, each rounded separately."""
        return Money.sum((self.net_of(line) for line in self.terms.lines), self.currency)

    @property
    def freight(self) -> Money:
        """The freight; none once everything is cancelled."""
        stands = any(self.progress[line.line].net_ordered for line in self.terms.lines)
        return self.terms.freight if stands else Money.zero(self.currency)

    @property
    def dated_on(self) -> date:
        """The day of the order; a draft without one may be dated on any day."""
        return self.ordered_on or date.min

    @property
    def requested_terms(self) -> AmendableTerms:
        """The terms requested last, whether or not they are in force."""
        return self.amendments.get(self.last_requested_revision, self.terms)

    # -- decisions of CRM

    @allowed_in(Status.DRAFT)
    def place(self, today: date, payment_terms_days: int) -> None:
        """Commit to the order on these payment terms. Raises WrongStatus unless it is a draft."""
        self._placed(ordered_on=self.ordered_on or today, payment_terms_days=payment_terms_days, total=self.terms.total)

    @allowed_in(Status.DRAFT, *CANCELLABLE)
    def amend(self, requested: AmendableTerms) -> None:
        """Change a draft, or request the change of a placed order; equal terms change nothing.

        Raises WrongStatus once everything is shipped, ForeignCurrency, AmountTooLarge, DatedBefore.
        """
        _require_valid(self.currency, requested)
        if requested.required_on != self.requested_terms.required_on:
            require_not_before(requested.required_on, self.ordered_on, "the order", "required_on")
        if self.status == Status.DRAFT:
            terms = replace(requested, lines=tuple(number_lines(requested.lines, ())))
            if terms != self.terms:
                self._amended(terms=terms)
        else:
            self._request_amendment(
                replace(requested, lines=tuple(number_lines(requested.lines, self.known_lines.values())))
            )

    def _request_amendment(self, terms: AmendableTerms) -> None:
        if terms != self.requested_terms:
            freights = {each.freight for each in (self.terms, *self.amendments.values())}
            self._amendment_requested(
                revision=self.last_requested_revision + 1, terms=terms, only_before_dispatch=freights != {terms.freight}
            )

    @allowed_in(Status.DRAFT, *CANCELLABLE)
    def cancel(self, reason: str) -> None:
        """Cancel a draft, or request cancellation of a placed order. Raises WrongStatus once everything is shipped."""
        if self.status == Status.DRAFT:
            self._draft_cancelled(reason=reason)
        else:
            self._cancellation_requested(reason=reason)

    @event("Placed")
    def _placed(self, ordered_on: date, payment_terms_days: int, total: Money) -> None:
        self.is_placed = True
        self.ordered_on = ordered_on

    @event("Amended")
    def _amended(self, terms: AmendableTerms) -> None:
        self.progress = {line.line: LineProgress(line.quantity) for line in terms.lines}
        self.known_lines = {line.line: line for line in terms.lines}
        self.terms = terms

    @event("AmendmentRequested")
    def _amendment_requested(self, revision: int, terms: AmendableTerms, only_before_dispatch: bool) -> None:
        self.last_requested_revision = revision
        self.amendments[revision] = terms
        self.refused_amendment = None
        for line in terms.lines:
            self.known_lines.setdefault(line.line, line)
            self.progress.setdefault(line.line, LineProgress(Decimal(0)))

    @event("DraftCancelled")
    def _draft_cancelled(self, reason: str) -> None:
        self.is_draft_cancelled = True
        self.reason = reason
        for progress in self.progress.values():
            progress.cancel(progress.ordered)

    @event("CancellationRequested")
    def _cancellation_requested(self, reason: str) -> None:
        self.is_cancelling = True
        self.reason = reason

    # -- events of ERP

    @event("CreditHeld")
    def credit_held(self, revision: int = 1) -> None:
        self.held_revision = revision

    @event("CreditApproved")
    def credit_approved(self, revision: int = 1) -> None:
        self.approved_revision = revision

    @event("Invoiced")
    def invoiced(
        self, invoice_id: UUID, number: str, invoiced_on: date, total: Money, lines: tuple[InvoicedQuantity, ...]
    ) -> None:
        self.open_invoices[invoice_id] = total
        for part in lines:
            self.progress[part.line].invoice(part)

    def settlement_changed(self, invoice_id: UUID, settled_by: UUID, changed_on: date, still_open: Money) -> None:
        """Record the open amount of an invoice, which grows when a payment is reversed."""
        amount = self.open_invoices[invoice_id] - still_open
        self._invoice_settlement_changed(invoice_id, settled_by, changed_on, amount, still_open)

    @event("InvoiceSettlementChanged")
    def _invoice_settlement_changed(
        self, invoice_id: UUID, settled_by: UUID, changed_on: date, amount: Money, open_amount: Money
    ) -> None:
        self.open_invoices[invoice_id] = open_amount

    @event("InvoiceWrittenOff")
    def invoice_written_off(self, invoice_id: UUID, written_off_on: date, amount: Money, open_amount: Money) -> None:
        self.open_invoices[invoice_id] = open_amount

    @event("InvoiceWriteOffReversed")
    def invoice_write_off_reversed(
        self, invoice_id: UUID, reversed_on: date, amount: Money, open_amount: Money
    ) -> None:
        self.open_invoices[invoice_id] = open_amount

    # -- events of SCM

    @event("StockReserved")
    def stock_reserved(self, lines: tuple[LineQuantity, ...]) -> None:
        self.has_stock_decision = True
        for part in lines:
            self.progress[part.line].allocated += part.quantity

    @event("StockShort")
    def stock_short(self, lines: tuple[LineQuantity, ...]) -> None:
        self.has_stock_decision = True

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
        self._remove_decided_amendments(revision)
        ordered = {line.line: line.quantity for line in self.terms.lines}
        for line, progress in self.progress.items():
            progress.ordered = ordered.get(line, Decimal(0))
        for part in released:
            self.progress[part.line].allocated -= part.quantity

    @event("AmendmentRefused")
    def amendment_refused(self, revision: int, reason: str) -> None:
        terms = self.amendments.get(revision, self.terms)
        self.refused_amendment = RefusedAmendment(revision, terms.total, reason)
        self._remove_decided_amendments(revision)

    def _remove_decided_amendments(self, revision: int) -> None:
        """Remove this amendment and all older ones: SCM decides only on the newest it received."""
        self.amendments = {number: terms for number, terms in self.amendments.items() if number > revision}

    @event("Rejected")
    def rejected(self, reason: str, skus: tuple[str, ...]) -> None:
        self._cancel_remaining(reason, tuple(LineQuantity(line.line, line.quantity) for line in self.terms.lines))

    @event("CancellationGranted")
    def cancellation_granted(self, reason: str, lines: tuple[LineQuantity, ...]) -> None:
        self._cancel_remaining(reason, lines)

    @event("CancellationRefused")
    def cancellation_refused(self, reason: str) -> None:
        self.is_cancelling = False
        self.reason = reason

    def _cancel_remaining(self, reason: str, parts: tuple[LineQuantity, ...]) -> None:
        self.is_cancelling = False
        self.amendments = {}
        self.reason = reason
        for part in parts:
            self.progress[part.line].cancel(part.quantity)

    # -- status

    @property
    def status(self) -> Status:
        """The furthest step reached, independent of the order in which events of SCM and ERP arrive."""
        if self.is_draft_cancelled:
            return Status.CANCELLED
        if self.is_cancelling:
            return Status.CANCELLING
        if self.amendments:
            return (
                Status.HELD
                if self.held_revision == self.last_requested_revision > self.approved_revision
                else Status.AMENDING
            )
        return next(status for status, reached in self._reached_statuses() if reached)

    def _reached_statuses(self) -> Iterator[tuple[Status, bool]]:
        due = [line for line in self.progress.values() if line.net_ordered]
        invoiced = all(line.invoiced >= line.net_ordered for line in due)
        yield Status.CANCELLED, not due
        yield Status.PAID, invoiced and not any(self.open_invoices.values())
        yield Status.INVOICED, invoiced
        yield Status.SHIPPED, all(line.dispatched >= line.net_ordered for line in due)
        yield Status.PARTLY_SHIPPED, any(line.dispatched for line in due)
        yield Status.RESERVED, all(line.allocated >= line.net_ordered for line in due)
        yield Status.BACKORDERED, self.has_stock_decision
        yield Status.APPROVED, bool(self.approved_revision)
        yield Status.HELD, bool(self.held_revision)
        yield Status.PLACED, self.is_placed
        yield Status.DRAFT, True


def _require_valid(currency: str, terms: AmendableTerms) -> None:
    for index, line in enumerate(terms.lines):
        require_amount_in_currency(currency, line.unit_price, field=f"lines/{index}/unit_price")
    require_amount_in_currency(currency, terms.freight, field="freight")
    require_total_of_lines_within_maximum(terms.net)


def next_order_number(uow: UnitOfWork) -> str:
    """Return the next sales order number of the series that no order has yet."""
    while uow.get_unique_value(SALES_ORDER_NUMBER, number := f"SO-{uow.next_number('sales-orders')}"):
        continue
    return number
