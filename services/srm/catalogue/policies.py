"""Reactions of sourcing to events of SCM."""

from collections.abc import Iterator

from services.srm.catalogue.domain.sourcing import source_request
from services.srm.requisitions.domain.purchase_request import PurchaseRequest
from shared.contracts import scm
from shared.domain import Aggregate, UnitOfWork
from shared.policies import Policies

policies = Policies()


@policies.when(scm.PurchaseRequested)
def source_purchase_request(requested: scm.PurchaseRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Draft an order at the best supplier not blocked for orders; without one, queue the request."""
    yield from source_request(uow.get(PurchaseRequest, requested.request_id), uow)
