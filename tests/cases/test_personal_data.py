"""Persons in customers, suppliers and orders: encrypted wherever they are stored, and erased for good."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.testing.services import catch_up
from shared.testing.web import ApiCaller, usd
from shared.wiring import migrate
from tests.cases.desk import Desk, Row

HOME = {
    "kind": "billing", "street": "Quastengasse 17", "city": "Zwirbelhausen", "region": "Hinterquast",
    "postal_code": "QZ-40417", "country": "DE",
}  # fmt: skip
PARCEL_SHOP = {
    "name": "Wilhelmina Quastenflosser", "street": "Fernweh 3", "city": "Unterzwirbel", "region": "Vorderquast",
    "postal_code": "QZ-40999", "country": "AT",
}  # fmt: skip
NEIGHBOUR = {"name": "Leopold Schnurrbart", "street": "Nebenan 19", "city": "Oberzwirbel", "country": "CH"}
CONTACT = {"name": "Xaver Zebrafink", "title": "Gatte", "email": "xaver@zebrafink.example", "phone": "+49 30 7744112"}
OWN = {"email": "wilhelmina@quast.example", "phone": "+49 30 5550123", "tax_id": "DE136695976"}

ADDRESS_FIELDS = ("street", "city", "region", "postal_code")
LINES = [{"sku": "BOLT", "quantity": "2", "unit_price": usd("5.00")}]
TEXTS = [
    *(HOME[name] for name in ADDRESS_FIELDS), *(PARCEL_SHOP[name] for name in ("name", *ADDRESS_FIELDS)),
    *(NEIGHBOUR[name] for name in ("name", "street", "city")), *CONTACT.values(), *OWN.values(),
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.stock_up("BOLT")
    yield desk
    desk.firm.close()


def a_customer(desk: Desk, **other: Any) -> Row:
    body = {"code": "QUAST", "name": "Quast", "currency": "USD", "addresses": [HOME], "contacts": [CONTACT], **OWN}
    return desk.done("/crm/customers", body | other)


def an_order(customer: Row, **other: Any) -> Row:
    return {"customer_id": customer["id"], "currency": "USD", "lines": LINES, "ship_to": PARCEL_SHOP, **other}


def erase(desk: Desk, customer: Row) -> Row:
    return desk.done(f"/crm/customers/{customer['id']}/erase")


def shown_in(text: str) -> list[str]:
    """Return the texts of the persons that an answer shows."""
    return [each for each in TEXTS if each in text]


def texts_in_files(folder: Path) -> set[tuple[str, str]]:
    """Return the texts of the persons that a file of a service has, with the file."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    return {(each.name, text) for each in files for text in TEXTS if text.encode() in each.read_bytes()}


def everything_read(desk: Desk) -> str:
    """Return the answers of all lists, exports and logs of the services that name a customer."""
    paths = {
        "crm": ("/customers", "/customers/export", "/sales-orders", "/audit/events", "/audit/stored"),
        "scm": ("/shipments", "/audit/events"),
        "erp": ("/invoices", "/credit", "/audit/events"),
    }
    answers = []
    for service, of_service in paths.items():
        catch_up(desk.firm.services[service])
        answers += [desk.callers[service].client.get(each) for each in of_service]
    assert [each.status_code for each in answers] == [200] * len(answers)
    return "\n".join(each.text for each in answers)


# -- what is stored


@pytest.mark.case("X12")
def test_no_file_of_any_service_has_a_person_in_clear(desk: Desk, tmp_path: Path) -> None:
    customer = a_customer(desk)
    order = desk.done("/crm/sales-orders", an_order(customer))
    desk.done(f"/crm/sales-orders/{order['id']}/place")
    desk.amend(order, {"ship_to": NEIGHBOUR})
    desk.done("/crm/sales-orders", an_order(customer))
    desk.supplier(tax_id=OWN["tax_id"], addresses=[HOME], contacts=[CONTACT])
    assert set(TEXTS) == set(shown_in(everything_read(desk)))
    assert texts_in_files(tmp_path) == set()


@pytest.mark.case("X12")
def test_a_batch_and_a_sheet_store_no_person_in_clear(desk: Desk, tmp_path: Path) -> None:
    customer = a_customer(desk)
    batch = desk.done("/crm/sales-orders/batch", {"items": [an_order(customer), an_order(customer, currency="USDX")]})
    assert batch["data"][0]["resource"]["ship_to"] == PARCEL_SHOP
    sheet = f"code,name,currency,email,tax_id\nS-1,Sheet,USD,{OWN['email']},{OWN['tax_id']}\n"
    imported = desk.callers["crm"].client.post("/customers/import", data=sheet, headers={"Content-Type": "text/csv"})
    assert (imported.status_code, imported.json["rows"]) == (200, 1)
    assert texts_in_files(tmp_path) == set()


@pytest.mark.case("X12")
def test_a_customer_and_an_order_show_what_was_entered(desk: Desk) -> None:
    customer = a_customer(desk)
    shown = desk.get(f"/crm/customers/{customer['id']}")
    assert (shown["addresses"], {name: shown[name] for name in OWN}) == ([HOME], OWN)
    order = desk.done("/crm/sales-orders", an_order(customer))
    assert desk.sales_order(order)["ship_to"] == PARCEL_SHOP
    assert desk.amend(order, {"ship_to": NEIGHBOUR})["ship_to"] == {**NEIGHBOUR, "region": None, "postal_code": None}


@pytest.mark.case("X12")
def test_fields_given_again_unchanged_record_nothing(desk: Desk) -> None:
    customer = a_customer(desk)
    same = {"addresses": [HOME], **OWN, "contacts": customer["contacts"]}
    changed = desk.send("PATCH", f"/crm/customers/{customer['id']}", same, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json["version"]) == (200, 1)
    order = desk.done("/crm/sales-orders", an_order(customer))
    assert desk.amend(order, {"ship_to": PARCEL_SHOP})["version"] == order["version"]


@pytest.mark.case("X12")
@pytest.mark.parametrize("path", ["/crm/customers", "/srm/suppliers"])
def test_a_refused_tax_id_is_not_repeated_in_the_answer(desk: Desk, path: str) -> None:
    body = {"code": "Q", "name": "Q", "currency": "USD", "tax_id": "DE136695977", "addresses": [HOME]}
    refused = desk.post(path, body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/tax_id")
    assert "136695977" not in refused.text
    assert shown_in(refused.text) == []


# -- erasure


@pytest.mark.case("X12")
def test_after_its_erasure_no_answer_shows_a_person_of_the_customer(desk: Desk) -> None:
    customer = a_customer(desk)
    order = desk.done("/crm/sales-orders", an_order(customer))
    desk.done(f"/crm/sales-orders/{order['id']}/place")
    desk.amend(order, {"ship_to": NEIGHBOUR})
    other = desk.done("/crm/sales-orders", an_order(customer))
    for _ in range(2):
        erased = erase(desk, customer)
        assert [erased[name] for name in (*OWN, "contacts", "addresses")] == [None, None, None, [], []]
        assert (erased["code"], erased["name"]) == ("QUAST", "Quast")
    assert shown_in(everything_read(desk)) == []
    for each in (order, other):
        ship_to = desk.sales_order(each)["ship_to"]
        assert {value for name, value in ship_to.items() if name != "country"} == {None}


@pytest.mark.case("X12")
def test_a_stored_answer_repeated_after_the_erasure_shows_the_person_no_more(desk: Desk) -> None:
    body = {"code": "QUAST", "name": "Quast", "currency": "USD", "addresses": [HOME], "contacts": [CONTACT], **OWN}
    first = desk.post("/crm/customers", body, **{"Idempotency-Key": "register"})
    customer = first.json
    order = an_order(customer)
    path = f"/crm/customers/{customer['id']}"
    requests: list[tuple[str, str, Row, Row]] = [
        ("POST", "/crm/customers", body, {"Idempotency-Key": "register"}),
        ("POST", "/crm/sales-orders", order, {"Idempotency-Key": "draft"}),
        ("POST", "/crm/sales-orders/batch", {"items": [order]}, {"Idempotency-Key": "batch"}),
        ("PATCH", path, {}, {"Idempotency-Key": "look", "If-Match": '"1"'}),
    ]
    before = [desk.send(method, path, body, **headers) for method, path, body, headers in requests]
    assert all(each.status_code < 300 and shown_in(each.text) for each in before)
    erase(desk, customer)
    after = [desk.send(method, path, body, **headers) for method, path, body, headers in requests]
    assert [each.status_code for each in after] == [each.status_code for each in before]
    assert [shown_in(each.text) for each in after] == [[]] * len(requests)


@pytest.mark.case("X12")
def test_the_state_of_an_earlier_day_shows_the_person_neither_before_nor_after_the_erasure(desk: Desk) -> None:
    customer = a_customer(desk)
    order = desk.done("/crm/sales-orders", an_order(customer))
    for _ in range(2):
        for each in (customer, order):
            past = desk.callers["crm"].client.get(f"/audit/aggregates/{each['id']}?version=1")
            assert past.status_code == 200
            assert shown_in(past.text) == []
        erase(desk, customer)


@pytest.mark.case("X12")
def test_no_new_personal_data_is_taken_for_an_erased_customer(desk: Desk) -> None:
    customer = a_customer(desk)
    order = desk.done("/crm/sales-orders", an_order(customer))
    version = erase(desk, customer)["version"]
    path, match = f"/crm/customers/{customer['id']}", {"If-Match": f'"{version}"'}
    refused = [
        desk.send("PATCH", path, {"email": "again@quast.example"}, **match),
        desk.send("PATCH", path, {"addresses": [HOME]}, **match),
        desk.send("PATCH", path, {"tax_id": OWN["tax_id"]}, **match),
        desk.post("/crm/sales-orders", an_order(customer)),
        desk.post(f"/crm/sales-orders/{order['id']}/amend", {"ship_to": NEIGHBOUR}),
    ]
    assert [(each.status_code, each.json["code"]) for each in refused] == [(409, "personal_data_erased")] * 5
    assert desk.send("PATCH", path, {"name": "Erased customer"}, **match).json["name"] == "Erased customer"
    desk.done("/crm/sales-orders", an_order(customer, ship_to=None))


@pytest.mark.case("X12")
def test_the_erasure_of_one_customer_leaves_the_others(desk: Desk) -> None:
    customer, other = a_customer(desk), a_customer(desk, code="OTHER")
    order = desk.done("/crm/sales-orders", an_order(other))
    erase(desk, customer)
    assert desk.get(f"/crm/customers/{other['id']}")["addresses"] == [HOME]
    assert desk.sales_order(order)["ship_to"] == PARCEL_SHOP


@pytest.mark.case("X12")
def test_an_erased_supplier_keeps_code_and_name_only(desk: Desk) -> None:
    iban = "DE89370400440532013000"
    supplier = desk.supplier(tax_id=OWN["tax_id"], addresses=[HOME], contacts=[CONTACT], iban=iban)
    assert desk.get(f"/srm/suppliers/{supplier}")["iban"] == iban
    erased = desk.done(f"/srm/suppliers/{supplier}/erase")
    assert [erased[name] for name in ("tax_id", "iban", "addresses", "contacts")] == [None, None, [], []]
    desk.done(f"/srm/suppliers/{supplier}/deactivate")
    read = desk.callers["srm"].client.get("/suppliers/export").text + str(desk.rows("/srm/suppliers"))
    assert [*shown_in(read), iban in read] == [False]


@pytest.mark.case("X12")
def test_keys_restored_from_an_older_backup_are_destroyed_again_at_the_start(desk: Desk) -> None:
    customer, other = a_customer(desk), a_customer(desk, code="OTHER")
    order = desk.done("/crm/sales-orders", an_order(customer))
    keys = desk.firm.crm.key_store.path
    backup = keys.read_bytes()
    erase(desk, customer)
    keys.write_bytes(backup)
    assert desk.sales_order(order)["ship_to"] == PARCEL_SHOP
    migrate(desk.firm.crm)
    assert shown_in(str(desk.sales_order(order)) + str(desk.get(f"/crm/customers/{customer['id']}"))) == []
    assert desk.get(f"/crm/customers/{other['id']}")["addresses"] == [HOME]


# -- who may see it


@pytest.mark.case("X12")
def test_an_auditor_sees_that_there_is_a_person_and_not_who(desk: Desk) -> None:
    customer = a_customer(desk)
    order = desk.done("/crm/sales-orders", an_order(customer))
    catch_up(desk.firm.crm)
    auditor = ApiCaller(desk.firm.crm, actor="ada", roles=("auditor",), permissions=("*:read*",)).client
    paths = ("/customers", f"/customers/{customer['id']}", "/customers/export", "/sales-orders", "/audit/events",
             f"/sales-orders/{order['id']}", f"/audit/aggregates/{order['id']}")  # fmt: skip
    answers = [auditor.get(each) for each in paths]
    assert [each.status_code for each in answers] == [200] * len(paths)
    assert [shown_in(each.text) for each in answers] == [[]] * len(paths)
    assert answers[0].json["data"][0]["addresses"] == [{**dict.fromkeys(HOME), "kind": "billing", "country": "DE"}]
