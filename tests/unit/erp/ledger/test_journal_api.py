"""Chart of accounts, journal and trial balance over HTTP."""

from pathlib import Path

from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER, an_erp


def test_the_chart_of_accounts_exists_before_the_first_posting(tmp_path: Path):
    chart = create_erp_client(an_erp(tmp_path)).get("/accounts").json["data"]
    assert [(each["code"], each["name"]) for each in chart] == [
        ("1000", "Bank"), ("1200", "Receivables"), ("1400", "Stock"), ("2000", "Payables"),
        ("2100", "Goods received not invoiced"), ("3000", "Opening balances"), ("4000", "Sales"),
        ("4100", "Freight income"), ("5000", "Cost of goods sold"), ("5100", "Purchase price variance"),
        ("5200", "Stock adjustments"), ("6000", "Operating expense"),
    ]  # fmt: skip


def test_the_journal_is_filtered_by_account_and_days(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    (line,) = client.get("/journal?account=1200&from=2026-03-05&to=2026-03-05").json["data"]
    assert {name: line[name] for name in ("account", "party", "debit", "credit", "date")} == {
        "account": "1200", "party": str(CUSTOMER), "debit": usd("73.00"), "credit": usd("0.00"), "date": "2026-03-05",
    }  # fmt: skip
    assert line["source"]["service"] == "scm"
    assert client.get("/journal?account=1200&from=2026-03-06").json["data"] == []
    entry = client.get(f"/journal?entry={line['entry']}").json["data"]
    assert [each["account"] for each in entry] == ["1200", "4000", "4100"]


def test_the_journal_comes_in_pages(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    everything = client.get("/journal").json["data"]
    first = client.get("/journal?limit=3&from=2026-03-01").json
    rest = client.get(f"/journal?limit=200&from=2026-03-01&cursor={first['next_cursor']}").json
    assert first["data"] + rest["data"] == everything
    assert (len(first["data"]), len(everything), rest["has_more"]) == (3, 7, False)


def test_a_page_has_up_to_a_thousand_lines_and_of_records_with_lines_up_to_two_hundred(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    assert len(client.get("/journal?limit=1000").json["data"]) == 7
    refused = client.get("/journal?limit=1001").json["errors"]
    assert [(each["pointer"], each["detail"]) for each in refused] == [("/limit", "must be 1 to 1,000")]
    assert client.get("/invoices?limit=200").status_code == 200
    assert client.get("/invoices?limit=201").json["errors"][0]["detail"] == "must be 1 to 200"


def test_the_trial_balance_adds_up(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/trial-balance?as_of=2026-03-31").json
    rows = {row["account"]: (row["name"], row["debit"], row["credit"]) for row in answered["rows"]}
    assert rows["1400"] == ("Stock", usd("72.00"), usd("0.00"))
    assert rows["4000"] == ("Sales", usd("0.00"), usd("68.00"))
    assert answered["totals"] == {"debit": usd("193.00"), "credit": usd("193.00")}
    assert answered["as_of"] == "2026-03-31"
