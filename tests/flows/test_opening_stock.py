"""Opening stock: goods that were there before the first movement, with their value, in stock and in the books."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.testing.web import ApiCaller, create_client
from shared.testing.web import usd as money
from tests.flows.firm import TradingFirm, open_firm
from tests.unit.scm.examples import deactivate_item, deactivate_warehouse

START = date(2026, 3, 1)
Row = dict[str, Any]


class NewFirm:
    """A firm that starts with goods in its warehouse."""

    def __init__(self, firm: TradingFirm) -> None:
        self.firm, self.scm, self.erp = firm, create_client(firm.scm), create_client(firm.erp)
        self.supplier = firm.create_master_data("MUG", "CUP")
        self.customer = firm.create_customer("ALFKI")

    def post(self, path: str, body: Row, status: int = 201) -> Row:
        reply = self.scm.post(path, json=body)
        assert reply.status_code == status, reply.json
        self.firm.deliver_all()
        answer: Row = reply.json
        return answer

    def open(self, *lines: tuple[str, str, str], status: int = 201, on: date = START) -> Row:
        """`open(("MUG", "100", "400.00"))`: item, quantity and value of all of it."""
        goods = [{"sku": sku, "quantity": quantity, "value": money(value)} for sku, quantity, value in lines]
        return self.post("/opening-stock", {"warehouse": "MAIN", "opened_on": on.isoformat(), "lines": goods}, status)

    def reverse(self, opening: Row, status: int = 200) -> Row:
        """Reverse it by two persons, or be refused as the first of them."""
        path, body = f"/opening-stock/{opening['id']}/reverse", {"reason": "mistyped"}
        if status == 200:
            ApiCaller(self.firm.scm, actor="laura").post(path, body)
        return self.post(path, body, status)

    def buy(self, quantity: str, price: str, on: date = START) -> None:
        order = self.firm.send_purchase_order(self.supplier, ("MUG", quantity), price=price, ordered_on=START)
        self.firm.receive_goods(order, ("MUG", quantity), on=on)
        self.firm.deliver_all()

    def sell(self, quantity: str, on: date) -> None:
        order = self.firm.place_order(self.customer, ("MUG", quantity), ordered_on=START)
        self.firm.deliver_all()
        self.firm.dispatch(order, on=on)
        self.firm.deliver_all()

    def value(self, sku: str = "MUG") -> tuple[str, str, str]:
        """Quantity, unit cost and value in the books, after stock and books were found to agree."""
        self.firm.check_invariants()
        [row] = self.erp.get(f"/stock-value?sku={sku}").json["rows"]
        return row["quantity"], row["unit_cost"]["amount"], row["value"]["amount"]


@pytest.fixture
def firm() -> Iterator[NewFirm]:
    with open_firm() as trading:
        yield NewFirm(trading)


@pytest.mark.case("A2")
def test_a_hundred_opening_mugs_and_a_hundred_bought_ones_have_one_price(firm: NewFirm) -> None:
    firm.open(("MUG", "100", "400.00"))
    firm.buy("100", "4.00")
    assert firm.value() == ("200", "4.0000", "800.00")


@pytest.mark.case("A2")
def test_opening_stock_is_posted_against_opening_balances_on_its_day(firm: NewFirm) -> None:
    opening = firm.open(("MUG", "100", "400.00"), ("CUP", "3", "10.00"))
    assert firm.firm.balances() == {"1400": "410.00", "3000": "-410.00"}
    lines = firm.erp.get("/journal?account=1400").json["data"]
    assert {(each["kind"], each["date"], each["document"]) for each in lines} == {
        ("opening_stock", START.isoformat(), opening["id"])
    }


def test_opening_stock_is_listed_with_its_lines_and_value(firm: NewFirm) -> None:
    opening = firm.open(("MUG", "100", "400.00"), ("CUP", "3", "10.00"))
    [listed] = firm.scm.get("/opening-stock?warehouse=MAIN&status=recorded").json["data"]
    assert listed["id"] == opening["id"]
    assert (listed["opened_on"], listed["value"]) == (START.isoformat(), money("410.00"))
    assert listed["lines"] == [
        {"sku": "MUG", "quantity": "100", "value": money("400.00")},
        {"sku": "CUP", "quantity": "3", "value": money("10.00")},
    ]


@pytest.mark.case("A2")
def test_opening_stock_comes_before_all_movements_of_its_day_whenever_it_is_recorded(firm: NewFirm) -> None:
    firm.buy("10", "6.00")
    firm.sell("5", on=START)
    assert firm.firm.balances()["5000"] == "30.00"
    firm.open(("MUG", "10", "20.00"))
    assert firm.value() == ("15", "4.0000", "60.00")
    assert firm.firm.balances()["5000"] == "20.00"


def test_a_count_of_the_day_includes_its_opening_stock(firm: NewFirm) -> None:
    count = firm.post(
        "/stock-counts",
        {"warehouse": "MAIN", "at": f"{START}T00:00:00Z", "lines": [{"sku": "MUG", "quantity": "9"}]},
    )
    assert count["lines"][0]["difference"] == "9"
    firm.open(("MUG", "10", "40.00"))
    [line] = firm.scm.get(f"/stock-counts/{count['id']}").json["lines"]
    assert line["difference"] == "-1"
    assert firm.value() == ("9", "4.0000", "36.00")
    assert firm.firm.balances() == {"1400": "36.00", "3000": "-40.00", "5200": "4.00"}


def test_opening_stock_is_allocated_to_the_orders_that_wait(firm: NewFirm) -> None:
    order = firm.firm.place_order(firm.customer, ("MUG", "4"), ordered_on=START)
    firm.firm.deliver_all()
    assert firm.firm.status(order) == "backordered"
    firm.open(("MUG", "10", "40.00"))
    assert firm.firm.status(order) == "reserved"
    assert firm.firm.stock("MUG") == ("10", "4", "6")


def test_a_second_opening_stock_of_an_item_is_refused_and_names_the_first(firm: NewFirm) -> None:
    first = firm.open(("MUG", "100", "400.00"))
    refused = firm.open(("CUP", "1", "1.00"), ("MUG", "1", "4.00"), status=409, on=START + timedelta(days=3))
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("already_opened", "/lines/1/sku")
    assert first["id"] in refused["detail"]
    assert START.isoformat() in refused["detail"]
    firm.open(("CUP", "1", "1.00"))
    assert firm.value() == ("100", "4.0000", "400.00")


def test_a_reversed_opening_stock_was_never_there_and_can_be_recorded_again(firm: NewFirm) -> None:
    mistyped = firm.open(("MUG", "1000", "400.00"))
    firm.buy("10", "6.00")
    reversed_ = firm.reverse(mistyped)
    assert (reversed_["status"], reversed_["reason"]) == ("reversed", "mistyped")
    assert firm.value() == ("10", "6.0000", "60.00")
    assert "3000" not in firm.firm.balances()
    firm.reverse(mistyped, status=409)
    firm.open(("MUG", "100", "400.00"))
    assert firm.value() == ("110", "4.1818", "460.00")


def test_a_reversed_opening_stock_changes_the_cost_of_what_was_sold(firm: NewFirm) -> None:
    opening = firm.open(("MUG", "10", "20.00"))
    firm.buy("10", "6.00")
    firm.sell("5", on=START)
    assert firm.firm.balances()["5000"] == "20.00"
    firm.reverse(opening)
    assert firm.value() == ("5", "6.0000", "30.00")
    assert firm.firm.balances()["5000"] == "30.00"


@pytest.mark.parametrize("is_shipped", [False, True])
def test_opening_stock_that_was_shipped_or_is_reserved_is_not_reversed(firm: NewFirm, is_shipped: bool) -> None:
    opening = firm.open(("MUG", "10", "40.00"))
    order = firm.firm.place_order(firm.customer, ("MUG", "4"), ordered_on=START)
    firm.firm.deliver_all()
    if is_shipped:
        firm.firm.dispatch(order, on=START)
    refused = firm.reverse(opening, status=409)
    assert (refused["code"], "only 6 of 10 MUG" in refused["detail"]) == ("stock_not_available", True)
    assert firm.firm.balances()["3000"] == "-40.00"


@pytest.mark.case("A2")
def test_goods_without_value_are_opened_with_the_value_zero_and_never_by_default(firm: NewFirm) -> None:
    line = {"sku": "MUG", "quantity": "10"}
    body = {"warehouse": "MAIN", "opened_on": START.isoformat(), "lines": [line]}
    refused = firm.post("/opening-stock", body, 422)
    assert [each["pointer"] for each in refused["errors"]] == ["/lines/0/value"]
    firm.open(("MUG", "10", "0.00"))
    assert firm.value() == ("10", "0.0000", "0.00")
    [row] = firm.erp.get("/stock-value").json["rows"]
    assert row["unvalued"] is False


@pytest.mark.case("A2")
def test_goods_that_were_only_counted_are_shown_as_unvalued(firm: NewFirm) -> None:
    line = {"sku": "MUG", "quantity": "100"}
    firm.post("/stock-counts", {"warehouse": "MAIN", "counted_on": START.isoformat(), "lines": [line]})
    [row] = firm.erp.get("/stock-value").json["rows"]
    assert (row["quantity"], row["value"], row["unvalued"]) == ("100", money("0.00"), True)
    firm.open(("MUG", "100", "400.00"))
    [row] = firm.erp.get("/stock-value").json["rows"]
    assert (row["quantity"], row["value"], row["unvalued"]) == ("100", money("400.00"), False)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"warehouse": "EAST"}, "/warehouse"),
        ({"opened_on": "2199-01-01"}, "/opened_on"),
        ({"opened_on": None}, "/opened_on"),
        ({"lines": []}, "/lines"),
    ],
)
def test_an_invalid_opening_stock_is_refused_naming_the_field(firm: NewFirm, changed: Row, pointer: str) -> None:
    lines = [{"sku": "MUG", "quantity": "1", "value": money("4.00")}]
    body = {"warehouse": "MAIN", "opened_on": START.isoformat(), "lines": lines} | changed
    assert [each["pointer"] for each in firm.post("/opening-stock", body, 422)["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"sku": "BEER"}, "/lines/0/sku"),
        ({"quantity": "0"}, "/lines/0/quantity"),
        ({"value": money("-1.00")}, "/lines/0/value/amount"),
        ({"value": {"amount": "4.00", "currency": "EUR"}}, "/lines/0/value/currency"),
    ],
)
def test_an_invalid_line_of_an_opening_stock_is_refused(firm: NewFirm, changed: Row, pointer: str) -> None:
    line = {"sku": "MUG", "quantity": "1", "value": money("4.00")} | changed
    body = {"warehouse": "MAIN", "opened_on": START.isoformat(), "lines": [line]}
    assert [each["pointer"] for each in firm.post("/opening-stock", body, 422)["errors"]] == [pointer]


def test_an_item_is_opened_once_in_a_document_and_only_while_it_and_its_warehouse_are_active(firm: NewFirm) -> None:
    refused = firm.open(("MUG", "1", "4.00"), ("MUG", "1", "4.00"), status=422)
    assert [each["pointer"] for each in refused["errors"]] == ["/lines/1/sku"]
    deactivate_item(firm.firm.scm, "CUP")
    assert firm.open(("CUP", "1", "4.00"), status=422)["errors"][0]["pointer"] == "/lines/0/sku"
    deactivate_warehouse(firm.firm.scm, "MAIN")
    assert firm.open(("MUG", "1", "4.00"), status=422)["errors"][0]["pointer"] == "/warehouse"


@pytest.mark.case("A2")
def test_a_manual_entry_on_stock_is_refused_and_names_opening_stock(firm: NewFirm) -> None:
    line = {"account": "1400", "amount": money("400.00")}
    refused = firm.erp.post("/opening-balances", json={"posted_on": START.isoformat(), "lines": [line]})
    assert refused.status_code == 422, refused.json
    assert "opening stock" in refused.json["errors"][0]["detail"]


def test_opening_stock_of_today_is_there_at_once(firm: NewFirm) -> None:
    firm.open(("MUG", "10", "40.00"), on=datetime.now(UTC).date())
    assert firm.value() == ("10", "4.0000", "40.00")


# -- the statement


@pytest.mark.case("C29")
def test_stock_that_is_used_up_shows_its_last_known_unit_cost(firm: NewFirm) -> None:
    second, third = START + timedelta(days=1), START + timedelta(days=40)
    firm.buy("2", "4.00")
    firm.sell("2", on=START)
    assert firm.value() == ("0", "4.0000", "0.00")
    firm.buy("1", "9.00", on=second)
    firm.sell("1", on=second)
    firm.buy("3", "1.00", on=third)
    firm.post("/stock-counts", {"warehouse": "MAIN", "counted_on": third.isoformat(), "lines": [
        {"sku": "MUG", "quantity": "0"}
    ]})  # fmt: skip
    assert firm.value() == ("0", "1.0000", "0.00")
    for day, cost in ((START, "4.0000"), (second, "9.0000"), (third - timedelta(days=1), "9.0000"), (third, "1.0000")):
        [row] = firm.erp.get(f"/stock-value?as_of={day}").json["rows"]
        assert (row["quantity"], row["unit_cost"]["amount"], day) == ("0", cost, day)


@pytest.mark.case("C29")
def test_the_last_unit_cost_follows_a_late_movement(firm: NewFirm) -> None:
    firm.buy("4", "9.00", on=START + timedelta(days=2))
    firm.sell("4", on=START + timedelta(days=3))
    assert firm.value() == ("0", "9.0000", "0.00")
    firm.open(("MUG", "4", "4.00"))
    firm.sell("4", on=START + timedelta(days=3))
    assert firm.value() == ("0", "5.0000", "0.00")


@pytest.mark.case("C13")
def test_stock_value_is_asked_by_item_and_by_warehouse(firm: NewFirm) -> None:
    firm.post("/warehouses", {"code": "PORT", "name": "Port"})
    firm.open(("MUG", "10", "40.00"), ("CUP", "1", "2.00"))
    line = {"sku": "MUG", "quantity": "5", "value": money("30.00")}
    firm.post("/opening-stock", {"warehouse": "PORT", "opened_on": START.isoformat(), "lines": [line]})

    def asked(query: str) -> tuple[list[tuple[str, str]], str]:
        answer = firm.erp.get(f"/stock-value{query}").json
        assert answer["has_more"] is False
        return [(each["sku"], each["warehouse"]) for each in answer["rows"]], answer["totals"]["value"]["amount"]

    assert asked("") == ([("CUP", "MAIN"), ("MUG", "MAIN"), ("MUG", "PORT")], "72.00")
    assert asked("?sku=MUG") == ([("MUG", "MAIN"), ("MUG", "PORT")], "70.00")
    assert asked("?warehouse=MAIN") == ([("CUP", "MAIN"), ("MUG", "MAIN")], "42.00")
    assert asked(f"?sku=MUG&warehouse=PORT&as_of={START}") == ([("MUG", "PORT")], "30.00")
    assert asked("?sku=BEER") == ([], "0.00")
