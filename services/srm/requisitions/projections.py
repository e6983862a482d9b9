"""Projection of purchase requests."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.srm.requisitions.domain.purchase_request import PurchaseRequest, Status
from shared.fields import Code
from shared.money import plain_number
from shared.projections import ResourceProjection


class PurchaseRequests(ResourceProjection):
    """All requests raised by SCM, each with the purchase order drafted for it."""

    aggregate_class = PurchaseRequest
    columns = {
        "sku": Code, "warehouse": Code, "status": Status, "reason": str, "needed_on": date | None,
        "order_id": UUID | None, "purchase_order_id": UUID | None, "quantity": Decimal,
    }  # fmt: skip
    search = ("sku",)

    @staticmethod
    def to_row(request: PurchaseRequest) -> dict[str, Any]:
        return {
            "sku": request.sku,
            "warehouse": request.warehouse,
            "quantity": plain_number(request.quantity),
            "needed_on": request.needed_on,
            "reason": request.reason,
            "status": request.status,
            "order_id": request.order_id,
            "purchase_order_id": request.purchase_order_id,
        }
