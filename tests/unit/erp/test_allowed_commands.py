"""Commands of the documents of ERP that a caller may send now: by the state of the document and by the roles."""

from pathlib import Path
from typing import Any

import pytest

from gateway.access.roles import patterns_of
from services.erp.service import Erp
from shared.testing.web import Client, usd
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER, a_purchase, an_erp, an_order, deliver, record_supplier_invoice


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
    assert allowed(client, f"/payments/{paid}") == ["deallocate", "reverse"], "nothing of it is left to allocate"
    client.post(f"/payments/{paid}/reverse", json={})
    assert allowed(client, f"/payments/{paid}") == []
    assert allowed(client, f"/invoices/{invoice['id']}") == ["write-off"]


def test_money_left_of_a_payment_is_allocated(tmp_path: Path) -> None:
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    path = f"/payments/{client.post('/payments', json=a_payment(invoice, allocations=[])).json['id']}"
    assert allowed(client, path) == ["allocate", "reverse"]
    client.post(f"{path}/allocate", json={"allocations": a_payment(invoice)["allocations"]})
    assert allowed(client, path) == ["deallocate", "reverse"]


def test_orders_are_released_while_one_is_held(tmp_path: Path) -> None:
    service = sold(tmp_path)
    assert allowed(create_erp_client(service), f"/credit/{CUSTOMER}") == []
    held = an_order(("CHAI", "50", "20.00"))
    deliver(service, held)
    client = create_erp_client(service)
    assert allowed(client, f"/credit/{CUSTOMER}") == ["release"]
    client.post(f"/credit/{CUSTOMER}/release/{held.order_id}", json={"reason": "paid on the telephone"})
    assert allowed(client, f"/credit/{CUSTOMER}") == []


def test_the_entries_of_documents_are_not_reversed_alone(tmp_path: Path) -> None:
    client = create_erp_client(sold(tmp_path))
    posted = client.get("/journal").json["data"]
    documents = {each["entry"]: each["kind"] for each in posted}
    assert {"invoice", "goods_received"} <= set(documents.values())
    assert [allowed(client, f"/journal-entries/{each}") for each in documents] == [[]] * len(documents)
    rent = {"posted_on": "2026-03-01", "text": "rent", "lines": [
        {"account": "6000", "debit": usd("9.00")}, {"account": "1000", "credit": usd("9.00")}
    ]}  # fmt: skip
    entry = client.post("/journal-entries", json=rent).json["id"]
    assert allowed(client, f"/journal-entries/{entry}") == ["reverse"]
    reversal = client.post(f"/journal-entries/{entry}/reverse", json={"reason": "typed twice"}).json["id"]
    assert allowed(client, f"/journal-entries/{reversal}") == []


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
    held = an_order(("CHAI", "50", "20.00"))
    deliver(service, held)
    assert allowed(as_role(service, role), f"/credit/{CUSTOMER}") == (["release"] if expected else [])
    invoice = an_invoice(as_role(service, role))
    assert allowed(as_role(service, role), f"/invoices/{invoice['id']}") == (["write-off"] if expected else [])
