"""Billing: what of a customer's order was promised at which price, and what of it was invoiced."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from services.erp.domain.invoice import InvoiceLine, InvoiceTerms
from services.erp.domain.order_terms import DispatchedLine, DispatchedShipment, InvoicedLine, OrderedLine, OrderTerms
from shared.domain import Aggregate, event
from shared.money import Money


class SalesOrderInvoicing(Aggregate):
    """The invoices of one order add up to what was promised: each line's net to the cent, freight once.

    What SCM tells may come before the promise is known here: it is kept until then. An amended order counts for credit
    from when it is asked for, and is what is invoiced from when SCM accepts it; of both versions the dearer counts.
    """

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Opened")
    def __init__(self, order_id: UUID, order_terms: OrderTerms | None = None) -> None:
        self.order_id = order_id
        self.promise = order_terms
        self.revision = self.decided = 1
        self.open_promises = {1: order_terms} if order_terms else {}
        self.stopped = False
        self.waiting: tuple[DispatchedShipment, ...] = ()
        self.billed: dict[int, InvoicedLine] = {}
        self.freight_billed: Money | None = None
        self._count()

    @property
    def known(self) -> OrderTerms:
        """The promise, once it was heard."""
        assert self.promise is not None
        return self.promise

    @property
    def terms(self) -> InvoiceTerms:
        return InvoiceTerms(self.known.customer_id, self.order_id, self.known.payment_terms_days)

    @property
    def due_freight(self) -> Money:
        """The freight, until the first invoice took it."""
        return self._freight_left(self.known)

    @property
    def unbilled(self) -> Money:
        """What of the promise is not invoiced: all of it at first."""
        return self.counted - self._invoiced(self.known.freight.currency)

    def order_placed(self, promise: OrderTerms) -> None:
        if self.promise is None:
            self._order_placed(order_terms=promise)

    def amendment_asked(self, revision: int, promise: OrderTerms, instead_of: int | None) -> bool:
        """Another promise shall take its place; `instead_of` never got credit, nor will it. False if it is too late."""
        open_still = revision > self.decided and not self.stopped
        if open_still:
            self._amendment_requested(revision=revision, order_terms=promise, replaces_revision=instead_of)
        return open_still

    def amendment_accepted(self, revision: int) -> None:
        """What leaves from now on is invoiced as amended."""
        self._amendment_accepted(revision=revision)

    def amendment_refused(self, revision: int) -> None:
        """The promise stays what it was."""
        self._amendment_refused(revision=revision)

    def wait_for_the_promise(self, dispatch: DispatchedShipment) -> None:
        """These goods can be billed once the prices are known."""
        self._shipment_awaiting_order(shipment=dispatch)

    def stop(self) -> None:
        """Nothing more of the order will be shipped."""
        self._order_closed()

    def bill(self, dispatch: DispatchedShipment) -> tuple[tuple[InvoiceLine, ...], Money]:
        """The invoice lines for exactly these goods, and the freight where it is the first invoice."""
        lines = tuple(self._invoice_lines(dispatch.lines))
        freight = self.due_freight
        billed = tuple(InvoicedLine(each.line, each.quantity, each.net) for each in lines)
        self._shipment_invoiced(shipment_id=dispatch.shipment_id, lines=billed, freight=freight)
        return lines, freight

    def _invoice_lines(self, dispatched: Sequence[DispatchedLine]) -> Iterator[InvoiceLine]:
        promised = {each.line: each for each in self.known.lines}
        for each in dispatched:
            line = promised[each.line]
            net = self._net(line, each.quantity)
            yield InvoiceLine(line.line, line.sku, each.quantity, line.unit_price, line.discount_percent, net)

    def _net(self, line: OrderedLine, quantity: Decimal) -> Money:
        """Half up for a part, never beyond the line's net; the last part takes what is left of it."""
        left = self._left(line)
        last = self._billed(line).quantity + quantity == line.quantity
        return left if last else min(line.net_of(quantity), left)

    def _left(self, line: OrderedLine) -> Money:
        """What may still be invoiced of a line; nothing once all of its goods are, though cents were rounded."""
        before, nothing = self._billed(line), Money.zero(line.unit_price.currency)
        return nothing if before.quantity == line.quantity else max(line.net - before.net, nothing)

    def _billed(self, line: OrderedLine) -> InvoicedLine:
        return self.billed.get(line.line) or InvoicedLine(line.line, Decimal(0), Money.zero(line.unit_price.currency))

    def _freight_left(self, promise: OrderTerms) -> Money:
        return Money.zero(promise.freight.currency) if self.billed else promise.freight

    def _invoiced(self, currency: str) -> Money:
        nets = Money.sum((each.net for each in self.billed.values()), currency)
        return nets + (self.freight_billed or Money.zero(currency))

    def _comes_to(self, promise: OrderTerms) -> Money:
        """What was invoiced, and what may still be by this promise."""
        currency = promise.freight.currency
        left = Money.sum((self._left(line) for line in promise.lines), currency)
        return self._invoiced(currency) + left + self._freight_left(promise)

    def _count(self) -> None:
        """What credit counts for the order, invoiced or not."""
        if self.open_promises:
            self.counted = max(self._comes_to(each) for each in self.open_promises.values())

    @event("OrderPlaced")
    def _order_placed(self, order_terms: OrderTerms) -> None:
        self.promise = order_terms
        self.open_promises[1] = order_terms
        self._count()

    @event("AmendmentRequested")
    def _amendment_requested(self, revision: int, order_terms: OrderTerms, replaces_revision: int | None) -> None:
        self.open_promises.pop(replaces_revision or 0, None)
        self.open_promises[revision] = order_terms
        self._count()

    @event("AmendmentAccepted")
    def _amendment_accepted(self, revision: int) -> None:
        self.promise, self.revision = self.open_promises[revision], revision
        self._settle(revision)

    @event("AmendmentRefused")
    def _amendment_refused(self, revision: int) -> None:
        self._settle(revision)

    def _settle(self, revision: int) -> None:
        """Of what was asked for up to this revision only the one in force counts."""
        self.decided = revision
        self.open_promises = {
            each: promise for each, promise in self.open_promises.items() if each == self.revision or each > revision
        }
        self._count()

    @event("ShipmentAwaitingOrder")
    def _shipment_awaiting_order(self, shipment: DispatchedShipment) -> None:
        self.waiting = (*self.waiting, shipment)

    @event("OrderClosed")
    def _order_closed(self) -> None:
        self.stopped = True

    @event("ShipmentInvoiced")
    def _shipment_invoiced(self, shipment_id: UUID, lines: tuple[InvoicedLine, ...], freight: Money) -> None:
        self.waiting = tuple(each for each in self.waiting if each.shipment_id != shipment_id)
        self.freight_billed = freight + (self.freight_billed or Money.zero(freight.currency))
        for each in lines:
            before = self.billed.get(each.line)
            self.billed[each.line] = before.plus(each) if before else each
