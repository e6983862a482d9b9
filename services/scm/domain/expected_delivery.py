"""ExpectedDelivery: what a supplier was asked to deliver and has not delivered yet."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.scm.domain.goods import Goods, GoodsLine, TooMuch, minus, plus, spread
from shared.domain import Aggregate, Refused, WrongStatus, event

HUNDRED = Decimal(100)


class NotOnOrder(Refused):
    """The purchase order does not ask for this item."""


class MoreThanOrdered(TooMuch):
    """More has come than may be taken in for the purchase order."""

    way_out = "have the purchase order revised to take in more"


class Status(StrEnum):
    EXPECTED = "expected"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class ExpectedDelivery(Aggregate):
    """A purchase order as the warehouse sees it. expected ⇄ complete; either → closed; expected → cancelled."""

    @classmethod
    def create_id(cls, purchase_order_id: UUID) -> UUID:
        return cls.derive_id(purchase_order_id)

    @event("ReceiptExpected")
    def __init__(self, purchase_order_id: UUID, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.purchase_order_id = purchase_order_id
        self.warehouse = warehouse
        self.ordered = lines
        self.received: tuple[GoodsLine, ...] = ()
        self.over_percent: Decimal | None = None
        self.ended: Status | None = None
        self.skus = {each.sku for each in lines}

    @property
    def status(self) -> Status:
        return self.ended or (Status.EXPECTED if self.open else Status.COMPLETE)

    @property
    def open(self) -> tuple[GoodsLine, ...]:
        """What is still to come: nothing more once it has ended, never less than nothing."""
        return () if self.ended else _beyond(self.ordered, self.received)

    def tolerate(self, over_percent: Decimal | None) -> None:
        """So much more than ordered may be taken in on each line; none = what the firm takes."""
        if over_percent != self.over_percent:
            self._tolerance_agreed(over_receipt_percent=over_percent)

    def receive(self, arrived: Sequence[Goods], firm_percent: Decimal = Decimal(0)) -> tuple[GoodsLine, ...]:
        """Goods have come: the lines they are of. `firm_percent` is the tolerance of an order that says none.

        Refused with WrongStatus once it has ended, NotOnOrder or MoreThanOrdered naming the line.
        """
        self._require_going_on()
        self._require_ordered(arrived)
        open_ = self.open
        lines = spread(arrived, (*open_, *self._beyond_order(firm_percent)), MoreThanOrdered)
        self._received(lines=lines)
        if surplus := _beyond(lines, open_):
            self._over_received(warehouse=self.warehouse, lines=surplus)
        return lines

    def take_back(self, lines: tuple[GoodsLine, ...]) -> None:
        """These have not come after all: they are open again, unless it has ended."""
        after = () if self.ended else _beyond(self.ordered, minus(self.received, lines))
        self._receipt_reversed(warehouse=self.warehouse, lines=lines, open_change=_change(self.open, after))

    def revise(self, lines: tuple[GoodsLine, ...], over_percent: Decimal | None) -> None:
        """It is for these lines from now on; what has come stays."""
        if not self.ended:
            opened = _change(self.open, _beyond(lines, self.received))
            self._revised(warehouse=self.warehouse, lines=lines, open_change=opened)
            self.tolerate(over_percent)

    def cancel(self) -> None:
        """What has not come will not."""
        if self.status == Status.EXPECTED:
            self._cancelled(warehouse=self.warehouse, lines=self.open)

    def close(self) -> None:
        """Nothing more is taken in, whatever has come."""
        if not self.ended:
            self._closed(warehouse=self.warehouse, lines=self.open)

    def _require_going_on(self) -> None:
        if self.ended:
            detail = f"purchase order {self.purchase_order_id} is {self.ended}: order anew what else has come"
            raise WrongStatus(detail, field="purchase_order_id")

    def _require_ordered(self, arrived: Sequence[Goods]) -> None:
        skus = {each.sku for each in self.ordered}
        for position, goods in enumerate(arrived):
            if goods.sku not in skus:
                raise NotOnOrder(f"line {position + 1}: {goods.sku} was not ordered", field=f"lines/{position}/sku")

    def _beyond_order(self, firm_percent: Decimal) -> Iterator[GoodsLine]:
        """How much more than ordered each line may still take."""
        percent = firm_percent if self.over_percent is None else self.over_percent
        received = {each.line: each.quantity for each in self.received}
        for each in self.ordered:
            most = each.quantity * (HUNDRED + percent) / HUNDRED
            taken = max(each.quantity, received.get(each.line, Decimal(0)))
            if most > taken:
                yield GoodsLine(each.line, each.sku, most - taken)

    @event("ToleranceAgreed")
    def _tolerance_agreed(self, over_receipt_percent: Decimal | None) -> None:
        self.over_percent = over_receipt_percent

    @event("Received")
    def _received(self, lines: tuple[GoodsLine, ...]) -> None:
        self.received = plus(self.received, lines)

    @event("OverReceived")
    def _over_received(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        """By how much the last receipt was more than open; the state has it already."""

    @event("ReceiptReversed")
    def _receipt_reversed(
        self, warehouse: str, lines: tuple[GoodsLine, ...], open_change: tuple[GoodsLine, ...]
    ) -> None:
        self.received = minus(self.received, lines)

    @event("Revised")
    def _revised(self, warehouse: str, lines: tuple[GoodsLine, ...], open_change: tuple[GoodsLine, ...]) -> None:
        self.ordered = lines
        self.skus |= {each.sku for each in lines}

    @event("Cancelled")
    def _cancelled(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.ended = Status.CANCELLED

    @event("Closed")
    def _closed(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.ended = Status.CLOSED


def _beyond(lines: Iterable[GoodsLine], others: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """What the lines have more than the others."""
    return tuple(each for each in minus(lines, others) if each.quantity > 0)


def _change(before: Iterable[GoodsLine], after: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """By how much each line has more (or less) than before."""
    less = (GoodsLine(each.line, each.sku, -each.quantity) for each in before)
    return tuple(each for each in plus(less, after) if each.quantity)
