"""Reactions of replenishment to events of SRM."""

from collections.abc import Iterator

from services.scm.replenishment.domain.replenishment import remove_request
from shared.contracts import srm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(srm.PurchaseRequestCancelled)
def close_purchase_request(cancelled: srm.PurchaseRequestCancelled, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Remove the request from the supply; what is missing is requested again when the item is next reviewed."""
    yield from remove_request(cancelled.request_id, uow)
