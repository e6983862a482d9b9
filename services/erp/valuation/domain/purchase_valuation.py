"""PurchaseValuation: agreed prices and received goods of a purchase order."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.erp.valuation.domain.moving_average import MovementMoment
from shared.domain import Aggregate, event, value_object
from shared.money import Money, UnitPrice


@value_object
class AgreedPrice:
    """Agreed price and ordered quantity of one order line."""

    line: int
    unit_price: UnitPrice
    sku: str = ""
    quantity: Decimal = Decimal(0)


@value_object
class ReceiptLine:
    """Received goods of one order line, and their movement number if one was reserved while the price was unknown."""

    line: int
    sku: str
    quantity: Decimal
    movement_number: int | None = None


@value_object
class Receipt:
    """Goods of the order that were received together."""

    receipt_id: UUID
    warehouse: str
    received_on: date
    at: datetime
    lines: tuple[ReceiptLine, ...]

    @property
    def moment(self) -> MovementMoment:
        return MovementMoment(self.received_on, self.at)

    @property
    def skus(self) -> list[str]:
        return list(dict.fromkeys(each.sku for each in self.lines))


class PurchaseValuation(Aggregate):
    """Valuation of a purchase order: prices come from SRM, receipts from SCM, in either order.

    A receipt is valued once the prices of all its lines are known. A line removed from the order keeps its price:
    some of its goods may still arrive.
    """

    @classmethod
    def create_id(cls, purchase_order_id: UUID) -> UUID:
        return cls.derive_id(purchase_order_id)

    @event("Opened")
    def __init__(self, purchase_order_id: UUID) -> None:
        self.purchase_order_id = purchase_order_id
        self.supplier_id: UUID | None = None
        self.prices: dict[int, AgreedPrice] = {}
        self.receipts: dict[UUID, Receipt] = {}
        self._costs: dict[tuple[UUID, int], Money] = {}

    @property
    def known_supplier_id(self) -> UUID:
        """Supplier of the order, once it is known."""
        assert self.supplier_id is not None
        return self.supplier_id

    @property
    def unpriced_receipts(self) -> tuple[Receipt, ...]:
        """Receipts whose prices are not known yet."""
        return tuple(each for each in self.receipts.values() if not self.is_valued(each))

    def is_valued(self, receipt: Receipt) -> bool:
        """Return whether its goods were taken into stock at a price."""
        return all((receipt.receipt_id, each.line) in self._costs for each in receipt.lines)

    def has_prices_for(self, receipt: Receipt) -> bool:
        return all(each.line in self.prices for each in receipt.lines)

    def received_quantity(self, line: int) -> Decimal:
        """Return the received quantity of a line, without reversed receipts."""
        return sum((each.quantity for _, each in self._received_lines_of(line)), Decimal(0))

    def received_value(self, line: int) -> Money:
        """Return the value at which the goods of a line were taken into stock; unpriced goods count as zero."""
        valued = (self._costs.get((receipt_id, line)) for receipt_id, _ in self._received_lines_of(line))
        return Money.sum((each for each in valued if each), self.prices[line].unit_price.currency)

    def cost_of(self, receipt: Receipt, arrival: ReceiptLine) -> Money:
        """Return the value at which received goods were taken into stock."""
        return self._costs[receipt.receipt_id, arrival.line]

    def order_sent(self, supplier_id: UUID, prices: tuple[AgreedPrice, ...]) -> tuple[Receipt, ...]:
        """Record the agreed prices; return the receipts that are valued now."""
        waiting = self.unpriced_receipts
        if self.supplier_id is None:
            self._order_sent(supplier_id=supplier_id, prices=prices)
        return tuple(each for each in waiting if self.is_valued(each))

    def order_revised(self, revision: int, prices: tuple[AgreedPrice, ...]) -> tuple[list[Receipt], list[Receipt]]:
        """Record revised prices; return the receipts that are valued now, and those whose cost changed."""
        waiting, changed = self.unpriced_receipts, tuple(each.line for each in prices if self._has_changed_price(each))
        self._order_revised(revision=revision, prices=prices, repriced_lines=changed)
        priced = [each for each in waiting if self.is_valued(each)]
        return priced, [each for each in self.receipts.values() if each not in waiting and _has_line(each, changed)]

    def goods_received(self, receipt: Receipt) -> None:
        """Record a receipt; it is valued once its prices are known."""
        self._goods_received(receipt=receipt)

    def receipt_reversed(self, receipt_id: UUID) -> Receipt | None:
        """Record the reversal of a receipt; return the receipt if it was valued and has to leave stock."""
        receipt = self.receipts.get(receipt_id)
        if receipt is None:
            return None
        valued = self.is_valued(receipt)
        self._receipt_reversed(receipt_id=receipt_id)
        return receipt if valued else None

    def _has_changed_price(self, price: AgreedPrice) -> bool:
        return price.line in self.prices and self.prices[price.line].unit_price != price.unit_price

    def _received_lines_of(self, line: int) -> Iterator[tuple[UUID, ReceiptLine]]:
        for receipt in self.receipts.values():
            yield from ((receipt.receipt_id, each) for each in receipt.lines if each.line == line)

    def _value_receipt(self, receipt: Receipt) -> None:
        """Set the cost of each line: quantity x agreed price, half up to the currency's digits."""
        if self.has_prices_for(receipt):
            for each in receipt.lines:
                self._costs[receipt.receipt_id, each.line] = self.prices[each.line].unit_price.multiply(each.quantity)

    @event("OrderSent")
    def _order_sent(self, supplier_id: UUID, prices: tuple[AgreedPrice, ...]) -> None:
        self.supplier_id = supplier_id
        self.prices = {each.line: each for each in prices}
        for receipt in self.receipts.values():
            self._value_receipt(receipt)

    @event("OrderRevised")
    def _order_revised(self, revision: int, prices: tuple[AgreedPrice, ...], repriced_lines: tuple[int, ...]) -> None:
        waiting = self.unpriced_receipts
        self.prices |= {each.line: each for each in prices}
        for receipt in self.receipts.values():
            if receipt in waiting or _has_line(receipt, repriced_lines):
                self._value_receipt(receipt)

    @event("GoodsReceived")
    def _goods_received(self, receipt: Receipt) -> None:
        self.receipts[receipt.receipt_id] = receipt
        self._value_receipt(receipt)

    @event("ReceiptReversed")
    def _receipt_reversed(self, receipt_id: UUID) -> None:
        receipt = self.receipts.pop(receipt_id)
        for each in receipt.lines:
            self._costs.pop((receipt_id, each.line), None)


def _has_line(receipt: Receipt, lines: tuple[int, ...]) -> bool:
    return any(each.line in lines for each in receipt.lines)
