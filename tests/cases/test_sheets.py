"""Every list and every statement can be taken along as a sheet, with the same rows and figures."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from shared.config import SERVICES
from shared.sheets.writing import CSV, MEDIA_TYPES, XLSX
from shared.testing.services import catch_up
from shared.testing.web import create_client, usd
from tests.cases.desk import Desk, Row, days_ago, pointers
from tests.unit.erp.examples import a_purchase, a_receipt, deliver
from tests.unit.resources.checks_sheets import cells_of, require_same_values, values_in

TODAY, TOMORROW = days_ago(0), days_ago(-1)
Lines = list[dict[str, str]]

pytestmark = pytest.mark.case("A10")


@pytest.fixture
def trade(desk: Desk) -> Desk:
    """A firm that bought ten lamps for 50.00 and sold four of them for 36.00."""
    desk.stock_up("LAMP")
    bought = desk.purchase(desk.supplier(name="Mill"), ("LAMP", "10", "5.00"))
    assert desk.receive(bought, ("LAMP", "10")).status_code == 201
    assert desk.dispatch(desk.order(desk.customer(name="Shop"), ("LAMP", "4", "9.00"))).status_code == 200
    return desk


def ask(desk: Desk, path: str, **headers: str) -> Any:
    """Return the answer to a request to read, whatever it is."""
    catch_up(desk.firm.services[path.split("/")[1]])
    return desk.send("GET", path, **headers)


def sheet(desk: Desk, path: str, **headers: str) -> Any:
    """Return the answer of what must be a sheet."""
    answered = ask(desk, path, **headers)
    assert answered.status_code == 200, answered.text
    assert answered.content_type.startswith(("text/csv; charset=utf-8", XLSX)), answered.content_type
    return answered


def lines(desk: Desk, path: str) -> Lines:
    """Return the lines of a sheet in CSV, each with its cells by the names of the columns."""
    text = sheet(desk, path).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def page(answered: Any) -> list[list[Any]]:
    """Return the values of a workbook, as a spreadsheet program shows them."""
    return [list(row) for row in load_workbook(io.BytesIO(answered.data)).active.iter_rows(values_only=True)]


def paths_that_answer_rows(desk: Desk) -> Iterator[str]:
    """Yield every address without variables whose answer has rows, of all services."""
    for service in SERVICES:
        document = create_client(desk.firm.services[service]).get("/openapi.json").json
        for path, operations in document["paths"].items():
            if "{" not in path and "get" in operations and not path.endswith(("/export", "/template")):
                yield f"/{service}{path}"
    yield f"/erp/periods/{TODAY[:7]}/checks"


def test_every_list_and_statement_has_the_same_rows_in_both_forms(trade: Desk) -> None:
    checked = 0
    for path in paths_that_answer_rows(trade):
        shown = trade.get(path)
        rows = shown.get("rows", shown.get("data"))
        if rows is None:
            assert pointers(ask(trade, f"{path}?format=csv")) == ["/format"], path
            continue
        for form in MEDIA_TYPES:
            header, *cells = cells_of(sheet(trade, f"{path}?format={form}").data, form)
            assert len(cells) == len(rows), path
            for row, line in zip(rows, cells, strict=True):
                require_same_values(dict(values_in(row)), dict(zip(header, line, strict=True)))
        checked += 1
    assert checked >= 37


def test_columns_are_in_the_order_of_the_statement(trade: Desk) -> None:
    for name in ("trial-balance", "balance-sheet", "profit-and-loss", "general-ledger", "stock-value",
                 "receivables-aging", "payables-aging", "goods-received-not-invoiced", "accounts"):  # fmt: skip
        header, *_ = cells_of(sheet(trade, f"/erp/{name}?format=csv").data)
        assert list(dict.fromkeys(each.partition(".")[0] for each in header)) == columns_of(trade, name), name


def columns_of(desk: Desk, name: str) -> list[str]:
    """Return the names of the members of the rows of a statement, of one that has rows."""
    rows = desk.rows(f"/erp/{name}")
    if not rows:  # nothing is owed to suppliers yet: the rows are those of the receivables
        return [each.replace("customer", "supplier") for each in desk.rows("/erp/receivables-aging")[0]]
    return list(rows[0])


def test_a_trial_balance_as_csv_has_its_figures(trade: Desk) -> None:
    by_account = {each["account"]: each for each in lines(trade, "/erp/trial-balance?format=csv")}
    assert by_account["1400"] == {
        "account": "1400", "name": "Stock", "debit.amount": "30.00", "debit.currency": "USD",
        "credit.amount": "0.00", "credit.currency": "USD",
    }  # fmt: skip
    assert by_account["1200"]["debit.amount"] == by_account["4000"]["credit.amount"] == "36.00"
    assert by_account["2100"]["credit.amount"] == "50.00"


def test_a_profit_and_loss_statement_as_a_workbook_has_numbers(trade: Desk) -> None:
    header, *rows = page(sheet(trade, "/erp/profit-and-loss?format=xlsx"))
    amount = header.index("amount.amount")
    figures = {row[0]: row[amount] for row in rows}
    assert (figures["4000"], figures["5000"]) == (36, 20)


def test_invoices_are_listed_as_a_sheet_with_their_lines(trade: Desk) -> None:
    [invoice] = trade.rows("/erp/invoices")
    answered = sheet(trade, "/erp/invoices?format=csv&sort=-number")
    assert answered.headers["Content-Disposition"] == 'attachment; filename="invoices.csv"'
    [line] = lines(trade, "/erp/invoices?format=csv")
    assert (line["id"], line["number"]) == (invoice["id"], str(invoice["number"]))
    assert (line["total.amount"], line["total.currency"]) == ("36.00", "USD")
    assert (line["lines.1.sku"], line["lines.1.quantity"], line["lines.1.unit_price.amount"]) == ("LAMP", "4", "9.00")
    assert lines(trade, "/erp/invoices?format=csv&total[gt]=36") == []


def test_negative_figures_are_numbers_and_no_formulas(trade: Desk) -> None:
    [row] = lines(trade, "/erp/general-ledger?format=csv&account=4000")
    assert (row["movement.amount"], row["end.amount"], row["lines"]) == ("-36.00", "-36.00", "1")
    header, value = page(sheet(trade, "/erp/general-ledger?format=xlsx&account=4000"))
    assert value[header.index("end.amount")] == -36


def test_a_text_that_looks_like_a_formula_is_none_in_a_sheet(desk: Desk) -> None:
    desk.done("/scm/carriers", {"code": "C-1", "name": "=1+1"})
    [row] = lines(desk, "/scm/carriers?format=csv")
    assert (row["code"], row["name"]) == ("C-1", "'=1+1")
    header, value = page(sheet(desk, "/scm/carriers?format=xlsx"))
    assert value[header.index("name")] == "'=1+1"


# -- how a sheet is asked for


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (CSV, CSV),
        ("text/csv; charset=utf-8", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        (XLSX, XLSX),
        ("text/csv, application/json;q=0.5", CSV),
        (f"{XLSX}, text/csv;q=0.9", XLSX),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/csv, application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_header_accept_decides_where_no_format_is_given(desk: Desk, accept: str, answered: str) -> None:
    for path in ("/erp/trial-balance", "/scm/items"):
        got = ask(desk, path, Accept=accept)
        assert (got.status_code, got.content_type.partition(";")[0]) == (200, answered), path
        assert "Accept" in got.headers["Vary"]


def test_the_format_decides_before_the_header(trade: Desk) -> None:
    for accept in ("application/json", XLSX, "text/html"):
        answered = sheet(trade, "/erp/trial-balance?format=csv", Accept=accept)
        assert answered.data == sheet(trade, "/erp/trial-balance", Accept=CSV).data


def test_an_export_takes_the_header_too(desk: Desk) -> None:
    for accept, content_type in ((XLSX, XLSX), (CSV, CSV), ("application/json", CSV), ("*/*", CSV)):
        for path in ("/scm/items/export", "/scm/items/template"):
            assert sheet(desk, path, Accept=accept).content_type.partition(";")[0] == content_type
    assert ask(desk, "/scm/items/export", Accept="application/pdf").status_code == 406


def test_what_no_form_of_an_answer_fits_is_refused(trade: Desk) -> None:
    [invoice] = trade.rows("/erp/invoices")
    asked = {
        "/erp/trial-balance": "application/pdf", "/erp/invoices": "text/html", f"/erp/invoices/{invoice['id']}": CSV,
        "/erp/settings": XLSX, "/scm/items": "text/csv;q=0", f"/erp/periods/{TODAY[:7]}": CSV,
    }  # fmt: skip
    for path, accept in asked.items():
        refused = ask(trade, path, Accept=accept)
        assert (refused.status_code, refused.json["code"]) == (406, "not_acceptable"), path
        assert "application/json" in refused.json["detail"]


@pytest.mark.parametrize("path", ["/erp/trial-balance", "/erp/invoices", "/erp/stock-value", "/crm/customers"])
def test_an_unknown_format_is_refused(desk: Desk, path: str) -> None:
    for query in ("format=pdf", "format=CSV", "format=", "format=csv&format=csv"):
        assert pointers(ask(desk, f"{path}?{query}")) == ["/format"], query


def test_parameters_of_pages_are_refused_and_not_ignored(desk: Desk) -> None:
    for query in ("limit=3", "cursor=x", "count=true", "sum=total", "group_by=status"):
        for question, headers in ((f"{query}&format=csv", {}), (query, {"Accept": CSV})):
            refused = ask(desk, f"/erp/invoices?{question}", **headers)
            assert pointers(refused) == [f"/{query.partition('=')[0]}"], question


def test_unknown_parameters_of_a_statement_are_refused_as_for_json(desk: Desk) -> None:
    assert pointers(ask(desk, "/erp/trial-balance?format=csv&limit=3")) == ["/limit"]
    assert pointers(ask(desk, "/erp/stock-value?format=xlsx&as_of=soon")) == ["/as_of"]


# -- as of, as known at, in another currency, and without rows


def test_a_statement_as_of_a_day_is_named_after_it(trade: Desk) -> None:
    entry = {"posted_on": TOMORROW, "text": "Rent", "lines": [
        {"account": "6000", "debit": usd("7.00")}, {"account": "1000", "credit": usd("7.00")}]}  # fmt: skip
    trade.done("/erp/journal-entries", entry)
    for day, rent in ((TODAY, "0.00"), (TOMORROW, "7.00")):
        path = f"/erp/trial-balance?as_of={day}&format=csv"
        assert f'"trial-balance-{day}.csv"' in sheet(trade, path).headers["Content-Disposition"]
        assert {each["account"]: each for each in lines(trade, path)}["6000"]["debit.amount"] == rent


def test_a_sheet_is_as_known_at_a_moment(trade: Desk) -> None:
    before = trade.firm.erp.store.head()
    entry = {"posted_on": TODAY, "text": "Rent", "lines": [
        {"account": "6000", "debit": usd("7.00")}, {"account": "1000", "credit": usd("7.00")}]}  # fmt: skip
    trade.done("/erp/journal-entries", entry)
    for known_at, rent in ((f"&known_at={before}", "0.00"), ("", "7.00")):
        found = lines(trade, f"/erp/trial-balance?format=csv{known_at}")
        assert {each["account"]: each for each in found}["6000"]["debit.amount"] == rent
    counted = [len(lines(trade, f"/erp/journal?format=csv{known}")) for known in (f"&known_at={before}", "")]
    assert counted[1] == counted[0] + 2


def test_a_sheet_states_what_it_leaves_out(desk: Desk) -> None:
    """The sums, in a header; amounts in other currencies also in the name of the file, where people see it."""
    answered = sheet(desk, "/erp/stock-value?format=csv")
    assert answered.headers["Sihe-Not-In-Sheet"] == "totals"
    bought_in_euro(desk)
    answered = sheet(desk, "/erp/stock-value?format=csv")
    assert answered.headers["Sihe-Not-In-Sheet"] == "totals, other_currencies"
    assert f'"stock-value-{TODAY}-without-other_currencies.csv"' in answered.headers["Content-Disposition"]
    [row] = lines(desk, "/erp/stock-value?format=csv&currency=EUR")
    assert (row["sku"], row["quantity"], row["value.amount"], row["value.currency"]) == ("TRAY", "30", "300.00", "EUR")


def bought_in_euro(desk: Desk) -> None:
    """Let ERP receive what an earlier version of the suite accepted: goods bought in another currency."""
    sent = a_purchase(("TRAY", "30", "10.00"), currency="EUR")
    deliver(desk.firm.erp, sent, a_receipt(sent, "30"))
    desk.firm.deliver_all()


@pytest.mark.parametrize("path", ["/erp/stock-value", "/erp/payables-aging", "/erp/invoices", "/crm/customers"])
def test_a_sheet_without_rows_has_its_header(desk: Desk, path: str) -> None:
    for form in MEDIA_TYPES:
        [header] = cells_of(sheet(desk, f"{path}?format={form}").data, form)
        assert len(header) >= 8


def test_a_sheet_has_a_column_for_each_line_of_the_longest_order(trade: Desk) -> None:
    customer: Row = trade.rows("/crm/customers")[0]
    trade.order(customer["id"], ("LAMP", "1", "9.00"), ("LAMP", "2", "8.00"))
    found = lines(trade, "/crm/sales-orders?format=csv&sort=ordered_on,number")
    assert sorted(row["lines.2.quantity"] for row in found) == ["", "2"]
