"""Manual journal entries and opening balances over HTTP."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER, SUPPLIER, an_erp


def line(account: str, party: UUID | None = None, **sides: str) -> dict[str, Any]:
    named = {"party": str(party)} if party else {}
    return {"account": account, **named, **{side: usd(amount) for side, amount in sides.items()}}


def an_entry(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"posted_on": "2026-03-20", "text": "rent", "lines": list(lines)}


RENT = an_entry(line("6000", debit="900.00"), line("1000", credit="900.00"))


def test_a_manual_entry_is_posted(tmp_path: Path):
    service = an_erp(tmp_path)
    written = create_erp_client(service).post("/journal-entries", json=RENT)
    assert written.status_code == 201
    assert written.headers["Location"] == f"/api/v1/erp/journal-entries/{written.json['id']}"
    assert (written.json["kind"], written.json["text"], written.json["posted_on"]) == ("manual", "rent", "2026-03-20")
    client = create_erp_client(service)
    assert client.get(f"/journal-entries/{written.json['id']}").json["lines"] == written.json["lines"]
    lines = client.get(f"/journal?entry={written.json['id']}").json["data"]
    assert [(each["account"], each["debit"], each["credit"]) for each in lines] == [
        ("6000", usd("900.00"), usd("0.00")), ("1000", usd("0.00"), usd("900.00")),
    ]  # fmt: skip


EUR = {"amount": "5.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("lines", "pointer"),
    [
        ([line("6000", debit="900.00"), line("1000", credit="899.99")], "/lines"),
        ([line("6000", debit="900.00")], "/lines"),
        ([], "/lines"),
        ([line("6000", debit="5.00", credit="5.00"), line("1000", credit="5.00")], "/lines/0"),
        ([line("6000", debit="0.00"), line("1000", credit="0.00")], "/lines/0"),
        ([line("6000", debit="5.00"), line("1000")], "/lines/1"),
        ([line("6000", debit="5.00"), line("9999", credit="5.00")], "/lines/1/account"),
        ([line("6000", debit="5.00"), line("1400", credit="5.00")], "/lines/1/account"),
        ([line("6000", debit="5.00"), line("2100", credit="5.00")], "/lines/1/account"),
        ([line("6000", debit="5.00"), line("1200", credit="5.00")], "/lines/1/party"),
        ([line("6000", debit="5.00"), line("1000", CUSTOMER, credit="5.00")], "/lines/1/party"),
        ([line("6000", debit="5.00"), {"account": "1000", "credit": EUR}], "/lines/1/credit/currency"),
        ([line("6000", debit="-5.00"), line("1000", credit="-5.00")], "/lines/0/debit/amount"),
    ],
)
def test_an_invalid_entry_is_refused_and_not_stored(tmp_path: Path, lines: list[dict[str, Any]], pointer: str):
    service = an_erp(tmp_path)
    head = service.store.head()
    answered = create_erp_client(service).post("/journal-entries", json=an_entry(*lines))
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, pointer)
    assert service.store.head() == head


def test_an_entry_in_a_closed_period_is_refused(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    client.post("/periods/2026-03/close")
    answered = client.post("/journal-entries", json=RENT)
    assert (answered.status_code, answered.json["code"]) == (409, "period_closed")
    assert [each["pointer"] for each in answered.json["errors"]] == ["/posted_on"]


def test_a_manual_entry_is_reversed_once(tmp_path: Path):
    service = an_erp(tmp_path)
    client = create_erp_client(service)
    entry = client.post("/journal-entries", json=RENT).json
    path, why = f"/journal-entries/{entry['id']}/reverse", {"reason": "mistyped", "effective_on": "2026-03-21"}
    reversal = client.post(path, json=why).json
    assert (reversal["kind"], reversal["reverses"], reversal["posted_on"]) == ("reversal", entry["id"], "2026-03-21")
    for again in (path, f"/journal-entries/{reversal['id']}/reverse"):
        answered = client.post(again, json=why)
        assert (answered.status_code, answered.json["code"]) == (409, "not_reversible")
    assert create_erp_client(service).get("/trial-balance").json["totals"]["debit"] == usd("0.00")


def test_the_entry_of_a_document_is_reversed_with_the_document_only(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    entry = client.get("/journal").json["data"][0]["entry"]
    answered = client.post(f"/journal-entries/{entry}/reverse", json={"reason": "no"})
    assert (answered.status_code, answered.json["code"]) == (409, "not_reversible")


def test_opening_balances_are_posted(tmp_path: Path):
    service = an_erp(tmp_path)
    lines = [
        {"account": "1000", "amount": usd("500.00")},
        {"account": "1200", "party": str(CUSTOMER), "amount": usd("80.00")},
        {"account": "2000", "party": str(SUPPLIER), "amount": usd("30.00")},
    ]
    opened = create_erp_client(service).post("/opening-balances", json={"posted_on": "2026-01-01", "lines": lines})
    assert (opened.status_code, opened.json["kind"]) == (201, "opening")
    client = create_erp_client(service)
    rows = {row["account"]: row for row in client.get("/trial-balance").json["rows"]}
    assert (rows["1000"]["debit"], rows["2000"]["credit"], rows["3000"]["credit"]) == (
        usd("500.00"), usd("30.00"), usd("550.00"),
    )  # fmt: skip
    assert client.get("/receivables-aging").json["totals"]["total"] == usd("80.00")
    path, why = f"/journal-entries/{opened.json['id']}/reverse", {"reason": "again"}
    assert client.post(path, json=why).json["reversal_request"] == {"reason": "again", "requested_by": "margaret"}
    assert create_erp_client(service, "laura").post(path, json=why).json["kind"] == "reversal"
    assert create_erp_client(service).get("/receivables-aging").json["rows"] == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"account": "1400", "amount": usd("5.00")}, "/lines/0/account"),
        ({"account": "1200", "amount": usd("5.00")}, "/lines/0/party"),
        ({"account": "1000", "amount": usd("0.00")}, "/lines/0/amount"),
        ({"account": "0000", "amount": usd("1.00")}, "/lines/0/account"),
    ],
)
def test_an_invalid_opening_balance_is_refused(tmp_path: Path, wrong: dict[str, Any], pointer: str):
    answered = create_erp_client(an_erp(tmp_path)).post(
        "/opening-balances", json={"posted_on": "2026-01-01", "lines": [wrong]}
    )
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, pointer)
