"""A supplier invoice is recorded once, however its number is spelled; one that resembles another needs a reason."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from services.erp.payables.domain.duplicates import unique_numbers
from services.erp.payables.domain.supplier_invoice_number import digits_of, number_keys
from services.erp.service import Erp
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import SUPPLIER, a_purchase, a_receipt, an_erp, supplier_invoices


def an_order(service: Erp) -> str:
    purchase = a_purchase(("CHAI", "100", "10.00"))
    deliver(service, purchase, a_receipt(purchase))
    return str(purchase.purchase_order_id)


def record(service: Erp, order: str, number: str, quantity: str = "5", on: str = "2026-03-05", **other: Any) -> Any:
    line = {"sku": "CHAI", "quantity": quantity, "unit_price": usd("10.00")}
    body = {"supplier_id": str(SUPPLIER), "number": number, "purchase_order_id": order, "billed_on": on}
    return create_erp_client(service).post("/bills", json=body | {"lines": [line]} | other)


SPELLINGS = [
    "RE-2026-117", " re-2026-117 ", "RE 2026 117", "RE/2026/117", "RE_2026.117", "RE2026117", "RE–2026—117",
    "RE-2026-0117", "№ RE-2026-117", "#RE-2026-117", "RÉ-2026-117", "ＲＥ－２０２６－１１７", "RЕ-2026-117",
    "RΕ-2026-117", "RE-2O26-117", "RE-2026-I17", "RE-2026-1l7", "RE-2026-\u200b117", "RE\u00a02026\u00a0117",
    "RE-٢٠٢٦-117", "(RE)2026:117", "RE-2026-117.", "RE\\2026|117",
]  # fmt: skip


@pytest.mark.case("B37", "X10", "A8")
@pytest.mark.parametrize("again", SPELLINGS)
def test_a_number_is_recorded_once_in_any_spelling(tmp_path: Path, again: str):
    service = an_erp(tmp_path)
    order = an_order(service)
    first = record(service, order, "RE-2026-117").json
    refused = record(service, order, again, "6", "2026-03-09", duplicate_reason="another one")
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken")
    assert first["id"] in refused.json["detail"]
    assert [each["pointer"] for each in refused.json["errors"]] == ["/number"]
    assert len(supplier_invoices(service)) == 1


@pytest.mark.case("B37", "A8")
@pytest.mark.parametrize(("first", "second"), [("2026-117", "2026/117"), ("NL-1001", "NL 1001"), ("АВС-1", "ABC 1")])
def test_the_same_bill_is_not_matched_and_paid_twice(tmp_path: Path, first: str, second: str):
    service = an_erp(tmp_path)
    order = an_order(service)
    assert record(service, order, first).json["status"] == "matched"
    assert record(service, order, second).status_code == 409


LIKELY = [
    ("RE-2026-117", "2026-117", "6", "2026-03-09"),
    ("RE-2026-117", "GS 2026 0117", "6", "2026-03-09"),
    ("RE-2026-117", "4711", "5", "2026-03-05"),
    ("RE-2026-117", "117", "5", "2026-03-09"),
    ("117", "RE-2026-117", "5", "2026-03-09"),
    ("RE-2026-117", "GS20260117", "5", "2026-03-09"),
]


@pytest.mark.case("X10", "B37")
@pytest.mark.parametrize(
    ("first", "second", "quantity", "on"), LIKELY,
    ids=["prefix left out", "another prefix", "same total and date", "part of it", "it is a part", "zeros"],
)  # fmt: skip
def test_a_likely_duplicate_needs_a_reason_that_is_kept(
    tmp_path: Path, first: str, second: str, quantity: str, on: str
):
    service = an_erp(tmp_path)
    order = an_order(service)
    recorded = record(service, order, first).json
    refused = record(service, order, second, quantity, on)
    assert (refused.status_code, refused.json["code"]) == (409, "likely_duplicate")
    assert first in refused.json["detail"]
    assert recorded["id"] in refused.json["detail"]
    assert "duplicate_reason" in refused.json["detail"]
    accepted = record(service, order, second, quantity, on, duplicate_reason="a second delivery")
    assert (accepted.status_code, accepted.json["duplicate_reason"]) == (201, "a second delivery")


@pytest.mark.parametrize(
    ("second", "quantity", "on"),
    [("RE-2026-118", "5", "2026-03-06"), ("RE-2026-118", "6", "2026-03-05"), ("RE-2026-171", "5", "2026-03-09")],
    ids=["same total", "same date", "digits in another order"],
)
def test_the_next_invoice_needs_no_reason(tmp_path: Path, second: str, quantity: str, on: str):
    service = an_erp(tmp_path)
    order = an_order(service)
    record(service, order, "RE-2026-117")
    assert record(service, order, second, quantity, on).status_code == 201


def test_a_rejected_invoice_is_not_compared(tmp_path: Path):
    service = an_erp(tmp_path)
    order = an_order(service)
    wrong = record(service, order, "RE-2026-117", "500").json
    create_erp_client(service).post(f"/bills/{wrong['id']}/reject", json={"reason": "wrong quantity"})
    assert record(service, order, "RE-2026-117").status_code == 201


@pytest.mark.parametrize(
    ("one", "other"), [("RE-42", "RE-24"), ("10", "1"), ("0", "1"), ("RE-42", "RE-142"), ("A-7", "B-7"), ("-", "/")]
)
def test_different_numbers_stay_different(one: str, other: str):
    assert not set(number_keys(one)) & set(number_keys(other))


@pytest.mark.parametrize("other", ["2026-117", "20260117", "2026117", "02026-0117"])
def test_zeros_after_a_separator_are_leading_or_not(other: str):
    assert set(number_keys("2026-0117")) & set(number_keys(other))


def test_another_supplier_may_have_the_same_number():
    assert unique_numbers(SUPPLIER, "1") != unique_numbers(uuid4(), "1")


@pytest.mark.parametrize(
    ("number", "digits"),
    [("RE-2026-0117", "2026117"), ("2026/117", "2026117"), ("007", "7"), ("ABC", ""), ("10", "10")],
)
def test_digits_are_compared_without_letters_and_leading_zeros(number: str, digits: str):
    assert digits_of(number) == digits


@whatever(st.text(alphabet="aAoOiIl012 -/.#\u00a0ＲÄАЕΡ№", min_size=1))
def test_a_number_in_the_form_in_which_it_is_compared_stays_the_same(number: str):
    for form in number_keys(number):
        assert number_keys(form) == (form,)
