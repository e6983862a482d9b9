"""Purchase: what was agreed to pay for goods ordered from a supplier."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, derived_id, event, value
from shared.money import Money


@value
class Price:
    """The agreed price of one line of the order."""

    line: int
    unit_price: Money


@value
class Arrival:
    """Goods of one line that have arrived, and their place among the movements of their stock where that is kept."""

    line: int
    sku: str
    quantity: Decimal
    place: int | None = None


@value
class Receipt:
    """Goods of the order that arrived together."""

    receipt_id: UUID
    warehouse: str
    received_on: date
    arrivals: tuple[Arrival, ...]


class Purchase(Aggregate):
    """A purchase order as the books see it: SRM tells the prices, SCM what has arrived, in either order."""

    @staticmethod
    def create_id(purchase_order_id: UUID) -> UUID:
        return derived_id("purchase", purchase_order_id)

    @event("Opened")
    def __init__(self, purchase_order_id: UUID) -> None:
        self.supplier_id: UUID | None = None
        self.prices: dict[int, Money] = {}
        self.waiting: tuple[Receipt, ...] = ()

    @property
    def priced(self) -> bool:
        return self.supplier_id is not None

    @property
    def supplier(self) -> UUID:
        """Who is to be paid, once that is known."""
        assert self.supplier_id is not None
        return self.supplier_id

    def order_sent(self, supplier_id: UUID, prices: tuple[Price, ...]) -> tuple[Receipt, ...]:
        """The prices are known: the receipts that waited for them."""
        waiting = self.waiting
        if not self.priced:
            self._order_sent(supplier_id=supplier_id, prices=prices)
        return waiting

    def goods_received(self, receipt: Receipt) -> None:
        """Goods have arrived; they wait for their price if it is not known."""
        self._goods_received(receipt=receipt)

    def cost_of(self, arrival: Arrival) -> Money:
        """Quantity x agreed price, half up to the currency's digits."""
        return self.prices[arrival.line].times(arrival.quantity)

    @event("OrderSent")
    def _order_sent(self, supplier_id: UUID, prices: tuple[Price, ...]) -> None:
        self.supplier_id = supplier_id
        self.prices = {each.line: each.unit_price for each in prices}
        self.waiting = ()

    @event("GoodsReceived")
    def _goods_received(self, receipt: Receipt) -> None:
        if not self.priced:
            self.waiting = (*self.waiting, receipt)
