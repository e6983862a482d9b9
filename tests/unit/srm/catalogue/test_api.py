"""Supplier items and the sourcing of purchase requests, over HTTP."""

from uuid import uuid4

import pytest

from shared.testing.services import deliver
from shared.testing.web import field_errors, usd
from tests.unit.srm.caller import SrmCaller, a_supplier, an_item
from tests.unit.srm.requisitions.examples import purchase_requested


@pytest.fixture
def srm(tmp_path):
    return SrmCaller(tmp_path)


@pytest.fixture
def supplier(srm):
    return srm.post("/suppliers", a_supplier()).json["id"]


def test_a_supplier_item_is_shown_as_it_was_added(srm, supplier):
    fields = an_item(supplier, minimum_quantity="10", multiple="2.50", valid_from="2026-01-01", valid_to="2026-12-31")
    answered = srm.post("/supplier-items", fields)
    assert answered.status_code == 201
    assert answered.json == {"id": answered.json["id"], "version": 1, **fields, "multiple": "2.5"}
    found = srm.get(f"/supplier-items?sku=BOLT-M8&supplier_id={supplier}").json["data"]
    assert [each["id"] for each in found] == [answered.json["id"]]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"supplier_id": str(uuid4())}, "/supplier_id"),
        ({"unit_price": {"amount": "1", "currency": "EUR"}}, "/unit_price"),
        ({"unit_price": usd("-1")}, "/unit_price/amount"),
        ({"lead_time_days": -1}, "/lead_time_days"),
        ({"minimum_quantity": "0"}, "/minimum_quantity"),
        ({"multiple": "0"}, "/multiple"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-31"}, "/valid_to"),
    ],
)
def test_invalid_fields_of_a_supplier_item_are_refused_by_name(srm, supplier, fields, fault):
    assert list(field_errors(srm.post("/supplier-items", an_item(supplier) | fields))) == [fault]


def test_a_request_is_listed_and_sourced_again(srm, supplier):
    srm.post("/supplier-items", an_item(supplier))
    srm.post(f"/suppliers/{supplier}/block", {"purposes": ["orders"], "reason": "late again"})
    requested = purchase_requested(7)
    deliver(srm.service, requested)
    (request,) = srm.get("/purchase-requests?status=unsourced&sku=BOLT-M8").json["data"]
    assert (request["id"], request["quantity"], request["reason"]) == (str(requested.request_id), "7", "shortage")
    srm.post(f"/suppliers/{supplier}/unblock")
    sourced = srm.post(f"/purchase-requests/{request['id']}/source").json
    assert sourced["status"] == "drafted"
    assert srm.get(f"/purchase-orders/{sourced['purchase_order_id']}").json["request_id"] == request["id"]
    assert srm.post(f"/purchase-requests/{request['id']}/source").status_code == 409
