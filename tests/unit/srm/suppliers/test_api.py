"""Suppliers over HTTP."""

from uuid import uuid4

import pytest

from shared.testing.web import field_errors
from tests.unit.srm.caller import CHARLOTTE, LONDON, SrmCaller, a_supplier


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


def test_a_code_in_use_is_a_conflict(srm, supplier):
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
def test_invalid_fields_are_refused_by_name_and_no_event_is_stored(srm, fields, fault):
    assert fault in field_errors(srm.post("/suppliers", a_supplier(**fields)))
    assert srm.service.store.head() == 0


def test_a_block_shows_its_reason_and_user_and_is_lifted_per_purpose(srm, supplier):
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


def test_an_erased_contact_is_unreadable_at_once(srm):
    supplier = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE])).json
    erase = f"/suppliers/{supplier['id']}/contacts/{supplier['contacts'][0]['id']}/erase"
    assert [srm.post(erase).json["contacts"] for _ in range(2)] == [[], []]
    assert srm.post(f"/suppliers/{supplier['id']}/contacts/{uuid4()}/erase").status_code == 404
