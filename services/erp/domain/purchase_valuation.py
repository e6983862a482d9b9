"""Purchase: what was agreed to pay for goods ordered from a supplier, and what of them has come."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, event, value
from shared.money import Money


@value
class Price:
    """The agreed price of one line of the order, and what is ordered at it."""

    line: int
    unit_price: Money
    sku: str = ""
    quantity: Decimal = Decimal(0)


@value
class ReceiptLine:
    """Goods of one line that have arrived, and their place among the movements of their stock where that is kept."""

    line: int
    sku: str
    quantity: Decimal
    movement_number: int | None = None


@value
class Receipt:
    """Goods of the order that arrived together."""

    receipt_id: UUID
    warehouse: str
    received_on: date
    lines: tuple[ReceiptLine, ...]

    @property
    def skus(self) -> list[str]:
        return list(dict.fromkeys(each.sku for each in self.lines))


class PurchaseValuation(Aggregate):
    """A purchase order as the books see it: SRM tells the prices, SCM what has arrived, in either order.

    A receipt waits until the prices of all its lines are known. A line that left the order keeps its price:
    some of it may still be on its way.
    """

    @classmethod
    def create_id(cls, purchase_order_id: UUID) -> UUID:
        return cls.derive_id(purchase_order_id)

    @event("Opened")
    def __init__(self, purchase_order_id: UUID) -> None:
        self.purchase_order_id = purchase_order_id
        self.supplier_id: UUID | None = None
        self.prices: dict[int, Price] = {}
        self.receipts: dict[UUID, Receipt] = {}
        self._costs: dict[tuple[UUID, int], Money] = {}

    @property
    def supplier(self) -> UUID:
        """Who is to be paid, once that is known."""
        assert self.supplier_id is not None
        return self.supplier_id

    @property
    def waiting(self) -> tuple[Receipt, ...]:
        """The receipts whose prices are not known yet."""
        return tuple(each for each in self.receipts.values() if not self.is_valued(each))

    def is_valued(self, receipt: Receipt) -> bool:
        """Whether its goods were taken into stock at a price."""
        return all((receipt.receipt_id, each.line) in self._costs for each in receipt.lines)

    def knows_prices_of(self, receipt: Receipt) -> bool:
        return all(each.line in self.prices for each in receipt.lines)

    def received(self, line: int) -> Decimal:
        """How much of a line has come and stayed."""
        return sum((each.quantity for _, each in self._arrivals_of(line)), Decimal(0))

    def received_worth(self, line: int) -> Money:
        """What the goods of a line were taken into stock for; those that wait for their price count nothing."""
        valued = (self._costs.get((receipt_id, line)) for receipt_id, _ in self._arrivals_of(line))
        return Money.sum((each for each in valued if each), self.prices[line].unit_price.currency)

    def cost_of(self, receipt: Receipt, arrival: ReceiptLine) -> Money:
        """What arrived goods were taken into stock for."""
        return self._costs[receipt.receipt_id, arrival.line]

    def order_sent(self, supplier_id: UUID, prices: tuple[Price, ...]) -> tuple[Receipt, ...]:
        """The prices are known: the receipts that waited for them."""
        waiting = self.waiting
        if self.supplier_id is None:
            self._order_sent(supplier_id=supplier_id, prices=prices)
        return tuple(each for each in waiting if self.is_valued(each))

    def order_revised(self, revision: int, prices: tuple[Price, ...]) -> tuple[list[Receipt], list[Receipt]]:
        """The order costs something else: the receipts that waited for it, and those that now cost more or less."""
        waiting, changed = self.waiting, tuple(each.line for each in prices if self._differs(each))
        self._order_revised(revision=revision, prices=prices, repriced_lines=changed)
        priced = [each for each in waiting if self.is_valued(each)]
        return priced, [each for each in self.receipts.values() if each not in waiting and _holds(each, changed)]

    def goods_received(self, receipt: Receipt) -> None:
        """Goods have arrived; they wait for their price if it is not known."""
        self._goods_received(receipt=receipt)

    def receipt_reversed(self, receipt_id: UUID) -> Receipt | None:
        """The receipt was a mistake: what is to be taken out of stock again, if it had been taken in at a price."""
        receipt = self.receipts.get(receipt_id)
        if receipt is None:
            return None
        valued = self.is_valued(receipt)
        self._receipt_reversed(receipt_id=receipt_id)
        return receipt if valued else None

    def _differs(self, price: Price) -> bool:
        return price.line in self.prices and self.prices[price.line].unit_price != price.unit_price

    def _arrivals_of(self, line: int) -> Iterator[tuple[UUID, ReceiptLine]]:
        for receipt in self.receipts.values():
            yield from ((receipt.receipt_id, each) for each in receipt.lines if each.line == line)

    def _value(self, receipt: Receipt) -> None:
        """Quantity x agreed price, half up to the currency's digits on each line."""
        if self.knows_prices_of(receipt):
            for each in receipt.lines:
                self._costs[receipt.receipt_id, each.line] = self.prices[each.line].unit_price.times(each.quantity)

    @event("OrderSent")
    def _order_sent(self, supplier_id: UUID, prices: tuple[Price, ...]) -> None:
        self.supplier_id = supplier_id
        self.prices = {each.line: each for each in prices}
        for receipt in self.receipts.values():
            self._value(receipt)

    @event("OrderRevised")
    def _order_revised(self, revision: int, prices: tuple[Price, ...], repriced_lines: tuple[int, ...]) -> None:
        waiting = self.waiting
        self.prices |= {each.line: each for each in prices}
        for receipt in self.receipts.values():
            if receipt in waiting or _holds(receipt, repriced_lines):
                self._value(receipt)

    @event("GoodsReceived")
    def _goods_received(self, receipt: Receipt) -> None:
        self.receipts[receipt.receipt_id] = receipt
        self._value(receipt)

    @event("ReceiptReversed")
    def _receipt_reversed(self, receipt_id: UUID) -> None:
        receipt = self.receipts.pop(receipt_id)
        for each in receipt.lines:
            self._costs.pop((receipt_id, each.line), None)


def _holds(receipt: Receipt, lines: tuple[int, ...]) -> bool:
    return any(each.line in lines for each in receipt.lines)
