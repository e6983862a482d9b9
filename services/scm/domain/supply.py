"""Supply: what will come of an item to a warehouse."""

from decimal import Decimal
from uuid import UUID

from services.scm.domain.purchase_request import PurchaseRequest
from shared.domain import Aggregate, event


class Supply(Aggregate):
    """What is on order of an item for a warehouse, and what was asked for and is not on order yet."""

    @classmethod
    def create_id(cls, sku: str, warehouse: str) -> UUID:
        return cls.derive_id(warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.sku = sku
        self.warehouse = warehouse
        self.on_order: dict[UUID, Decimal] = {}
        self.asked: dict[UUID, Decimal] = {}
        self._requests = 0

    @property
    def total(self) -> Decimal:
        """All that will come."""
        return sum((*self.on_order.values(), *self.asked.values()), Decimal(0))

    def expect(self, purchase_order_id: UUID, quantity: Decimal) -> None:
        """So much of this purchase order is still to come."""
        if quantity != self.on_order.get(purchase_order_id, 0):
            self._on_order_changed(purchase_order_id=purchase_order_id, quantity=quantity)

    def ask(self, quantity: Decimal) -> UUID:
        """Have so much bought: the id of the request."""
        request_id = PurchaseRequest.derive_id(self.warehouse, self.sku, self._requests + 1)
        self._purchase_requested(request_id=request_id, quantity=quantity)
        return request_id

    def settle(self, request_id: UUID) -> None:
        """The request is on order now, or never will be."""
        if request_id in self.asked:
            self._request_closed(request_id=request_id)

    @event("OnOrderChanged")
    def _on_order_changed(self, purchase_order_id: UUID, quantity: Decimal) -> None:
        self.on_order[purchase_order_id] = quantity
        if not quantity:
            del self.on_order[purchase_order_id]

    @event("PurchaseRequested")
    def _purchase_requested(self, request_id: UUID, quantity: Decimal) -> None:
        self._requests += 1
        self.asked[request_id] = quantity

    @event("RequestClosed")
    def _request_closed(self, request_id: UUID) -> None:
        del self.asked[request_id]
