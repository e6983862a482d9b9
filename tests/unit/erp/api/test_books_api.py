"""Periods, statements, manual entries and settings over HTTP."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.api.caller import create_erp_client
from tests.unit.erp.api.test_erp_api import a_payment, an_invoice, sold
from tests.unit.erp.examples import CUSTOMER, SUPPLIER, a_shipment, an_erp, an_order, receive_stock

# -- periods


def test_the_list_names_every_period_with_its_days(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    assert client.get("/periods").json["data"] == [
        {"id": "2026-03", "code": "2026-03", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "status": "open"},
    ]
    assert client.get("/periods?code=2026-03&status=closed").json["data"] == []


def test_a_period_is_closed_and_shown_so(tmp_path: Path):
    service = sold(tmp_path)
    answered = create_erp_client(service).post("/periods/2026-03/close")
    assert answered.status_code == 200
    assert answered.json == {
        "id": "2026-03", "code": "2026-03", "starts_on": "2026-03-01", "ends_on": "2026-03-31",
        "status": "closed", "reopening": None,
    }  # fmt: skip
    client = create_erp_client(service)
    assert client.get("/periods/2026-02").json["status"] == "closed"
    assert client.get("/periods/2026-04").json["status"] == "open"
    assert [each["status"] for each in client.get("/periods").json["data"]] == ["closed"]
    again = client.post("/periods/2026-03/close", json={})
    assert (again.status_code, again.json["code"]) == (409, "wrong_status")


def test_a_clock_turned_forward_closes_nothing(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).post("/periods/2150-01/close", json={"effective_on": "2150-02-01"})
    assert (answered.status_code, answered.json["code"]) == (409, "period_not_over")


@pytest.mark.parametrize("code", ["2026-13", "march", "00000000-0000-0000-0000-000000000001"])
def test_what_is_no_period_is_not_found(tmp_path: Path, code: str):
    client = create_erp_client(sold(tmp_path))
    assert client.get(f"/periods/{code}").status_code == 404
    assert client.post(f"/periods/{code}/close", json={}).status_code == 404


def test_a_payment_dated_in_a_closed_period_is_refused_with_a_remedy(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    payment = a_payment(an_invoice(client))
    client.post("/periods/2026-03/close")
    refused = client.post("/payments", json=payment)
    assert (refused.status_code, refused.json["code"]) == (409, "period_closed")
    assert [each["pointer"] for each in refused.json["errors"]] == ["/paid_on"]
    assert "2026-04-01" in refused.json["detail"]
    elsewhere = client.post("/payments", json={**payment, "posted_on": "2026-04-02"})
    assert (elsewhere.status_code, elsewhere.json["errors"][0]["pointer"]) == (422, "/posted_on")
    assert client.post("/payments", json={**payment, "posted_on": "2026-04-01"}).status_code == 201
    (line,) = create_erp_client(service).get("/journal?account=1000").json["data"]
    assert (line["date"], line["dated"]) == ("2026-04-01", "2026-03-09")


def test_a_period_is_reopened_by_two_people(tmp_path: Path):
    service = sold(tmp_path)
    margaret, bert = create_erp_client(service), create_erp_client(service, "bert")
    margaret.post("/periods/2026-03/close")
    path, reason = "/periods/2026-03/reopen", {"reason": "a receipt was forgotten"}
    assert margaret.post(path, json={}).status_code == 422
    requested = margaret.post(path, json=reason).json
    assert (requested["status"], requested["reopening"]) == (
        "closed", {"period": "2026-03", "reason": "a receipt was forgotten", "requested_by": "margaret"},
    )  # fmt: skip
    alone = margaret.post(path, json=reason)
    assert (alone.status_code, alone.json["code"]) == (403, "four_eyes_required")
    assert bert.post(path, json={"reason": "agreed"}).json["status"] == "open"


# -- statements


def amounts(answered: Any, name: str = "amount") -> dict[str, str]:
    return {row["account"] or row["name"]: row[name]["amount"] for row in answered.json["rows"]}


def test_profit_is_income_less_expenses(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/profit-and-loss?from=2026-03-01&to=2026-03-31")
    assert {code: amount for code, amount in amounts(answered).items() if amount != "0.00"} == {
        "4000": "68.00", "4100": "5.00", "5000": "48.00",
    }  # fmt: skip
    totals = answered.json["totals"]
    assert (totals["income"], totals["expenses"], totals["profit"]) == (usd("73.00"), usd("48.00"), usd("25.00"))


def test_profit_before_the_first_day_is_nothing(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    assert client.get("/profit-and-loss?to=2026-03-04").json["totals"]["profit"] == usd("0.00")
    assert client.get("/profit-and-loss?from=2026-03-06").json["totals"]["profit"] == usd("0.00")
    assert client.get("/profit-and-loss?from=2026-03-05&to=2026-03-05").json["totals"]["profit"] == usd("25.00")


@pytest.mark.parametrize(
    ("day", "retained", "profit"), [("2026-12-31", "0.00", "25.00"), ("2027-01-01", "25.00", "0.00")]
)
def test_the_balance_sheet_balances(tmp_path: Path, day: str, retained: str, profit: str):
    answered = create_erp_client(sold(tmp_path)).get(f"/balance-sheet?as_of={day}")
    shown = amounts(answered)
    assert (shown["Retained earnings"], shown["Profit of the year"]) == (retained, profit)
    totals = answered.json["totals"]
    assert (totals["assets"], totals["liabilities"], totals["equity"]) == (usd("145.00"), usd("120.00"), usd("25.00"))
    assert totals["debit"] == totals["credit"]


def test_the_general_ledger_starts_where_it_ended(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    (row,) = client.get("/general-ledger?account=1400&from=2026-03-05").json["rows"]
    assert (row["start"], row["debit"], row["credit"], row["end"], row["lines"]) == (
        usd("120.00"), usd("0.00"), usd("48.00"), usd("72.00"), 1,
    )  # fmt: skip


def test_the_general_ledger_shows_parties(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    rows = client.get("/general-ledger?by=party").json["rows"]
    assert [(row["account"], row["party"], row["end"]) for row in rows] == [
        ("1200", str(CUSTOMER), usd("73.00")), ("2100", str(SUPPLIER), usd("-120.00")),
    ]  # fmt: skip
    (row,) = client.get(f"/general-ledger?party={SUPPLIER}").json["rows"]
    assert row["account"] == "2100"


def test_a_range_that_ends_before_it_starts_is_refused(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/general-ledger?from=2026-03-05&to=2026-03-04")
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, "/from")


STATEMENTS = ("trial-balance", "balance-sheet", "profit-and-loss", "general-ledger", "stock-value", "receivables-aging")


@pytest.mark.parametrize("statement", [*STATEMENTS, "journal"])
def test_a_statement_is_shown_as_it_was_known_then(tmp_path: Path, statement: str):
    service = sold(tmp_path)
    query = "limit=200" if statement == "journal" else "currency=USD"
    before, position = create_erp_client(service).get(f"/{statement}?{query}").json, service.store.head()
    then = service.store.log(position - 1, 1)[0].recorded_at
    receive_stock(service, ("CHAI", "5", "9.00"))
    order = an_order(("CHAI", "1", "30.00"))
    deliver(service, order, a_shipment(order))
    client = create_erp_client(service)
    assert client.get(f"/{statement}?{query}").json != before
    assert client.get(f"/{statement}?{query}&known_at={position}").json == before
    assert client.get(f"/{statement}", query_string=f"{query}&known_at={then:%Y-%m-%dT%H:%M:%S.%fZ}").json == before


@pytest.mark.parametrize("known_at", ["yesterday", "-1", "1e3", "2026-03-01", "999999"])
def test_what_is_no_moment_of_the_log_is_refused(tmp_path: Path, known_at: str):
    answered = create_erp_client(sold(tmp_path)).get(f"/trial-balance?known_at={known_at}")
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, "/known_at")


# -- entries by hand


def line(account: str, party: UUID | None = None, **sides: str) -> dict[str, Any]:
    named = {"party": str(party)} if party else {}
    return {"account": account, **named, **{side: usd(amount) for side, amount in sides.items()}}


def an_entry(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"posted_on": "2026-03-20", "text": "rent", "lines": list(lines)}


RENT = an_entry(line("6000", debit="900.00"), line("1000", credit="900.00"))


def test_an_entry_is_written_by_hand(tmp_path: Path):
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
        ([line("6000", debit="5.00"), {"account": "1000", "credit": EUR}], "/lines"),
        ([line("6000", debit="-5.00"), line("1000", credit="-5.00")], "/lines/0/debit/amount"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_and_nothing_stored(
    tmp_path: Path, lines: list[dict[str, Any]], pointer: str
):
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


def test_an_entry_is_taken_back_once(tmp_path: Path):
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


def test_the_entry_of_a_document_is_taken_back_with_the_document_only(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    entry = client.get("/journal").json["data"][0]["entry"]
    answered = client.post(f"/journal-entries/{entry}/reverse", json={"reason": "no"})
    assert (answered.status_code, answered.json["code"]) == (409, "not_reversible")


def test_the_books_begin_with_opening_balances(tmp_path: Path):
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
    client.post(f"/journal-entries/{opened.json['id']}/reverse", json={"reason": "again"})
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
def test_an_opening_balance_that_cannot_be_meant_is_refused(tmp_path: Path, wrong: dict[str, Any], pointer: str):
    answered = create_erp_client(an_erp(tmp_path)).post(
        "/opening-balances", json={"posted_on": "2026-01-01", "lines": [wrong]}
    )
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, pointer)


# -- settings


def test_the_currency_of_the_books_stays_once_something_is_posted(tmp_path: Path):
    service = an_erp(tmp_path)
    client = create_erp_client(service)
    seen = client.get("/settings").headers["ETag"]
    changed = client.patch("/settings", json={"base_currency": "EUR"}, headers={"If-Match": seen})
    assert (changed.status_code, changed.json["base_currency"]) == (200, "EUR")
    assert create_erp_client(service).get("/trial-balance").json["totals"]["debit"]["currency"] == "EUR"
    receive_stock(service, ("CHAI", "1", "1.00"))
    seen = client.get("/settings").headers["ETag"]
    refused = client.patch("/settings", json={"base_currency": "USD"}, headers={"If-Match": seen})
    assert (refused.status_code, refused.json["code"]) == (409, "base_currency_fixed")
    assert client.get("/settings").json["base_currency"] == "EUR"
