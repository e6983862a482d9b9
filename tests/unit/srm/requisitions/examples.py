"""Examples of purchase requests."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from services.srm.requisitions.projections import PurchaseRequests
from services.srm.service import Srm
from shared.contracts import scm
from shared.testing.services import reader


def a_request(**wanted: Any) -> PurchaseRequest:
    wanted = {"sku": "BOLT-M8", "warehouse": "MAIN", "quantity": Decimal(7), "reason": "shortage"} | wanted
    return PurchaseRequest(**wanted)


def purchase_requested(quantity: int = 7, sku: str = "BOLT-M8") -> scm.PurchaseRequested:
    return scm.PurchaseRequested(uuid4(), sku, "MAIN", Decimal(quantity), date(1996, 8, 1), "shortage", uuid4())


def request_row(service: Srm, requested: scm.PurchaseRequested) -> Any:
    """Return the row of the request after all events."""
    return reader(service, PurchaseRequests).get(requested.request_id)
