"""Reactions of purchase requests to events of SCM."""

from collections.abc import Iterator

from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from shared.contracts import scm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(scm.PurchaseRequested)
def raise_purchase_request(requested: scm.PurchaseRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Record the request under the id that SCM gave it."""
    del uow
    yield PurchaseRequest(
        sku=requested.sku,
        warehouse=requested.warehouse,
        quantity=requested.quantity,
        reason=requested.reason,
        needed_on=requested.needed_on,
        order_id=requested.order_id,
        id=requested.request_id,
    )
