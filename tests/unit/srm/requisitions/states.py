"""Purchase requests in each of their states, and calls of their command."""

from collections.abc import Callable
from uuid import uuid4

from services.srm.requisitions.domain.purchase_request import PurchaseRequest, Status
from shared.testing import given
from tests.unit.srm.requisitions.examples import a_request
from tests.unit.state_examples import StateExamples


def source(request: PurchaseRequest) -> None:
    request.source(uuid4())


def cancel_order(request: PurchaseRequest) -> None:
    request.order_cancelled("not needed")


def sourced(*steps: Callable[[PurchaseRequest], None]) -> Callable[[], PurchaseRequest]:
    return lambda: given(a_request(), source, *steps)


PURCHASE_REQUESTS = StateExamples(
    in_state={
        Status.UNSOURCED: a_request,
        Status.DRAFTED: sourced(),
        Status.ORDERED: sourced(PurchaseRequest.order_sent),
        Status.RECEIVED: sourced(PurchaseRequest.order_sent, PurchaseRequest.goods_received),
        Status.CANCELLED: sourced(cancel_order),
    },
    commands={"source": source},
)

EXAMPLES = {PurchaseRequest: PURCHASE_REQUESTS}
