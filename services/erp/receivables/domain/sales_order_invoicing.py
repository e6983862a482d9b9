"""SalesOrderInvoicing: terms of a sales order, and what of it was invoiced."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from services.erp.receivables.domain.invoice import InvoiceLine, InvoiceTerms
from services.erp.receivables.domain.order_terms import (
    DispatchedLine,
    DispatchedShipment,
    InvoicedLine,
    OrderedLine,
    OrderTerms,
)
from shared.domain import Aggregate, event
from shared.money import Money


class SalesOrderInvoicing(Aggregate):
    """Invoicing of a sales order: invoices add up to the net of each line to the cent, and to the freight once.

    Events of SCM that arrive before the order are kept until it arrives. An amendment counts for credit from its
    request on and is invoiced once SCM accepts it; until then the version with the highest total counts.
    """

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Opened")
    def __init__(self, order_id: UUID, order_terms: OrderTerms | None = None) -> None:
        self.order_id = order_id
        self.order_terms_or_none = order_terms
        self.revision = self.decided_revision = 1
        self.candidate_terms = {1: order_terms} if order_terms else {}
        self.is_closed = False
        self.queued_dispatches: tuple[DispatchedShipment, ...] = ()
        self.invoiced_lines: dict[int, InvoicedLine] = {}
        self.invoiced_freight: Money | None = None
        self._update_credit_amount()

    @property
    def order_terms(self) -> OrderTerms:
        """Terms of the order, once they are known."""
        assert self.order_terms_or_none is not None
        return self.order_terms_or_none

    @property
    def invoice_terms(self) -> InvoiceTerms:
        return InvoiceTerms(self.order_terms.customer_id, self.order_id, self.order_terms.payment_terms_days)

    @property
    def uninvoiced_freight(self) -> Money:
        """Freight, until the first invoice includes it."""
        return self._freight_to_invoice(self.order_terms)

    @property
    def uninvoiced(self) -> Money:
        """The part of the credit amount that is not invoiced yet."""
        return self.credit_amount - self._invoiced_total(self.order_terms.freight.currency)

    def order_placed(self, promise: OrderTerms) -> None:
        if self.order_terms_or_none is None:
            self._order_placed(order_terms=promise)

    def request_amendment(self, revision: int, promise: OrderTerms, instead_of: int | None) -> bool:
        """Add amended terms in place of the held revision `instead_of`, if any. Returns False if it is too late."""
        is_open = revision > self.decided_revision and not self.is_closed
        if is_open:
            self._amendment_requested(revision=revision, order_terms=promise, replaces_revision=instead_of)
        return is_open

    def amendment_accepted(self, revision: int) -> None:
        """Invoice later shipments on the amended terms."""
        self._amendment_accepted(revision=revision)

    def amendment_refused(self, revision: int) -> None:
        """Keep the current terms."""
        self._amendment_refused(revision=revision)

    def await_order(self, dispatch: DispatchedShipment) -> None:
        """Queue a shipment until the prices are known."""
        self._shipment_awaiting_order(shipment=dispatch)

    def close_order(self) -> None:
        """Close the order: no more goods are shipped."""
        self._order_closed()

    def invoice(self, dispatch: DispatchedShipment) -> tuple[tuple[InvoiceLine, ...], Money]:
        """Return the invoice lines for exactly these goods, and the freight if this is the first invoice."""
        lines = tuple(self._invoice_lines(dispatch.lines))
        freight = self.uninvoiced_freight
        billed = tuple(InvoicedLine(each.line, each.quantity, each.net) for each in lines)
        self._shipment_invoiced(shipment_id=dispatch.shipment_id, lines=billed, freight=freight)
        return lines, freight

    def _invoice_lines(self, dispatched: Sequence[DispatchedLine]) -> Iterator[InvoiceLine]:
        ordered = {each.line: each for each in self.order_terms.lines}
        for each in dispatched:
            line = ordered[each.line]
            net = self._net_of_part(line, each.quantity)
            yield InvoiceLine(line.line, line.sku, each.quantity, line.unit_price, line.discount_percent, net)

    def _net_of_part(self, line: OrderedLine, quantity: Decimal) -> Money:
        """Return the net of a part, half up, at most the line's net; the last part takes the rest."""
        left = self._uninvoiced_net(line)
        last = self._invoiced_line(line).quantity + quantity == line.quantity
        return left if last else min(line.net_of(quantity), left)

    def _uninvoiced_net(self, line: OrderedLine) -> Money:
        """Return what may still be invoiced of a line; zero once all its goods are, whatever was rounded."""
        before, nothing = self._invoiced_line(line), Money.zero(line.unit_price.currency)
        return nothing if before.quantity == line.quantity else max(line.net - before.net, nothing)

    def _invoiced_line(self, line: OrderedLine) -> InvoicedLine:
        return self.invoiced_lines.get(line.line) or InvoicedLine(
            line.line, Decimal(0), Money.zero(line.unit_price.currency)
        )

    def _freight_to_invoice(self, promise: OrderTerms) -> Money:
        return Money.zero(promise.freight.currency) if self.invoiced_lines else promise.freight

    def _invoiced_total(self, currency: str) -> Money:
        nets = Money.sum((each.net for each in self.invoiced_lines.values()), currency)
        return nets + (self.invoiced_freight or Money.zero(currency))

    def _expected_total(self, promise: OrderTerms) -> Money:
        """Return the invoiced amount and what may still be invoiced on these terms."""
        currency = promise.freight.currency
        left = Money.sum((self._uninvoiced_net(line) for line in promise.lines), currency)
        return self._invoiced_total(currency) + left + self._freight_to_invoice(promise)

    def _update_credit_amount(self) -> None:
        """Set the amount of the order that counts for credit, invoiced or not."""
        if self.candidate_terms:
            self.credit_amount = max(self._expected_total(each) for each in self.candidate_terms.values())

    @event("OrderPlaced")
    def _order_placed(self, order_terms: OrderTerms) -> None:
        self.order_terms_or_none = order_terms
        self.candidate_terms[1] = order_terms
        self._update_credit_amount()

    @event("AmendmentRequested")
    def _amendment_requested(self, revision: int, order_terms: OrderTerms, replaces_revision: int | None) -> None:
        self.candidate_terms.pop(replaces_revision or 0, None)
        self.candidate_terms[revision] = order_terms
        self._update_credit_amount()

    @event("AmendmentAccepted")
    def _amendment_accepted(self, revision: int) -> None:
        self.order_terms_or_none, self.revision = self.candidate_terms[revision], revision
        self._remove_decided_terms(revision)

    @event("AmendmentRefused")
    def _amendment_refused(self, revision: int) -> None:
        self._remove_decided_terms(revision)

    def _remove_decided_terms(self, revision: int) -> None:
        """Remove all terms requested up to this revision, except those in force."""
        self.decided_revision = revision
        self.candidate_terms = {
            each: terms for each, terms in self.candidate_terms.items() if each == self.revision or each > revision
        }
        self._update_credit_amount()

    @event("ShipmentAwaitingOrder")
    def _shipment_awaiting_order(self, shipment: DispatchedShipment) -> None:
        self.queued_dispatches = (*self.queued_dispatches, shipment)

    @event("OrderClosed")
    def _order_closed(self) -> None:
        self.is_closed = True

    @event("ShipmentInvoiced")
    def _shipment_invoiced(self, shipment_id: UUID, lines: tuple[InvoicedLine, ...], freight: Money) -> None:
        self.queued_dispatches = tuple(each for each in self.queued_dispatches if each.shipment_id != shipment_id)
        self.invoiced_freight = freight + (self.invoiced_freight or Money.zero(freight.currency))
        for each in lines:
            before = self.invoiced_lines.get(each.line)
            self.invoiced_lines[each.line] = before.add(each) if before else each
