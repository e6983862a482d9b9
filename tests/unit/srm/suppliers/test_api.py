"""Suppliers over HTTP."""

import csv
from uuid import uuid4

import pytest

from shared.testing.services import recorded_events
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
        "active": True,
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
    assert len(recorded_events(srm.service)) == 0


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


def test_the_given_fields_of_a_supplier_are_changed(srm):
    supplier = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE], addresses=[LONDON])).json
    path = f"/suppliers/{supplier['id']}"
    changes = {"name": "Exotic Liquids Ltd.", "payment_terms_days": 14, "iban": "DE89370400440532013000"}
    changed = srm.patch(path, changes, 1)
    assert (changed.status_code, changed.json) == (200, supplier | changes | {"version": 2})
    assert srm.get(path).json.items() >= changed.json.items()


def test_a_contact_given_twice_is_refused_naming_the_second(srm):
    supplier = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE])).json
    known = supplier["contacts"][0]["id"]
    twice = [{"id": known, "name": "Charlotte"}, {"id": known, "name": "Charles"}]
    refused = srm.patch(f"/suppliers/{supplier['id']}", {"contacts": twice}, supplier["version"])
    assert (refused.status_code, field_errors(refused)) == (422, {"/contacts/1/id": "invalid_input"})
    assert refused.json["errors"][0]["detail"] == f"contact {known} is given twice"


def test_contacts_of_a_supplier_are_replaced_and_known_ones_stay_the_same_person(srm):
    supplier = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE])).json
    known = {**supplier["contacts"][0], "email": "charlotte@exotic.example"}
    changed = srm.patch(f"/suppliers/{supplier['id']}", {"contacts": [{"name": "Shelley Burke"}, known]}, 1).json
    assert [each["name"] for each in changed["contacts"]] == ["Shelley Burke", "Charlotte Cooper"]
    assert changed["contacts"][1] == known
    srm.post(f"/suppliers/{supplier['id']}/contacts/{known['id']}/erase")
    refused = srm.patch(f"/suppliers/{supplier['id']}", {"contacts": [known]}, 3)
    assert (refused.status_code, refused.json["code"]) == (409, "contact_erased")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"code": "2"}, "/code"),
        ({"currency": "EUR"}, "/currency"),
        ({"name": None}, "/name"),
        ({"payment_terms_days": None}, "/payment_terms_days"),
        ({"contacts": None}, "/contacts"),
        ({"contacts": [{"id": str(uuid4()), "name": "A stranger"}]}, "/contacts"),
        ({"contacts": [{"id": None, "name": "A stranger"}]}, "/contacts/0/id"),
        ({"iban": "DE00"}, "/iban"),
        ({"tax_id": "DE1"}, "/tax_id"),
        ({"blocks": []}, "/blocks"),
    ],
)
def test_an_invalid_change_of_a_supplier_is_refused_by_name(srm, supplier, changes, fault):
    before = srm.service.store.head()
    assert list(field_errors(srm.patch(f"/suppliers/{supplier}", changes, 1))) == [fault]
    assert srm.service.store.head() == before


@pytest.mark.parametrize(("version", "status"), [(None, 428), (7, 412)])
def test_a_supplier_is_changed_only_with_its_current_version(srm, supplier, version, status):
    assert srm.patch(f"/suppliers/{supplier}", {"name": "Exotic"}, version).status_code == status


def test_a_supplier_is_deactivated_and_reactivated(srm, supplier):
    assert [srm.post(f"/suppliers/{supplier}/deactivate").json["active"] for _ in range(2)] == [False, False]
    assert [each["id"] for each in srm.get("/suppliers?active=false").json["data"]] == [supplier]
    assert srm.post(f"/suppliers/{supplier}/reactivate").json["active"] is True


def test_an_auditor_sees_no_personal_data_of_a_supplier(srm):
    supplier = srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE], iban="DE89370400440532013000")).json
    srm.client.roles = ("auditor",)
    shown = srm.get(f"/suppliers/{supplier['id']}").json
    assert (shown["name"], shown["iban"], shown["contacts"][0]["name"]) == ("Exotic Liquids", None, None)


def test_suppliers_are_exported_with_the_fields_that_can_be_imported(srm):
    srm.post("/suppliers", a_supplier(contacts=[CHARLOTTE], addresses=[LONDON], iban="DE89370400440532013000"))
    header, row = csv.reader(srm.get("/suppliers/export").text.lstrip("\ufeff").splitlines())
    shown = dict(zip(header, row, strict=True))
    assert (shown["contacts.1.name"], shown["iban"], shown["addresses.1.country"]) == (
        "Charlotte Cooper", "DE89370400440532013000", "GB",
    )  # fmt: skip
    sheet = "code,name,currency,contacts.1.name\n2,Tokyo Traders,JPY,Yoshi Nagase\n"
    imported = srm.client.post("/suppliers/import", data=sheet, content_type="text/csv")
    assert imported.json == {"dry_run": False, "rows": 1, "errors": []}
    (tokyo,) = srm.get("/suppliers?code=2").json["data"]
    assert (tokyo["contacts"][0]["name"], tokyo["active"]) == ("Yoshi Nagase", True)
