"""Purchase requests and their status."""

from uuid import uuid4

import pytest

from shared.domain import WrongStatus
from shared.testing import given, new_events
from tests.unit.srm.requisitions.examples import a_request

ORDER = uuid4()


def drafted(request):
    request.source(ORDER)


def closed(has_receipts):
    return lambda request: request.order_closed(None, has_receipts)


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([], "unsourced"),
        ([drafted], "drafted"),
        ([drafted, lambda request: request.order_sent()], "ordered"),
        ([drafted, lambda request: request.order_sent(), lambda request: request.goods_received()], "received"),
        ([drafted, lambda request: request.order_cancelled("not needed")], "cancelled"),
        ([drafted, closed(has_receipts=True)], "received"),
        ([drafted, closed(has_receipts=False)], "cancelled"),
        ([drafted, lambda request: request.goods_received(), lambda request: request.receipt_reversed()], "ordered"),
    ],
)
def test_a_request_follows_its_order(steps, status):
    assert given(a_request(), *steps).status == status


def test_a_request_has_one_order():
    request = given(a_request(), drafted)
    with pytest.raises(WrongStatus):
        request.source(uuid4())
    assert new_events(request) == []
