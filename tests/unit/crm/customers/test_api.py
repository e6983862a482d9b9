"""Customers over HTTP."""

from uuid import uuid4

import pytest

from shared.testing.services import recorded_events
from shared.testing.web import field_errors, usd
from tests.unit.crm.caller import BERLIN, MARIA, CrmCaller, a_customer


@pytest.fixture
def crm(tmp_path):
    return CrmCaller(tmp_path)


def test_a_customer_is_shown_as_it_was_registered(crm):
    answered = crm.post("/customers", a_customer(
        email="office@example.com", phone="030-0076545", tax_id="de 136 695 976", contacts=[MARIA], addresses=[BERLIN],
        payment_terms_days=14, credit_limit=usd("500.00"),
    ))  # fmt: skip
    assert answered.status_code == 201
    customer = answered.json
    assert answered.headers["Location"] == f"/api/v1/crm/customers/{customer['id']}"
    assert customer == {
        "id": customer["id"],
        "version": 1,
        "code": "ALFKI",
        "name": "Alfreds Futterkiste",
        "currency": "USD",
        "email": "office@example.com",
        "phone": "030-0076545",
        "tax_id": "DE136695976",
        "contacts": [{"id": customer["contacts"][0]["id"], **MARIA}],
        "addresses": [{**BERLIN, "region": None}],
        "payment_terms_days": 14,
        "credit_limit": usd("500.00"),
        "owner": crm.client.actor,
    }
    read = crm.get(f"/customers/{customer['id']}")
    assert read.headers["ETag"] == '"1"'
    assert read.json.items() >= customer.items()
    assert crm.get("/customers?code=ALFKI").json["data"] == [read.json]


def test_omitted_fields_have_defaults(crm):
    customer = crm.post("/customers", a_customer()).json
    usual = {"email": None, "phone": None, "tax_id": None, "contacts": [], "addresses": [], "credit_limit": None}
    assert customer.items() >= {**usual, "payment_terms_days": 30}.items()


def test_the_owner_of_a_customer_is_assigned_by_a_separate_command(crm):
    customer = crm.post("/customers", a_customer()).json
    assigned = crm.post(f"/customers/{customer['id']}/assign", {"owner": "anna"})
    assert (assigned.status_code, assigned.json["owner"]) == (200, "anna")
    assert [each["id"] for each in crm.get("/customers?owner=anna").json["data"]] == [customer["id"]]
    assert crm.get(f"/customers?owner={crm.client.actor}").json["data"] == []
    assert crm.post(f"/customers/{customer['id']}/assign", {"owner": None}).json["owner"] is None
    assert field_errors(crm.post(f"/customers/{customer['id']}/assign", {})) == {"/owner": "required"}
    assert field_errors(crm.post("/customers", a_customer(code="B", owner="anna"))) == {"/owner": "unknown_field"}


def test_a_code_in_use_is_a_conflict(crm):
    crm.post("/customers", a_customer())
    answered = crm.post("/customers", a_customer(name="Another"))
    assert (answered.status_code, answered.json["code"]) == (409, "already_taken")
    assert len(recorded_events(crm.service)) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"code": None}, "/code"),
        ({"currency": "usd"}, "/currency"),
        ({"email": "no-at-sign"}, "/email"),
        ({"payment_terms_days": -1}, "/payment_terms_days"),
        ({"payment_terms_days": 1.5}, "/payment_terms_days"),
        ({"credit_limit": {"amount": "1.234", "currency": "USD"}}, "/credit_limit/amount"),
        ({"credit_limit": {"amount": "-1", "currency": "USD"}}, "/credit_limit/amount"),
        ({"credit_limit": {"amount": "500", "currency": "EUR"}}, "/credit_limit"),
        ({"contacts": [{"title": "Owner"}]}, "/contacts/0/name"),
        ({"contacts": [{"id": str(uuid4()), "name": "Maria"}]}, "/contacts/0/id"),
        ({"addresses": [{**BERLIN, "kind": "home"}]}, "/addresses/0/kind"),
        ({"version": 9}, "/version"),
        ({"erased": []}, "/erased"),
    ],
)
def test_invalid_fields_are_refused_by_name_and_no_event_is_stored(crm, fields, fault):
    assert list(field_errors(crm.post("/customers", a_customer(**fields)))) == [fault]
    assert len(recorded_events(crm.service)) == 0


def test_omitted_fields_stay_unchanged(crm):
    customer = crm.post("/customers", a_customer(email="a@example.com", contacts=[MARIA], credit_limit=usd("500"))).json
    maria = customer["contacts"][0]
    answered = crm.patch(f"/customers/{customer['id']}", {
        "name": "Alfreds", "credit_limit": None, "contacts": [{**maria, "phone": None}, {"name": "Hanna Moos"}],
    }, version=1)  # fmt: skip
    changed = answered.json
    assert (answered.status_code, changed["name"], changed["email"]) == (200, "Alfreds", "a@example.com")
    assert changed["credit_limit"] is None
    assert changed["contacts"][0] == {**maria, "phone": None}
    assert changed["contacts"][1]["name"] == "Hanna Moos"
    assert answered.headers["ETag"] == f'"{changed["version"]}"'


@pytest.mark.parametrize("fields", [{"code": "NEW"}, {"currency": "EUR"}, {"name": None}, {"payment_terms_days": None}])
def test_code_and_currency_cannot_change_and_required_fields_cannot_be_null(crm, fields):
    customer = crm.post("/customers", a_customer()).json
    assert list(field_errors(crm.patch(f"/customers/{customer['id']}", fields, version=1))) == [
        f"/{next(iter(fields))}"
    ]


def test_a_change_of_an_outdated_version_is_refused(crm):
    customer = crm.post("/customers", a_customer()).json
    path = f"/customers/{customer['id']}"
    crm.patch(path, {"name": "Alfreds"}, version=1)
    assert crm.patch(path, {"name": "Futterkiste"}, version=1).status_code == 412
    assert crm.client.patch(path, json={"name": "Futterkiste"}).status_code == 428


def test_an_erased_contact_is_unreadable_at_once(crm):
    fields = a_customer(contacts=[MARIA, {"name": "Hanna Moos"}])
    first = crm.post("/customers", fields, **{"Idempotency-Key": "k1"})
    customer = first.json
    erase = f"/customers/{customer['id']}/contacts/{customer['contacts'][0]['id']}/erase"
    for version in (2, 2):
        answered = crm.post(erase)
        assert (answered.status_code, answered.json["version"]) == (200, version)
        assert [contact["name"] for contact in answered.json["contacts"]] == ["Hanna Moos"]
    again = crm.post("/customers", fields, **{"Idempotency-Key": "k1"})
    assert again.status_code == 201
    assert "Maria" not in again.text
    assert "Maria" not in crm.get(f"/customers/{customer['id']}").text
    assert crm.post(f"/customers/{customer['id']}/contacts/{uuid4()}/erase").status_code == 404
