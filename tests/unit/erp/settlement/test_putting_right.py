"""Settling is put right: one document is settled no more, a rest is written off, a write-off is reversed."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.erp.service import Erp
from shared.contracts import crm, erp, srm
from shared.testing.services import deliver
from shared.testing.web import Client, usd
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold
from tests.unit.erp.examples import (
    CUSTOMER,
    SUPPLIER,
    a_purchase,
    a_receipt,
    accounts,
    an_erp,
    balances,
    record_published,
    record_supplier_invoice,
)

REASON = {"reason": "as agreed", "effective_on": "2026-03-10"}


def a_bill(service: Erp) -> str:
    """A supplier invoice of 1,400.00."""
    purchase = a_purchase(("CHAI", "100", "14.00"))
    deliver(service, purchase, a_receipt(purchase))
    return str(record_supplier_invoice(service, purchase).id)


def pay_bill(client: Client, bill: str, amount: str) -> Any:
    part = {"document_id": bill, "amount": usd(amount)}
    body = {"direction": "out", "party_id": str(SUPPLIER), "paid_on": "2026-03-09", "amount": usd(amount)}
    return client.post("/payments", json=body | {"allocations": [part]})


def total_open(client: Client, aging: str) -> Any:
    return client.get(f"/{aging}?as_of=2026-03-31").json["totals"]["total"]


# -- one allocation


def test_one_allocation_is_undone_and_the_payment_stays(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    payment = client.post("/payments", json=a_payment(invoice)).json
    before, published = balances(service), record_published(service)
    answered = client.post(
        f"/payments/{payment['id']}/deallocate", json={"document_id": invoice["id"], "effective_on": "2026-03-10"}
    )
    assert answered.status_code == 200
    assert (answered.json["status"], answered.json["allocations"], answered.json["unallocated"]) == (
        "posted", [], usd("73.00"),
    )  # fmt: skip
    client = create_erp_client(service)
    assert (an_invoice(client)["status"], an_invoice(client)["open"]) == ("open", usd("73.00"))
    assert balances(service) == before, "nothing is posted"
    assert total_open(client, "receivables-aging") == usd("0.00"), "the invoice less the credit"
    assert client.get(f"/credit/{CUSTOMER}").json["exposure"] == usd("0.00")
    (changed,) = published()
    assert isinstance(changed, erp.InvoiceSettlementChanged)
    assert str(changed.open.amount) == "73.00"


def test_the_credit_settles_another_document_and_is_reversed_as_a_whole(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    payment = f"/payments/{client.post('/payments', json=a_payment(invoice)).json['id']}"
    on = {"effective_on": "2026-03-10"}
    client.post(f"{payment}/deallocate", json=on | {"document_id": invoice["id"]})
    part = {"document_id": invoice["id"], "amount": usd("70.00")}
    assert client.post(f"{payment}/allocate", json=on | {"allocations": [part]}).status_code == 200
    assert client.post(f"{payment}/reverse", json=on).status_code == 200
    client = create_erp_client(service)
    assert an_invoice(client)["open"] == usd("73.00")
    assert total_open(client, "receivables-aging") == usd("73.00")


def test_only_the_given_document_is_settled_no_more(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    payment = client.post("/payments", json=a_payment(invoice)).json
    refused = client.post(f"/payments/{payment['id']}/deallocate", json={"document_id": str(uuid4())})
    assert (refused.status_code, refused.json["code"]) == (409, "not_allocated")
    assert [each["pointer"] for each in refused.json["errors"]] == ["/document_id"]
    assert "name one of its allocations" in refused.json["detail"]
    assert an_invoice(create_erp_client(service))["open"] == usd("0.00")


def test_an_outgoing_payment_is_reversed_instead(tmp_path: Path):
    service = an_erp(tmp_path)
    bill, client = a_bill(service), create_erp_client(service)
    payment = pay_bill(client, bill, "1400.00").json
    refused = client.post(f"/payments/{payment['id']}/deallocate", json={"document_id": bill})
    assert (refused.status_code, refused.json["code"]) == (409, "not_deallocatable")
    assert "reverse the payment and record it again" in refused.json["detail"]


# -- write-offs


@pytest.mark.case("A7")
def test_the_small_rest_of_a_bill_is_written_off_and_put_back(tmp_path: Path):
    service = an_erp(tmp_path)
    bill, client = a_bill(service), create_erp_client(service)
    assert pay_bill(client, bill, "1396.00").status_code == 201
    written_off = client.post(f"/bills/{bill}/write-off", json=REASON)
    assert written_off.status_code == 200
    assert [written_off.json[each] for each in ("status", "open", "written_off")] == [
        "paid", usd("0.00"), usd("4.00"),
    ]  # fmt: skip
    assert balances(service) == accounts(a1000="-1396.00", a1400="1400.00", a6000="-4.00")
    assert total_open(create_erp_client(service), "payables-aging") == usd("0.00")
    put_back = client.post(f"/bills/{bill}/reverse-write-off", json=REASON)
    assert [put_back.json[each] for each in ("status", "open", "written_off")] == [
        "matched", usd("4.00"), usd("0.00"),
    ]  # fmt: skip
    assert balances(service) == accounts(a1000="-1396.00", a1400="1400.00", a2000="-4.00")
    assert total_open(create_erp_client(service), "payables-aging") == usd("4.00")


@pytest.mark.case("A7", "C20")
def test_a_rest_above_the_limit_is_not_written_off_until_the_limit_is_raised(tmp_path: Path):
    service = an_erp(tmp_path)
    bill, client = a_bill(service), create_erp_client(service)
    pay_bill(client, bill, "1372.00")
    refused = client.post(f"/bills/{bill}/write-off", json=REASON)
    assert (refused.status_code, refused.json["code"]) == (409, "write_off_too_large")
    assert "28.00 USD open: at most 5.00 USD can be written off" in refused.json["detail"]
    service.settings.change(write_off_limit="28.00")
    assert client.post(f"/bills/{bill}/write-off", json=REASON).json["status"] == "paid"


def test_a_blocked_bill_is_not_written_off(tmp_path: Path):
    service, purchase = an_erp(tmp_path), a_purchase(("CHAI", "1", "4.00"))
    deliver(service, purchase)
    bill = record_supplier_invoice(service, purchase)
    refused = create_erp_client(service).post(f"/bills/{bill.id}/write-off", json=REASON)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_status")


def test_a_written_off_rest_of_an_invoice_is_open_again(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    client.post("/payments", json=a_payment(invoice, "70.00"))
    assert client.post(f"/invoices/{invoice['id']}/write-off", json=REASON).json["written_off"] == usd("3.00")
    published = record_published(service)
    answered = client.post(f"/invoices/{invoice['id']}/reverse-write-off", json=REASON)
    assert [answered.json[each] for each in ("status", "open", "written_off")] == [
        "part_paid", usd("3.00"), usd("0.00"),
    ]  # fmt: skip
    assert "6000" not in balances(service)
    client = create_erp_client(service)
    assert total_open(client, "receivables-aging") == client.get(f"/credit/{CUSTOMER}").json["exposure"] == usd("3.00")
    (reversed_,) = published()
    assert isinstance(reversed_, erp.InvoiceWriteOffReversed)
    assert (str(reversed_.amount.amount), str(reversed_.open.amount)) == ("3.00", "3.00")
    again = client.post(f"/invoices/{invoice['id']}/reverse-write-off", json=REASON)
    assert (again.status_code, again.json["code"]) == (409, "nothing_written_off")
    assert client.post(f"/invoices/{invoice['id']}/write-off", json=REASON).json["status"] == "paid"


def test_a_write_off_stays_when_the_payment_before_it_is_reversed(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    payment = client.post("/payments", json=a_payment(invoice, "70.00")).json
    client.post(f"/invoices/{invoice['id']}/write-off", json=REASON)
    client.post(f"/payments/{payment['id']}/reverse", json={"effective_on": "2026-03-11"})
    shown = an_invoice(create_erp_client(service))
    assert (shown["open"], shown["written_off"]) == (usd("70.00"), usd("3.00"))


def test_a_write_off_is_not_reversed_in_a_closed_period(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    client.post("/payments", json=a_payment(invoice, "70.00"))
    client.post(f"/invoices/{invoice['id']}/write-off", json=REASON)
    service.ledger.close_period("2026-03")
    refused = client.post(f"/invoices/{invoice['id']}/reverse-write-off", json=REASON)
    assert (refused.status_code, refused.json["code"]) == (409, "period_closed")
    assert an_invoice(create_erp_client(service))["written_off"] == usd("3.00")


# -- what is not possible yet, and where it was posted


@pytest.mark.case("C8")
@pytest.mark.parametrize(
    ("direction", "party", "name", "kind"),
    [("in", SUPPLIER, "MILL", "supplier"), ("out", CUSTOMER, "ALFKI", "customer")],
    ids=["from a supplier", "to a customer"],
)
def test_a_payment_of_the_wrong_kind_of_party_is_refused_for_good(
    tmp_path: Path, direction: str, party: object, name: str, kind: str
):
    service = sold(tmp_path)
    body = {"direction": direction, "party_id": str(party), "paid_on": "2026-03-09", "amount": usd("5.00")}
    refused = create_erp_client(service).post("/payments", json=body | {"allocations": []})
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, ["/party_id"])
    assert f"({name}) is a {kind}, and" in refused.json["errors"][0]["detail"]
    assert "not possible yet" in refused.json["errors"][0]["detail"]
    assert "Retry-After" not in refused.headers


def test_a_payment_of_a_customer_not_known_yet_may_be_tried_again(tmp_path: Path):
    service, unknown = sold(tmp_path), uuid4()
    body = {"direction": "in", "party_id": str(unknown), "paid_on": "2026-03-09", "amount": usd("5.00")}
    refused = create_erp_client(service).post("/payments", json=body | {"allocations": []})
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, ["/party_id"])
    deliver(service, crm.CustomerRegistered(unknown, "LATE", "USD", 30, None))
    assert create_erp_client(service).post("/payments", json=body | {"allocations": []}).status_code == 201


@pytest.mark.case("C7")
def test_an_advance_to_a_supplier_is_refused_as_not_possible_yet(tmp_path: Path):
    service = an_erp(tmp_path)
    deliver(service, srm.SupplierRegistered(SUPPLIER, "LUMEN", "USD", 30))
    body = {"direction": "out", "party_id": str(SUPPLIER), "paid_on": "2026-03-09", "amount": usd("5.00")}
    refused = create_erp_client(service).post("/payments", json=body | {"allocations": []})
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, ["/allocations"])
    detail = refused.json["errors"][0]["detail"]
    assert "advance payments to suppliers are not possible yet" in detail
    assert "record the supplier invoice first" in detail


@pytest.mark.case("A12")
def test_a_payment_and_a_bill_show_the_day_on_which_they_were_posted(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    paid = client.post("/payments", json=a_payment(an_invoice(client)))
    assert (paid.json["paid_on"], paid.json["posted_on"]) == ("2026-03-09", "2026-03-09")
    service.ledger.close_period("2026-03")
    bill = a_bill(service)
    client = create_erp_client(service)
    assert client.get(f"/bills/{bill}").json["posted_on"] == "2026-04-01"
    part = {"document_id": bill, "amount": usd("1400.00")}
    body = {"direction": "out", "party_id": str(SUPPLIER), "paid_on": "2026-03-09", "posted_on": "2026-04-01"}
    late = client.post("/payments", json=body | {"amount": usd("1400.00"), "allocations": [part]})
    assert (late.json["paid_on"], late.json["posted_on"]) == ("2026-03-09", "2026-04-01")
    journal = create_erp_client(service).get("/journal").json["data"]
    assert {each["date"] for each in journal if each["kind"] == "supplier_invoice"} == {"2026-04-01"}
