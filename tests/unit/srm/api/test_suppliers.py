"""Suppliers and what they offer, over HTTP."""

from uuid import uuid4

import pytest

from shared.testing.web import field_errors, usd
from tests.unit.srm.api.caller import CHARLOTTE, LONDON, SrmCaller, a_supplier, an_item


@pytest.fixture
def srm(tmp_path):
    return SrmCaller(tmp_path)


@pytest.fixture
def supplier(srm):
    return srm.post("/suppliers", a_supplier()).json["id"]


def test_a_supplier_is_shown_as_it_was_registered(srm):
    answered = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE], addresses=[LONDON], payment_terms_days=14))
    assert answered.status_code == 201
    supplier = answered.json
    assert answered.headers["Location"] == f"/api/v1/srm/suppliers/{supplier['id']}"
    assert supplier == {
        "id": supplier["id"],
        "version": 1,
        "code": "1",
        "name": "Exotic Liquids",
        "currency": "USD",
        "tax_id": None,
        "iban": None,
        "contacts": [{"id": supplier["contacts"][0]["id"], **CHARLOTTE}],
        "addresses": [{**LONDON, "region": None}],
        "payment_terms_days": 14,
        "blocks": [],
    }
    read = srm.get(f"/suppliers/{supplier['id']}")
    assert read.json.items() >= supplier.items()
    assert srm.get("/suppliers?q=exotic").json["data"] == [read.json]


def test_a_code_that_exists_is_a_conflict(srm, supplier):
    answered = srm.post("/suppliers", a_supplier(name="Another"))
    assert (answered.status_code, answered.json["code"]) == (409, "already_taken")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": None}, "/name"),
        ({"currency": "XXX"}, "/currency"),
        ({"payment_terms_days": "30"}, "/payment_terms_days"),
        ({"contacts": [{"name": ""}]}, "/contacts/0/name"),
        ({"addresses": [{"kind": "billing"}]}, "/addresses/0/street"),
        ({"blocks": []}, "/blocks"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name_and_nothing_is_stored(srm, fields, fault):
    assert fault in field_errors(srm.post("/suppliers", a_supplier(**fields)))
    assert srm.service.store.head() == 0


def test_a_block_shows_its_reason_and_author_and_is_lifted_per_purpose(srm, supplier):
    blocked = srm.post(f"/suppliers/{supplier}/block", {"purposes": ["orders", "payments"], "reason": "dispute"})
    assert (blocked.status_code, blocked.json["blocks"]) == (200, [
        {"purpose": "orders", "reason": "dispute", "by": "anna"},
        {"purpose": "payments", "reason": "dispute", "by": "anna"},
    ])  # fmt: skip
    lifted = srm.post(f"/suppliers/{supplier}/unblock", {"purposes": ["orders"]})
    assert [block["purpose"] for block in lifted.json["blocks"]] == ["payments"]
    assert srm.post(f"/suppliers/{supplier}/unblock").json["blocks"] == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [({"purposes": []}, "/purposes"), ({"purposes": ["love"]}, "/purposes/0"), ({"reason": ""}, "/reason")],
)
def test_a_block_needs_a_purpose_and_a_reason(srm, supplier, fields, fault):
    block = {"purposes": ["orders"], "reason": "late again"} | fields
    assert list(field_errors(srm.post(f"/suppliers/{supplier}/block", block))) == [fault]


def test_an_erased_contact_is_unreadable_at_once_and_for_ever(srm):
    supplier = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE])).json
    erase = f"/suppliers/{supplier['id']}/contacts/{supplier['contacts'][0]['id']}/erase"
    assert [srm.post(erase).json["contacts"] for _ in range(2)] == [[], []]
    assert srm.post(f"/suppliers/{supplier['id']}/contacts/{uuid4()}/erase").status_code == 404


def test_a_catalogue_entry_is_shown_as_it_was_listed(srm, supplier):
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
def test_an_entry_that_cannot_be_meant_is_refused_by_name(srm, supplier, fields, fault):
    assert list(field_errors(srm.post("/supplier-items", an_item(supplier) | fields))) == [fault]
