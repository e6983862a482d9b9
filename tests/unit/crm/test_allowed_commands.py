"""Commands of customers and sales orders that a caller may send now: by the state of the record and by the roles."""

from pathlib import Path
from typing import Any

import pytest

from gateway.access.roles import patterns_of
from shared.testing.web import ApiCaller
from tests.unit.crm.caller import CrmCaller, a_customer, an_order

EVERY = ["amend", "cancel", "place"]
REPRESENTATIVE = "representative"


@pytest.fixture
def crm(tmp_path: Path) -> CrmCaller:
    return CrmCaller(tmp_path)


@pytest.fixture
def customer(crm: CrmCaller) -> str:
    """Return a customer of anna."""
    customer_id: str = crm.post("/customers", a_customer()).json["id"]
    crm.post(f"/customers/{customer_id}/assign", {"owner": "anna"})
    return customer_id


@pytest.fixture
def order(crm: CrmCaller, customer: str) -> str:
    order_id: str = crm.post("/sales-orders", an_order(customer)).json["id"]
    return order_id


def as_roles(crm: CrmCaller, *roles: str, actor: str = "anna", only_own: bool = False) -> ApiCaller:
    """Return a caller with the permissions that the gateway states for these roles."""
    granted = patterns_of(frozenset(roles), "crm")._asdict()
    return ApiCaller(crm.service, actor=actor, roles=roles, only_own=only_own, **granted)


def allowed(caller: ApiCaller, path: str) -> Any:
    """Return the allowed commands of a record, which are the same in the list."""
    shown = caller.get(f"{path}?show=allowed_commands").json["allowed_commands"]
    collection, _, record = path.rpartition("/")
    (row,) = caller.get(f"{collection}?id={record}&show=allowed_commands").json["data"]
    assert row["allowed_commands"] == shown
    return shown


def test_the_commands_of_an_order_follow_its_status(crm: CrmCaller, order: str) -> None:
    path = f"/sales-orders/{order}"
    assert allowed(crm, path) == EVERY
    crm.post(f"{path}/place")
    assert allowed(crm, path) == ["amend", "cancel"]
    crm.post(f"{path}/cancel", {"reason": "typed twice"})
    assert crm.get(path).json["status"] == "cancelling"
    assert allowed(crm, path) == []


@pytest.mark.parametrize(
    ("roles", "of_order", "of_customer"),
    [
        (["admin"], EVERY, ["assign", "change", "erase"]),
        (["sales"], EVERY, ["assign", "change", "erase"]),
        (["accountant"], [], []),
        (["auditor"], [], []),
        (["hr", "auditor"], [], []),
        (["sales", "auditor"], EVERY, ["assign", "change", "erase"]),
    ],
)
def test_the_commands_of_a_record_are_those_of_the_roles(
    crm: CrmCaller, order: str, customer: str, roles: list[str], of_order: list[str], of_customer: list[str]
) -> None:
    caller = as_roles(crm, *roles, actor="bob")
    assert allowed(caller, f"/sales-orders/{order}") == of_order
    assert allowed(caller, f"/customers/{customer}") == of_customer


def test_a_representative_has_the_commands_of_own_records_and_finds_no_others(
    crm: CrmCaller, order: str, customer: str
) -> None:
    anna, bob = (as_roles(crm, REPRESENTATIVE, actor=actor, only_own=True) for actor in ("anna", "bob"))
    assert allowed(anna, f"/sales-orders/{order}") == EVERY
    assert allowed(anna, f"/customers/{customer}") == ["change"]
    assert bob.get(f"/sales-orders/{order}?show=allowed_commands").status_code == 404
    assert bob.get("/sales-orders?show=allowed_commands").json["data"] == []


def test_one_who_reads_all_records_has_the_commands_of_a_representative_on_own_records_only(
    crm: CrmCaller, order: str, customer: str
) -> None:
    anna, bob = (as_roles(crm, REPRESENTATIVE, "accountant", actor=actor) for actor in ("anna", "bob"))
    assert (allowed(anna, f"/sales-orders/{order}"), allowed(bob, f"/sales-orders/{order}")) == (EVERY, [])
    assert (allowed(anna, f"/customers/{customer}"), allowed(bob, f"/customers/{customer}")) == (["change"], [])


@pytest.mark.case("C1")
@pytest.mark.parametrize(("command", "body"), [("amend", {"freight": None}), ("cancel", {"reason": "again"})])
def test_a_refusal_names_the_states_that_allow_the_command_and_what_to_read(
    crm: CrmCaller, order: str, command: str, body: dict[str, str | None]
) -> None:
    number = crm.post(f"/sales-orders/{order}/cancel", {"reason": "typed twice"}).json["number"]
    refused = crm.post(f"/sales-orders/{order}/{command}", body)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_status")
    assert refused.json["detail"] == (
        f"Sales order {number} is cancelled; to {command} it, it must be draft, placed, held, approved, reserved, "
        "backordered, partly shipped or amending. No command is possible now."
    )
    assert order not in refused.json["detail"]
    assert allowed(crm, f"/sales-orders/{order}") == []


@pytest.mark.case("C1")
def test_a_refusal_names_what_is_possible_now(crm: CrmCaller, order: str) -> None:
    number = crm.post(f"/sales-orders/{order}/place", {}).json["number"]
    refused = crm.post(f"/sales-orders/{order}/place", {})
    assert refused.json["detail"] == (
        f"Sales order {number} is placed; to place it, it must be draft. Possible now: amend, cancel."
    )
    assert allowed(crm, f"/sales-orders/{order}") == ["amend", "cancel"]
