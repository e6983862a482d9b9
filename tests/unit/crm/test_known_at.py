"""Customers and sales orders as they were known at an instant or position."""

from typing import Any

import pytest

from shared.testing.services import deliver
from shared.testing.web import ApiCaller, usd
from tests.unit.crm.caller import BERLIN, MARIA, CrmCaller, a_customer, an_order
from tests.unit.crm.customers.examples import open_with_customer
from tests.unit.crm.sales_orders.events import approved, dispatched, reserved
from tests.unit.crm.sales_orders.examples import a_placed_order

pytestmark = pytest.mark.case("U5")


@pytest.fixture
def crm(tmp_path):
    return CrmCaller(tmp_path)


def head(crm: ApiCaller) -> int:
    return int(crm.service.store.head())


def rows(crm: ApiCaller, question: str) -> list[dict[str, Any]]:
    answered = crm.get(question)
    assert answered.status_code == 200, answered.json
    found: list[dict[str, Any]] = answered.json["data"]
    return found


def detail(crm: ApiCaller, question: str) -> str:
    (error,) = crm.get(question).json["errors"]
    return str(error["detail"])


def test_customers_are_listed_and_shown_as_they_were_known(crm):
    customer = crm.post("/customers", a_customer(credit_limit=usd("500.00"))).json
    before, then = rows(crm, "/customers"), head(crm)
    address = f"/customers/{customer['id']}"
    crm.patch(address, {"name": "Alfred & Sons", "credit_limit": usd("900.00")}, 1)
    crm.post("/customers", a_customer(code="BERGS", name="Berglunds"))
    assert [each["name"] for each in rows(crm, "/customers?sort=code")] == ["Alfred & Sons", "Berglunds"]
    assert rows(crm, f"/customers?known_at={then}") == before
    assert rows(crm, f"/customers?known_at={then}&name=Alfred %26 Sons") == []
    assert rows(crm, f"/customers?known_at={then}&q=futter") == before
    assert crm.get(f"{address}?known_at={then}").json == before[0]
    assert rows(crm, f"/customers?known_at={then - 1}") == []
    assert crm.get(f"{address}?known_at={then - 1}").status_code == 404


def test_an_instant_is_the_position_of_the_newest_event_until_it(crm):
    customer = crm.post("/customers", a_customer()).json
    then = head(crm)
    instant = crm.service.store.recorded_at(then).isoformat().replace("+00:00", "Z")
    crm.post(f"/customers/{customer['id']}/assign", {"owner": "anna"})
    for path in ("/customers", f"/customers/{customer['id']}"):
        assert crm.get(f"{path}?known_at={instant}").json == crm.get(f"{path}?known_at={then}").json
    assert rows(crm, f"/customers?known_at={instant}&owner=anna") == []
    assert crm.get("/customers?known_at=1996-07-04T00:00:00Z").json["data"] == []


def test_each_state_of_a_sales_order_is_known_in_the_list_and_alone(tmp_path):
    service, customer = open_with_customer(tmp_path)
    order, crm = a_placed_order(service, customer), ApiCaller(service)
    first = head(crm)
    deliver(service, approved(order), reserved(order), dispatched(order))
    states = dict[str, None]()
    for position in range(first, head(crm) + 1):
        (listed,) = rows(crm, f"/sales-orders?known_at={position}")
        assert crm.get(f"/sales-orders/{order.id}?known_at={position}").json == listed
        assert rows(crm, f"/sales-orders?known_at={position}&status={listed['status']}") == [listed]
        states[listed["status"]] = None
    assert next(iter(states)) == "placed"
    assert len(states) > 1
    assert rows(crm, f"/sales-orders?known_at={head(crm)}") == rows(crm, "/sales-orders")
    assert all(each.is_equal for each in service.read_models.rebuild().values())


def test_an_erased_customer_does_not_come_back_from_the_past(crm):
    body = a_customer(email="office@example.com", phone="030-0076545", contacts=[MARIA], addresses=[BERLIN])
    customer = crm.post("/customers", body).json
    address, then = f"/customers/{customer['id']}", head(crm)
    assert crm.get(f"{address}?known_at={then}").json["email"] == "office@example.com"
    assert crm.post(f"{address}/erase").status_code == 200
    for question in (f"/customers?known_at={then}", f"{address}?known_at={then}"):
        answered = crm.get(question)
        assert answered.status_code == 200
        for secret in ("office@example.com", "0076545", "Maria", "maria@", "Obere Str."):
            assert secret not in answered.text
    assert rows(crm, f"/customers?known_at={then}&q=maria") == []


def test_an_erased_contact_does_not_come_back_and_the_others_do(crm):
    other = {**MARIA, "name": "Jan Hof", "email": "jan@example.com"}
    customer = crm.post("/customers", a_customer(contacts=[MARIA, other])).json
    address, then = f"/customers/{customer['id']}", head(crm)
    assert crm.post(f"{address}/contacts/{customer['contacts'][0]['id']}/erase").status_code == 200
    for question in (f"/customers?known_at={then}", f"{address}?known_at={then}"):
        shown = crm.get(question).text
        assert "Maria" not in shown
        assert "maria@" not in shown
        assert "Jan Hof" in shown


def test_past_persons_are_shown_to_no_auditor_and_are_in_the_access_log(crm):
    customer = crm.post("/customers", a_customer(email="office@example.com")).json
    then = head(crm)
    auditor = ApiCaller(crm.service, roles=("auditor",))
    for path in ("/customers", f"/customers/{customer['id']}"):
        assert "office@" not in auditor.get(f"{path}?known_at={then}").text
        assert crm.get(f"{path}?known_at={then}").headers["Sihe-Personal-Data"] == "shown"


def test_the_owner_of_now_reads_the_past_and_the_former_owner_does_not(crm):
    anna, bob = (ApiCaller(crm.service, actor=each, only_own=True) for each in ("anna", "bob"))
    customer = anna.post("/customers", a_customer()).json
    order = anna.post("/sales-orders", an_order(customer["id"])).json
    then = head(crm)
    crm.post(f"/customers/{customer['id']}/assign", {"owner": "bob"})
    for path, id in (("/customers", customer["id"]), ("/sales-orders", order["id"])):
        assert [each["id"] for each in rows(bob, f"{path}?known_at={then}")] == [id]
        assert rows(anna, f"{path}?known_at={then}") == []
        assert bob.get(f"{path}/{id}?known_at={then}").status_code == 200
        assert anna.get(f"{path}/{id}?known_at={then}").status_code == 404


@pytest.mark.parametrize("path", ["/customers", "/sales-orders"])
def test_the_refusal_of_a_business_day_names_the_parameter_to_use(crm, path):
    assert "Use known_at" in detail(crm, f"{path}?as_of=1996-07-04")
    assert detail(crm, f"{path}?known_at=999999")
    assert crm.get(f"{path}?known_at=soon").status_code == 422


def test_commands_are_those_of_now_and_not_of_the_past(crm):
    crm.post("/customers", a_customer())
    assert "known_at" in detail(crm, "/customers?known_at=1&show=allowed_commands")


def test_a_sheet_of_the_past_has_the_rows_of_the_past(crm):
    customer = crm.post("/customers", a_customer()).json
    then = head(crm)
    crm.patch(f"/customers/{customer['id']}", {"name": "Alfred & Sons"}, 1)
    sheet = crm.get(f"/customers/export?format=csv&known_at={then}")
    assert "Alfreds Futterkiste" in sheet.text
    assert "Alfred & Sons" not in sheet.text
