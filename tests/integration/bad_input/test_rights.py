"""S55-S62, S102: requests that a role does not allow are refused. Nothing is stored."""

from typing import Any

import pytest

from gateway.access.roles import ROLES
from gateway.routes import ROUTES
from tests.integration.bad_input.firm import UNKNOWN_ID, SampleFirm
from tests.integration.bad_input.gateway_caller import GatewayCaller, assert_refused
from tests.integration.bad_input.test_parsing import customer
from tests.unit.gateway.test_roles import address_of, is_allowed


@pytest.fixture(scope="module")
def keys(desk: GatewayCaller) -> dict[str, GatewayCaller]:
    return {role: desk.with_new_key(role) for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_s55_every_route_is_open_only_to_its_declared_roles(
    desk: GatewayCaller, firm: SampleFirm, keys: dict[str, GatewayCaller], role: str
) -> None:
    del firm
    before, wrong = desk.stored_counts(), []
    for route in ROUTES.values():
        path = address_of(route.path).removeprefix("/api/v1")
        answer = keys[role].request(route.method, path, b"" if route.method == "GET" else {"nothing": "known"})
        if (answer.status_code == 403) == is_allowed(role, route.method, route.path):
            wrong.append((route.name, answer.status_code))
    assert wrong == []
    assert desk.stored_counts() == before


def test_s59_an_atomic_batch_with_one_refused_item_names_it_and_stores_nothing(
    desk: GatewayCaller, firm: SampleFirm, keys: dict[str, GatewayCaller]
) -> None:
    del firm
    hundred = [{"sku": f"S59-{each}", "name": "One of many", "unit": "piece"} for each in range(100)]
    hundred[41] |= {"discontinued": "yes"}
    before = desk.stored_counts()
    assert_refused(desk.post("/scm/items/batch", {"items": hundred, "atomic": True}), 422, "/items/41/discontinued")
    assert_refused(keys["sales"].post("/scm/items/batch", {"items": hundred[:2]}), 403)
    assert desk.stored_counts() == before


FORBIDDEN = (
    "status", "created_by", "approved_by", "balance", "unit_id", "is_system", "id", "version", "actor", "owner",
)  # fmt: skip


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("name", FORBIDDEN)
def test_s61_fields_set_by_the_service_are_refused_in_a_body(desk: GatewayCaller, firm: SampleFirm, name: str) -> None:
    documents: dict[str, dict[str, Any]] = {
        "/crm/customers": customer(),
        "/crm/sales-orders": firm.order(),
        "/srm/suppliers": {"code": "X1", "name": "Xaver", "currency": "USD"},
        "/srm/purchase-orders": firm.purchase_order(),
        "/scm/items": {"sku": "X1", "name": "Xylophone", "unit": "piece"},
        "/scm/goods-receipts": firm.receipt(firm.purchase),
        "/erp/payments": firm.payment_of("1.00"),
        "/access/keys": {"name": "S61", "roles": ["sales"]},
    }
    for path, document in documents.items():
        assert_refused(desk.post(path, {**document, name: "1"}), 422, f"/{name}")


@pytest.mark.usefixtures("nothing_stored")
def test_s61_payment_numbers_and_credit_limits_are_refused_in_a_body(desk: GatewayCaller, firm: SampleFirm) -> None:
    assert_refused(desk.post("/erp/payments", firm.payment_of("1.00") | {"number": "1"}), 422, "/number")
    assert_refused(
        desk.post("/crm/sales-orders", firm.order(credit_limit={"amount": "1", "currency": "USD"})),
        422,
        "/credit_limit",
    )


@pytest.mark.parametrize("role", [each for each in ROLES if each != "admin"])
def test_s62_users_cannot_grant_themselves_roles(
    desk: GatewayCaller, keys: dict[str, GatewayCaller], role: str
) -> None:
    before, listed = desk.stored_counts(), desk.get_json("/access/keys")["data"]
    own = next(each for each in listed if role not in each["roles"])
    assert_refused(keys[role].post("/access/keys", {"name": "S62", "roles": ["admin"]}), 403)
    assert_refused(keys[role].post(f"/access/keys/{own['id']}/rotate"), 403 if role == "auditor" else 404)
    assert_refused(keys[role].request("PATCH", f"/access/keys/{own['id']}", {"roles": ["admin"]}), 405)
    assert desk.stored_counts() == before


def test_s62_administrators_cannot_issue_or_release_for_themselves(desk: GatewayCaller, firm: SampleFirm) -> None:
    chief, other = desk.with_new_key("admin", person="chief"), desk.with_new_key("admin", person="other chief")
    bill = chief.command("/erp/bills", firm.bill("S62-1", price="99.00"))
    before = desk.stored_counts()
    own = {"name": "S62", "roles": ["accountant"], "person": "chief"}
    assert_refused(chief.post("/access/keys", own), 403, "/person", code="four_eyes_required")
    assert_refused(chief.post(f"/erp/bills/{bill['id']}/release", {"reason": "I may"}), 403, code="four_eyes_required")
    assert desk.stored_counts() == before
    given = other.command("/access/keys", own)
    assert given["issued_by"] == "other chief"
    assert given["status"] == "pending"
    second = GatewayCaller(desk.suite, chief.command(f"/access/keys/{given['id']}/accept")["secret"])
    assert_refused(second.post(f"/erp/bills/{bill['id']}/release", {"reason": "I may"}), 403, code="four_eyes_required")
    assert other.command(f"/erp/bills/{bill['id']}/release", {"reason": "agreed"})["status"] == "released"


def test_s102_an_auditor_changes_nothing_and_reads_everything(
    desk: GatewayCaller, firm: SampleFirm, keys: dict[str, GatewayCaller]
) -> None:
    before, auditor = desk.stored_counts(), keys["auditor"]
    for route in ROUTES.values():
        if route.method != "GET":
            path = address_of(route.path).removeprefix("/api/v1").replace(UNKNOWN_ID, firm.reserved)
            assert_refused(auditor.request(route.method, path, {}), 403)
    assert desk.stored_counts() == before
    for path in ("/crm/customers", "/erp/journal", "/audit/erp/events", "/access/keys"):
        assert auditor.get(path).status_code == 200


def test_s102_an_auditor_does_not_see_personal_data(
    desk: GatewayCaller, firm: SampleFirm, keys: dict[str, GatewayCaller]
) -> None:
    contact = {"name": "Maria Anders", "email": "maria@example.com"}
    customer_id = firm.new_customer(email="office@example.com", contacts=[contact])
    for path in (
        f"/crm/customers/{customer_id}",
        f"/views/customers/{customer_id}",
        f"/crm/customers?id={customer_id}",
    ):
        assert "maria@example.com" in desk.get(path).text
        seen = keys["auditor"].get(path)
        assert seen.status_code == 200
        assert customer_id in seen.text
        assert not any(each in seen.text for each in ("maria@example.com", "Maria Anders", "office@example.com"))
    desk.suite.wait_until_idle()
