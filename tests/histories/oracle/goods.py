"""Goods of the firm: purchase orders, stock, counts, opening stock, and what orders have reserved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count

from tests.histories.oracle.amounts import ZERO
from tests.histories.oracle.buying import Parts, Purchase, Receipt
from tests.histories.oracle.selling import Order
from tests.histories.oracle.stock import BEFORE_ALL, Movement, Place, Stock


class Refused(Exception):
    """Raised when the rules do not allow something; nothing has changed then."""


def require(allowed: object, why: str) -> None:
    if not allowed:
        raise Refused(why)


@dataclass
class OpeningStock:
    """Opening stock of some items in a warehouse."""

    id: str
    warehouse: str
    skus: tuple[str, ...]
    is_reversed: bool = False


class Goods:
    """Purchases, stock, counts and what orders have reserved."""

    def __init__(self) -> None:
        self.stocks: dict[tuple[str, str], Stock] = {}
        self.orders: dict[str, Order] = {}
        self.purchases: dict[str, Purchase] = {}
        self.receipts: dict[str, tuple[Purchase, Receipt]] = {}
        self.counts: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.openings: dict[str, OpeningStock] = {}
        self._numbers = count(1)

    def stock(self, sku: str, warehouse: str) -> Stock:
        return self.stocks.setdefault((sku, warehouse), Stock(sku, warehouse))

    def reserved(self, order: Order) -> dict[int, Decimal]:
        """Return what is reserved for an order, by line."""
        lines = {each.number: self.stock(each.sku, order.warehouse) for each in order.lines}
        found = {number: stock.reserved_by.get((order.id, number), ZERO) for number, stock in lines.items()}
        return {number: quantity for number, quantity in found.items() if quantity}

    def _move(self, stock: Stock, kind: str, place: Place, document: str, **other: Decimal) -> None:
        stock.movements.append(Movement(kind, place, next(self._numbers), document, **other))
        stock.serve_queue()

    # -- purchases

    def send_purchase(self, purchase: Purchase) -> None:
        self.purchases[purchase.id] = purchase

    def receive(self, purchase: Purchase, receipt_id: str, parts: Parts, place: Place) -> None:
        """Receive quantities of lines of a purchase order."""
        require(not purchase.ended, "the purchase order has ended")
        require(place.day >= purchase.ordered_on, "it was not ordered yet")
        require(parts, "more than is open")
        require(
            all(purchase.open(purchase.line(number)) >= quantity for number, quantity in parts), "more than is open"
        )
        receipt = Receipt(receipt_id, place, parts)
        purchase.receipts.append(receipt)
        self.receipts[receipt_id] = purchase, receipt
        for number, quantity in parts:
            purchase.line(number).received += quantity
        for number, quantity in sorted(parts):
            stock = self.stock(purchase.line(number).sku, purchase.warehouse)
            self._move(stock, "receipt", place, f"{receipt_id}/{number}", quantity=quantity)
        self._settle_purchase(purchase)

    def reverse_receipt(self, receipt_id: str) -> None:
        purchase, receipt = self.receipts[receipt_id]
        require(not receipt.is_reversed, "it is reversed already")
        documents = {f"{receipt_id}/{number}" for number, _ in receipt.parts}
        stocks = {purchase.line(number).sku: self.stock(purchase.line(number).sku, purchase.warehouse)
                  for number, _ in receipt.parts}  # fmt: skip
        self._remove(stocks.values(), documents)
        receipt.is_reversed = True
        for number, quantity in receipt.parts:
            purchase.line(number).received -= quantity
        self._settle_purchase(purchase)

    def _remove(self, stocks: Iterable[Stock], documents: set[str]) -> None:
        """Remove movements as if they had never been; refused if reserved goods would be missing."""
        rest = {id(each): [move for move in each.movements if move.document not in documents] for each in stocks}
        require(all(each.can_become(rest[id(each)]) for each in stocks), "its goods are reserved or gone")
        for each in stocks:
            each.movements = rest[id(each)]
            each.serve_queue()

    def reprice(self, purchase: Purchase, prices: dict[int, Decimal]) -> None:
        require(not purchase.ended, "the purchase order has ended")
        for number, price in prices.items():
            purchase.line(number).price = price
        self._settle_purchase(purchase)

    def end_purchase(self, purchase: Purchase, how: str) -> None:
        allowed = {"closed": ("sent", "partly_received", "received"), "cancelled": ("sent", "partly_received")}[how]
        require(purchase.status in allowed, f"it is {purchase.status}")
        purchase.ended = how

    def _settle_purchase(self, purchase: Purchase) -> None:
        """Value all receipts of a purchase order, and match its supplier invoices."""
        for receipt, number, paid in purchase.paid():
            stock = self.stock(purchase.line(number).sku, purchase.warehouse)
            document = f"{receipt.id}/{number}"
            next(each for each in stock.movements if each.document == document).paid = paid
        purchase.match()

    # -- stock

    def count_stock(self, count_id: str, warehouse: str, lines: Sequence[tuple[str, Decimal]], place: Place) -> None:
        counted = [(self.stock(sku, warehouse), quantity) for sku, quantity in lines]
        for stock, quantity in counted:
            trial = Movement("count", place, 10**9, count_id, counted=quantity)
            require(stock.can_become([*stock.movements, trial]), "less than is reserved")
        self.counts[count_id] = warehouse, tuple(sku for sku, _ in lines)
        for stock, quantity in counted:
            self._move(stock, "count", place, count_id, counted=quantity)

    def open_stock(
        self, opening_id: str, warehouse: str, lines: Sequence[tuple[str, Decimal, Decimal]], day: date
    ) -> None:
        opened = {(each.warehouse, sku) for each in self.openings.values() if not each.is_reversed for sku in each.skus}
        require(all((warehouse, sku) not in opened for sku, _, _ in lines), "it was opened before")
        self.openings[opening_id] = OpeningStock(opening_id, warehouse, tuple(sku for sku, _, _ in lines))
        for sku, quantity, value in lines:
            place = Place(day, BEFORE_ALL)
            self._move(self.stock(sku, warehouse), "opening", place, opening_id, quantity=quantity, paid=value)

    def reverse_opening(self, opening_id: str) -> None:
        opening = self.openings[opening_id]
        require(not opening.is_reversed, "it is reversed already")
        self._remove([self.stock(sku, opening.warehouse) for sku in opening.skus], {opening_id})
        opening.is_reversed = True
