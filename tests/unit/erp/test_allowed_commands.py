"""Commands of the documents of ERP that a caller may send now: by the state of the document and by the roles."""

from pathlib import Path
from typing import Any

import pytest

from gateway.access.roles import patterns_of
from services.erp.service import Erp
from shared.testing.web import Client
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER, a_purchase, an_erp, deliver, record_supplier_invoice


def allowed(client: Client, path: str) -> Any:
    """Return the allowed commands of a record."""
    return client.get(f"{path}?show=allowed_commands").json["allowed_commands"]


def as_role(service: Erp, role: str) -> Client:
    client = create_erp_client(service, actor="laura")
    client.roles = (role,)
    client.permissions, client.own_permissions = patterns_of(frozenset(client.roles), "erp")
    return client


def test_an_invoice_is_written_off_until_it_is_paid(tmp_path: Path) -> None:
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    assert allowed(client, f"/invoices/{invoice['id']}") == ["write-off"]
    paid = client.post("/payments", json=a_payment(invoice)).json["id"]
    assert allowed(client, f"/invoices/{invoice['id']}") == []
    assert allowed(client, f"/payments/{paid}") == ["allocate", "reverse"]
    client.post(f"/payments/{paid}/reverse", json={})
    assert allowed(client, f"/payments/{paid}") == []
    assert allowed(client, f"/invoices/{invoice['id']}") == ["write-off"]


def test_a_blocked_supplier_invoice_is_released_or_rejected(tmp_path: Path) -> None:
    service, purchase = an_erp(tmp_path), a_purchase(("CHAI", "10", "12.00"))
    deliver(service, purchase)
    bill = f"/bills/{record_supplier_invoice(service, purchase).id}"
    assert allowed(create_erp_client(service, actor="laura"), bill) == ["reject", "release"]
    create_erp_client(service, actor="laura").post(f"{bill}/reject", json={"reason": "not ordered"})
    assert allowed(create_erp_client(service, actor="laura"), bill) == []


@pytest.mark.parametrize(("role", "expected"), [("accountant", True), ("auditor", False), ("sales", False)])
def test_the_commands_of_an_account_without_states_are_those_of_the_role(
    tmp_path: Path, role: str, expected: bool
) -> None:
    service = sold(tmp_path)
    assert allowed(as_role(service, role), f"/credit/{CUSTOMER}") == (["release"] if expected else [])
    invoice = an_invoice(as_role(service, role))
    assert allowed(as_role(service, role), f"/invoices/{invoice['id']}") == (["write-off"] if expected else [])
