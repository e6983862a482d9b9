"""Supply: what will arrive of an item at a warehouse."""

from decimal import Decimal
from uuid import UUID

from services.scm.replenishment.domain.purchase_request import PurchaseRequest
from shared.domain import Aggregate, event


class Supply(Aggregate):
    """Supply of an item for a warehouse that is still to arrive: on order, and requested but not on order yet."""

    @classmethod
    def create_id(cls, sku: str, warehouse: str) -> UUID:
        return cls.derive_id(warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.sku = sku
        self.warehouse = warehouse
        self.on_order: dict[UUID, Decimal] = {}
        self.requested: dict[UUID, Decimal] = {}
        self._requests = 0

    @property
    def total(self) -> Decimal:
        """Everything that will arrive."""
        return sum((*self.on_order.values(), *self.requested.values()), Decimal(0))

    def set_on_order(self, purchase_order_id: UUID, quantity: Decimal) -> None:
        """Set the open quantity of this purchase order."""
        if quantity != self.on_order.get(purchase_order_id, 0):
            self._on_order_changed(purchase_order_id=purchase_order_id, quantity=quantity)

    def request_purchase(self, quantity: Decimal) -> UUID:
        """Add a request for this quantity and return its id."""
        request_id = PurchaseRequest.derive_id(self.warehouse, self.sku, self._requests + 1)
        self._purchase_requested(request_id=request_id, quantity=quantity)
        return request_id

    def close_request(self, request_id: UUID) -> None:
        """Remove a request: it is on order now, or never will be."""
        if request_id in self.requested:
            self._request_closed(request_id=request_id)

    @event("OnOrderChanged")
    def _on_order_changed(self, purchase_order_id: UUID, quantity: Decimal) -> None:
        self.on_order[purchase_order_id] = quantity
        if not quantity:
            del self.on_order[purchase_order_id]

    @event("PurchaseRequested")
    def _purchase_requested(self, request_id: UUID, quantity: Decimal) -> None:
        self._requests += 1
        self.requested[request_id] = quantity

    @event("RequestClosed")
    def _request_closed(self, request_id: UUID) -> None:
        del self.requested[request_id]
