"""Lines of one item are distinguished: by the line number or the price of the invoice line."""

from pathlib import Path
from typing import Any

import pytest

from services.erp.service import Erp
from shared.contracts import srm
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import SUPPLIER, a_purchase, a_receipt, accounts, an_erp, balances

TWO_PRICES = (("CHAI", "10", "5.00"), ("CHAI", "10", "6.00"))


def bought(folder: Path, *quantities: str) -> tuple[Erp, srm.PurchaseOrderSent]:
    """Ten at 5.00 and ten at 6.00 were ordered, and these quantities received; all goods if none are given."""
    service, purchase = an_erp(folder), a_purchase(*TWO_PRICES, ("TOFU", "1", "1.00"))
    deliver(service, purchase, a_receipt(purchase, *quantities))
    return service, purchase


def line(quantity: str, price: str, **other: Any) -> dict[str, Any]:
    return {"sku": "CHAI", "quantity": quantity, "unit_price": usd(price), **other}


def record(service: Erp, purchase: srm.PurchaseOrderSent, *lines: dict[str, Any]) -> Any:
    header = {"supplier_id": str(SUPPLIER), "number": "RE-1", "purchase_order_id": str(purchase.purchase_order_id)}
    return create_erp_client(service).post("/bills", json=header | {"billed_on": "2026-03-05", "lines": list(lines)})


def charged(answered: Any) -> list[tuple[int, int, str]]:
    return [(each["position"], each["line"], each["quantity"]) for each in answered.json["order_lines"]]


@pytest.mark.case("B10")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("10", "6.00"), line("10", "5.00")], [(1, 2, "10"), (2, 1, "10")]),
        ([line("10", "5.00"), line("10", "6.00")], [(1, 1, "10"), (2, 2, "10")]),
        ([line("4", "6.00"), line("10", "5.00"), line("6", "6.00")], [(1, 2, "4"), (2, 1, "10"), (3, 2, "6")]),
    ],
    ids=["dear first", "cheap first", "in three lines"],
)
def test_lines_of_one_item_match_the_order_lines_of_their_prices(
    tmp_path: Path, lines: list[dict[str, Any]], expected: list[tuple[int, int, str]]
):
    service, purchase = bought(tmp_path, "10", "10")
    answered = record(service, purchase, *lines)
    assert (answered.json["status"], answered.json["total"], answered.json["blocked"]) == (
        "matched", usd("110.00"), [],
    )  # fmt: skip
    assert charged(answered) == expected
    assert balances(service) == accounts(a1400="110.00", a2000="-110.00")


def test_a_line_with_an_exact_price_comes_before_one_without(tmp_path: Path):
    service, purchase = bought(tmp_path, "10", "10")
    answered = record(service, purchase, line("10", "4.90"), line("10", "5.00"))
    assert (answered.json["status"], charged(answered)) == ("matched", [(1, 2, "10"), (2, 1, "10")])


def test_goods_without_a_line_of_their_price_take_the_first_lines_first(tmp_path: Path):
    service, purchase = bought(tmp_path, "4", "8")
    answered = record(service, purchase, line("6", "4.00"))
    assert (answered.json["status"], charged(answered)) == ("matched", [(1, 1, "4"), (1, 2, "2")])
    assert answered.json["lines"][0]["line"] is None, "it charges two lines"


@pytest.mark.case("B10")
def test_a_line_number_decides_against_price_and_place(tmp_path: Path):
    service, purchase = bought(tmp_path, "10", "10")
    answered = record(service, purchase, line("10", "5.00", line=2), line("10", "5.00"))
    assert (answered.json["status"], charged(answered)) == ("matched", [(1, 2, "10"), (2, 1, "10")])
    assert [each["line"] for each in answered.json["lines"]] == [2, 1]


@pytest.mark.case("C12")
def test_a_deviation_names_the_order_line_that_was_given(tmp_path: Path):
    service, purchase = bought(tmp_path, "10")
    answered = record(service, purchase, line("10", "5.50", line=2))
    assert [
        (each["purchase_order"], each["line"], each["reason"], each["allowed"]) for each in answered.json["blocked"]
    ] == [("PO-1", 2, "more_than_received", "0")]


@pytest.mark.parametrize(
    ("number", "detail"),
    [(4, "purchase order PO-1 has no line 4"), (3, "line 3 of purchase order PO-1 is for TOFU"), (0, "")],
)
def test_a_line_number_that_does_not_fit_is_refused(tmp_path: Path, number: int, detail: str):
    service, purchase = bought(tmp_path)
    refused = record(service, purchase, line("1", "5.00"), line("1", "5.00", line=number))
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, ["/lines/1/line"])
    assert detail in refused.json["errors"][0]["detail"]
