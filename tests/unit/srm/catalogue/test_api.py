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
    assert answered.json == {"id": answered.json["id"], "version": 1, **fields, "multiple": "2.5", "active": True}
    found = srm.get(f"/supplier-items?sku=BOLT-M8&supplier_id={supplier}").json["data"]
    assert [each["id"] for each in found] == [answered.json["id"]]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"supplier_id": str(uuid4())}, "/supplier_id"),
        ({"unit_price": {"amount": "1", "currency": "EUR"}}, "/unit_price/currency"),
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


def test_the_terms_of_a_supplier_item_are_changed(srm, supplier):
    item = srm.post("/supplier-items", an_item(supplier, minimum_quantity="10")).json
    changes = {"unit_price": usd("0.19"), "minimum_quantity": None, "valid_to": "2026-12-31"}
    changed = srm.patch(f"/supplier-items/{item['id']}", changes, 1)
    assert (changed.status_code, changed.json) == (200, item | changes | {"version": 2})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"supplier_id": str(uuid4())}, "/supplier_id"),
        ({"sku": "NUT-M8"}, "/sku"),
        ({"unit_price": {"amount": "1", "currency": "EUR"}}, "/unit_price/currency"),
        ({"lead_time_days": None}, "/lead_time_days"),
        ({"multiple": "0"}, "/multiple"),
        ({"valid_to": "2025-12-31"}, "/valid_to"),
    ],
)
def test_an_invalid_change_of_a_supplier_item_is_refused_by_name(srm, supplier, changes, fault):
    item = srm.post("/supplier-items", an_item(supplier, valid_from="2026-01-01")).json
    assert list(field_errors(srm.patch(f"/supplier-items/{item['id']}", changes, 1))) == [fault]


@pytest.mark.parametrize(("version", "status"), [(None, 428), (7, 412)])
def test_a_supplier_item_is_changed_only_with_its_current_version(srm, supplier, version, status):
    item = srm.post("/supplier-items", an_item(supplier)).json
    assert srm.patch(f"/supplier-items/{item['id']}", {"lead_time_days": 9}, version).status_code == status


def test_a_supplier_item_is_deactivated_and_reactivated(srm, supplier):
    item = srm.post("/supplier-items", an_item(supplier)).json
    path = f"/supplier-items/{item['id']}"
    assert [srm.post(f"{path}/deactivate").json["active"] for _ in range(2)] == [False, False]
    assert [each["id"] for each in srm.get("/supplier-items?active=false").json["data"]] == [item["id"]]
    assert srm.post(f"{path}/reactivate").json["active"] is True


def test_a_deactivated_supplier_gets_no_new_item(srm, supplier):
    srm.post(f"/suppliers/{supplier}/deactivate")
    refused = srm.post("/supplier-items", an_item(supplier))
    assert list(field_errors(refused)) == ["/supplier_id"]
    assert "reactivate it or choose another" in refused.json["errors"][0]["detail"]


def test_several_entries_of_a_supplier_for_one_item_are_kept(srm, supplier):
    this_year = srm.post("/supplier-items", an_item(supplier, valid_to="2026-12-31")).json
    next_year = srm.post("/supplier-items", an_item(supplier, valid_from="2027-01-01")).json
    found = srm.get("/supplier-items?sku=BOLT-M8&sort=valid_from").json["data"]
    assert {each["id"] for each in found} == {this_year["id"], next_year["id"]}


def test_supplier_items_are_imported_from_the_sheet_that_was_exported(srm, supplier):
    srm.post("/supplier-items", an_item(supplier, multiple="6"))
    sheet = srm.get("/supplier-items/export").data
    template = srm.get("/supplier-items/template").data
    header = ["supplier_id", "sku", "unit_price.amount", "unit_price.currency", "lead_time_days", "minimum_quantity"]
    header += ["multiple", "valid_from", "valid_to"]
    assert sheet.decode("utf-8-sig").splitlines() == [
        ",".join(f'"{each}"' for each in header),
        f'"{supplier}","BOLT-M8","0.18","USD","5","","6","",""',
    ]
    assert sheet.startswith(template.rstrip())
    imported = srm.client.post("/supplier-items/import", data=sheet, content_type="text/csv")
    assert imported.json == {"dry_run": False, "rows": 1, "errors": []}
    assert len(srm.get("/supplier-items").json["data"]) == 2
