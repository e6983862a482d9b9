"""Billing: what of a customer's order was promised at which price, and what of it was invoiced."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.domain.invoice import InvoiceLine, Terms
from shared.domain import Aggregate, derived_id, event, value
from shared.money import Money, line_net


@value
class PromisedLine:
    """One line of the order; its price is frozen."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money
    discount_percent: Decimal

    @property
    def net(self) -> Money:
        return self.net_of(self.quantity)

    def net_of(self, quantity: Decimal) -> Money:
        return line_net(quantity, self.unit_price, self.discount_percent)


@value
class Promise:
    """An order as the customer accepted it."""

    customer_id: UUID
    payment_terms_days: int
    lines: tuple[PromisedLine, ...]
    freight: Money


@value
class DispatchedLine:
    """Goods of one line that have left."""

    line: int
    quantity: Decimal


@value
class Dispatch:
    """Goods of the order that left together."""

    shipment_id: UUID
    dispatched_on: date
    lines: tuple[DispatchedLine, ...]


@value
class BilledLine:
    """How much of a line was invoiced."""

    line: int
    quantity: Decimal
    net: Money

    def plus(self, more: "BilledLine") -> "BilledLine":
        return BilledLine(self.line, self.quantity + more.quantity, self.net + more.net)


class Billing(Aggregate):
    """The invoices of one order add up to what was promised: each line's net to the cent, freight once.

    What SCM tells may come before the promise is known here: it is kept until then.
    """

    @staticmethod
    def create_id(order_id: UUID) -> UUID:
        return derived_id("billing", order_id)

    @event("Opened")
    def __init__(self, order_id: UUID, promise: Promise | None = None) -> None:
        self.order_id = order_id
        self.promise = promise
        self.stopped = False
        self.waiting: tuple[Dispatch, ...] = ()
        self.billed: dict[int, BilledLine] = {}

    @property
    def known(self) -> Promise:
        """The promise, once it was heard."""
        assert self.promise is not None
        return self.promise

    @property
    def terms(self) -> Terms:
        return Terms(self.known.customer_id, self.order_id, self.known.payment_terms_days)

    @property
    def due_freight(self) -> Money:
        """The freight, until the first invoice took it."""
        freight = self.known.freight
        return Money.zero(freight.currency) if self.billed else freight

    @property
    def unbilled(self) -> Money:
        """What of the promise is not invoiced: all of it at first."""
        lines = (line.net - self._billed(line).net for line in self.known.lines)
        return Money.sum(lines, self.known.freight.currency) + self.due_freight

    def order_placed(self, promise: Promise) -> None:
        if self.promise is None:
            self._order_placed(promise=promise)

    def wait_for_the_promise(self, dispatch: Dispatch) -> None:
        """These goods can be billed once the prices are known."""
        self._dispatch_waiting(dispatch=dispatch)

    def stop(self) -> None:
        """Nothing more of the order will be shipped."""
        self._order_stopped()

    def bill(self, dispatch: Dispatch) -> tuple[tuple[InvoiceLine, ...], Money]:
        """The invoice lines for exactly these goods, and the freight where it is the first invoice."""
        lines = tuple(self._invoice_lines(dispatch.lines))
        freight = self.due_freight
        billed = tuple(BilledLine(each.line, each.quantity, each.net) for each in lines)
        self._goods_billed(shipment_id=dispatch.shipment_id, lines=billed, freight=freight)
        return lines, freight

    def _invoice_lines(self, dispatched: Sequence[DispatchedLine]) -> Iterator[InvoiceLine]:
        promised = {each.line: each for each in self.known.lines}
        for each in dispatched:
            line = promised[each.line]
            net = self._net(line, each.quantity)
            yield InvoiceLine(line.line, line.sku, each.quantity, line.unit_price, line.discount_percent, net)

    def _net(self, line: PromisedLine, quantity: Decimal) -> Money:
        """Half up for a part, never beyond the line's net; the last part takes what is left of it."""
        before = self._billed(line)
        left = line.net - before.net
        return left if before.quantity + quantity == line.quantity else min(line.net_of(quantity), left)

    def _billed(self, line: PromisedLine) -> BilledLine:
        return self.billed.get(line.line) or BilledLine(line.line, Decimal(0), Money.zero(line.unit_price.currency))

    @event("OrderPlaced")
    def _order_placed(self, promise: Promise) -> None:
        self.promise = promise

    @event("DispatchWaiting")
    def _dispatch_waiting(self, dispatch: Dispatch) -> None:
        self.waiting = (*self.waiting, dispatch)

    @event("OrderStopped")
    def _order_stopped(self) -> None:
        self.stopped = True

    @event("GoodsBilled")
    def _goods_billed(self, shipment_id: UUID, lines: tuple[BilledLine, ...], freight: Money) -> None:
        self.waiting = tuple(each for each in self.waiting if each.shipment_id != shipment_id)
        for each in lines:
            before = self.billed.get(each.line)
            self.billed[each.line] = before.plus(each) if before else each
