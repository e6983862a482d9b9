"""The purchase request behind a purchase order."""

from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from shared.domain import UnitOfWork


def purchase_request_of(order: PurchaseOrder, uow: UnitOfWork) -> PurchaseRequest | None:
    """Return the request the order was drafted for, or None."""
    return uow.get(PurchaseRequest, order.request_id) if order.request_id else None
