"""PurchaseValuation: agreed prices and received goods of a purchase order."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.erp.valuation.domain.moving_average import MovementMoment
from shared.domain import Aggregate, event, value_object
from shared.money import Money, UnitPrice, line_net_amount


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

    A receipt is valued once the prices of all its lines are known. Its part of a line is the net of all goods received
    up to it less that of those before, by date and order of arrival: so the parts add up to quantity x price, rounded
    once. A line removed from the order keeps its price: some of its goods may still arrive.
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

    def order_sent(self, supplier_id: UUID, prices: tuple[AgreedPrice, ...]) -> list[Receipt]:
        """Record the agreed prices; return the receipts that are valued now."""
        waiting = self.unpriced_receipts
        if self.supplier_id is None:
            self._order_sent(supplier_id=supplier_id, prices=prices)
        return [each for each in waiting if self.is_valued(each)]

    def order_revised(self, revision: int, prices: tuple[AgreedPrice, ...]) -> tuple[list[Receipt], list[Receipt]]:
        """Record revised prices; return the receipts that are valued now, and those whose value changed."""
        waiting, before = self.unpriced_receipts, dict(self._costs)
        changed = tuple(each.line for each in prices if self._has_changed_price(each))
        self._order_revised(revision=revision, prices=prices, repriced_lines=changed)
        return [each for each in waiting if self.is_valued(each)], self._revalued_receipts(before)

    def goods_received(self, receipt: Receipt) -> list[Receipt]:
        """Record a receipt, valued once its prices are known; return the receipts whose value changed with it."""
        before = dict(self._costs)
        self._goods_received(receipt=receipt)
        return self._revalued_receipts(before)

    def receipt_reversed(self, receipt_id: UUID) -> tuple[Receipt | None, list[Receipt]]:
        """Record the reversal of a receipt.

        Return the receipt if it was valued and has to leave stock, and the receipts whose value changed with it.
        """
        receipt, before = self.receipts.get(receipt_id), dict(self._costs)
        if receipt is None:
            return None, []
        valued = self.is_valued(receipt)
        self._receipt_reversed(receipt_id=receipt_id)
        return receipt if valued else None, self._revalued_receipts(before)

    def _revalued_receipts(self, before: dict[tuple[UUID, int], Money]) -> list[Receipt]:
        """Return the receipts that had another value before."""
        revalued = {key[0] for key, cost in self._costs.items() if before.get(key, cost) != cost}
        return [each for each in self.receipts.values() if each.receipt_id in revalued]

    def _has_changed_price(self, price: AgreedPrice) -> bool:
        return price.line in self.prices and self.prices[price.line].unit_price != price.unit_price

    def _received_lines_of(self, line: int) -> Iterator[tuple[UUID, ReceiptLine]]:
        for receipt in self.receipts.values():
            yield from ((receipt.receipt_id, each) for each in receipt.lines if each.line == line)

    def _update_costs(self, lines: Collection[int]) -> None:
        """Value the goods of these lines: each part up to the cumulative net, half up to the currency's digits."""
        arrived: dict[int, Decimal] = defaultdict(Decimal)
        for receipt in sorted(self.receipts.values(), key=lambda each: each.received_on):
            parts = receipt.lines if self.has_prices_for(receipt) else ()
            for each in (part for part in parts if part.line in lines):
                price = self.prices[each.line].unit_price
                before = line_net_amount(arrived[each.line], price)
                arrived[each.line] += each.quantity
                self._costs[receipt.receipt_id, each.line] = line_net_amount(arrived[each.line], price) - before

    @event("OrderSent")
    def _order_sent(self, supplier_id: UUID, prices: tuple[AgreedPrice, ...]) -> None:
        self.supplier_id = supplier_id
        self.prices = {each.line: each for each in prices}
        self._update_costs(self.prices)

    @event("OrderRevised")
    def _order_revised(self, revision: int, prices: tuple[AgreedPrice, ...], repriced_lines: tuple[int, ...]) -> None:
        self.prices |= {each.line: each for each in prices}
        self._update_costs(self.prices)

    @event("GoodsReceived")
    def _goods_received(self, receipt: Receipt) -> None:
        self.receipts[receipt.receipt_id] = receipt
        self._update_costs([each.line for each in receipt.lines])

    @event("ReceiptReversed")
    def _receipt_reversed(self, receipt_id: UUID) -> None:
        receipt = self.receipts.pop(receipt_id)
        for each in receipt.lines:
            self._costs.pop((receipt_id, each.line), None)
        self._update_costs([each.line for each in receipt.lines])
