"""What SCM needs bought."""

from uuid import uuid4

import pytest

from shared.domain import WrongStatus
from shared.testing import given, new_events
from tests.unit.srm.examples import a_request

ORDER = uuid4()


def drafted(request):
    request.assign_order(ORDER)


def closed(anything_came):
    return lambda request: request.order_closed(None, anything_came)


@pytest.mark.parametrize(
    ("life", "status"),
    [
        ([], "unsourced"),
        ([drafted], "drafted"),
        ([drafted, lambda request: request.order_sent()], "ordered"),
        ([drafted, lambda request: request.order_sent(), lambda request: request.goods_received()], "received"),
        ([drafted, lambda request: request.order_cancelled("not needed")], "cancelled"),
        ([drafted, closed(anything_came=True)], "received"),
        ([drafted, closed(anything_came=False)], "cancelled"),
        ([drafted, lambda request: request.goods_received(), lambda request: request.receipt_reversed()], "ordered"),
    ],
)
def test_a_request_follows_its_order(life, status):
    assert given(a_request(), *life).status == status


def test_one_order_stands_for_one_request():
    request = given(a_request(), drafted)
    with pytest.raises(WrongStatus):
        request.assign_order(uuid4())
    assert new_events(request) == []
