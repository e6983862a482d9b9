"""Order, receipts and invoices of a purchase order agree within tolerance, or the deviations are named."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.payables.domain.deviation import Deviation, DeviationReason, Tolerances
from services.erp.payables.domain.invoice_matching import ClearingChange, InvoiceMatching, ReceivedLine
from services.erp.payables.domain.supplier_invoice import InvoicedOrderLine, SupplierInvoiceLine
from shared.domain import InvalidInput
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import MARCH_1, MARCH_5, SUPPLIER, an_invoice_matching, invoice_lines, usd

EXACT = Tolerances()


def arrived(matching: InvoiceMatching, line: int, quantity: str, worth: str) -> Money:
    return matching.include_receipt(uuid4(), MARCH_1, (ReceivedLine(line, Decimal(quantity), usd(worth)),))


def deviations(
    matching: InvoiceMatching, lines: Sequence[SupplierInvoiceLine], tolerances: Tolerances = EXACT
) -> list[Deviation]:
    goods, placed = matching.uninvoiced_goods(), list(enumerate(lines, 1))
    goods.billed = {line: total.billed for line, total in matching.line_totals.items()}
    return list(matching.deviations(placed, goods.allocate(placed), goods.billed, tolerances))


def why(matching: InvoiceMatching, *lines: tuple[str, str, str]) -> list[tuple[int, str, str, str]]:
    found = deviations(matching, invoice_lines(*lines))
    return [(each.position, each.reason.value, str(each.allowed.normalize()), str(each.billed)) for each in found]


def include(matching: InvoiceMatching, invoice_id: UUID, *lines: tuple[str, str, str]) -> tuple[InvoicedOrderLine, ...]:
    goods = matching.uninvoiced_goods()
    goods.billed = {line: total.billed for line, total in matching.line_totals.items()}
    return matching.include_invoice(invoice_id, MARCH_5, goods.allocate(list(enumerate(invoice_lines(*lines), 1))))


def count(matching: InvoiceMatching, *lines: tuple[str, str, str]) -> list[tuple[int, str, str]]:
    parts = include(matching, uuid4(), *lines)
    return [(each.line, str(each.quantity), str(each.cleared.amount)) for each in parts]


def ten_of_chai() -> InvoiceMatching:
    return given(an_invoice_matching(("CHAI", "12.00")), lambda matching: arrived(matching, 1, "10", "120.00"))


def test_ordered_and_received_goods_match():
    assert why(ten_of_chai(), ("CHAI", "10", "12.00")) == []


def test_a_lower_price_and_quantity_match():
    assert why(ten_of_chai(), ("CHAI", "9", "11.99")) == []


def test_deviations_of_price_and_quantity_are_reported():
    matching = given(an_invoice_matching(("CHAI", "12.00"), ("TOFU", "5.00")), lambda it: arrived(it, 2, "3", "15.00"))
    assert why(matching, ("TOFU", "3", "5.01"), ("CHAI", "1", "12.00")) == [
        (1, "price_above_order", "5", "5.01"),
        (2, "more_than_received", "0", "1"),
    ]


@pytest.mark.parametrize(
    ("quantity", "price", "reasons"),
    [
        ("11", "12.60", []),
        ("11.000001", "12.60", [DeviationReason.QUANTITY]),
        ("11", "12.61", [DeviationReason.PRICE]),
        ("12", "13.00", [DeviationReason.PRICE, DeviationReason.QUANTITY]),
    ],
)
def test_an_invoice_exactly_at_the_tolerance_matches(quantity: str, price: str, reasons: list[DeviationReason]):
    allowed = Tolerances(price_percent=Decimal(5), quantity_percent=Decimal(10))
    found = deviations(ten_of_chai(), invoice_lines(("CHAI", quantity, price)), allowed)
    assert [each.reason for each in found] == reasons


def test_goods_invoiced_before_are_not_invoiced_again():
    matching = given(ten_of_chai(), lambda it: count(it, ("CHAI", "7", "12.00")))
    assert why(matching, ("CHAI", "3", "12.00")) == []
    assert why(matching, ("CHAI", "4", "12.00")) == [(1, "more_than_received", "3", "4")]


def test_two_lines_of_an_invoice_count_together():
    assert why(ten_of_chai(), ("CHAI", "6", "12.00"), ("CHAI", "5", "12.00")) == [(2, "more_than_received", "4", "5")]


def test_an_item_on_two_order_lines_is_invoiced_on_both_each_at_its_price():
    matching = an_invoice_matching(("CHAI", "12.00"), ("CHAI", "10.00"))
    given(matching, lambda it: arrived(it, 1, "4", "48.00"), lambda it: arrived(it, 2, "6", "60.00"))
    assert why(matching, ("CHAI", "10", "10.00")) == []
    assert why(matching, ("CHAI", "10", "12.00")) == [(1, "price_above_order", "1E+1", "12.00")]
    assert count(matching, ("CHAI", "10", "10.00")) == [(1, "4", "48.00"), (2, "6", "60.00")]


def test_goods_that_were_not_ordered_cannot_be_invoiced():
    lines = invoice_lines(("CHAI", "1", "12.00"), ("TOFU", "1", "1.00"))
    with pytest.raises(InvalidInput) as refusal:
        ten_of_chai().require_ordered(SUPPLIER, enumerate(lines, 1))
    assert refusal.value.field == "lines/1/sku"


def test_an_invoice_is_in_the_currency_of_the_order():
    lines = invoice_lines(("CHAI", "1", "12.00"), currency="EUR")
    with pytest.raises(InvalidInput) as refusal:
        ten_of_chai().require_ordered(SUPPLIER, enumerate(lines, 1))
    assert refusal.value.field == "lines/0/unit_price"


def test_an_invoice_clears_the_received_value_at_any_price():
    matching = ten_of_chai()
    assert count(matching, ("CHAI", "4", "11.00")) == [(1, "4", "48.00")]
    assert count(matching, ("CHAI", "6", "15.00")) == [(1, "6", "72.00")]


def test_goods_at_two_prices_are_cleared_at_their_average_and_later_receipts_adjust_it():
    matching = ten_of_chai()
    assert count(matching, ("CHAI", "10", "12.00")) == [(1, "10", "120.00")]
    matching.pending_events.clear()
    assert arrived(matching, 1, "10", "130.00") == usd("5.00")
    assert new_events(matching)[1][1]["changes"] == (ClearingChange(1, usd("5.00")),)
    assert count(matching, ("CHAI", "10", "13.00")) == [(1, "10", "125.00")]


def test_goods_invoiced_before_receipt_are_cleared_at_the_agreed_price():
    matching = ten_of_chai()
    assert count(matching, ("CHAI", "11", "12.00")) == [(1, "11", "132.00")]
    assert arrived(matching, 1, "1", "12.00") == usd("0.00")


def test_goods_without_value_clear_no_amount():
    matching = given(an_invoice_matching(("CHAI", "12.00")), lambda it: arrived(it, 1, "10", "0.00"))
    assert count(matching, ("CHAI", "10", "12.00")) == [(1, "10", "0.00")]


def test_the_invoices_of_an_order_are_in_order_of_recording_until_one_is_rejected():
    matching, one, other = ten_of_chai(), uuid4(), uuid4()
    for each in (one, other, one):
        matching.add_pending_invoice(each)
    assert matching.invoice_ids == (one, other)
    include(matching, other, ("CHAI", "1", "12.00"))
    assert matching.invoice_ids == (one, other)
    matching.withdraw_invoice(one)
    assert matching.invoice_ids == (other,)


amounts = st.integers(0, 5_000).map(lambda cents: str(Decimal(cents) / 100))
receipts = st.tuples(st.just("receipt"), st.integers(1, 9).map(str), amounts)
invoices = st.tuples(st.just("invoice"), st.integers(1, 9).map(str), amounts)


@for_any(st.lists(receipts | invoices, max_size=9), st.randoms(use_true_random=False))
def test_the_cleared_amount_does_not_depend_on_the_order_of_events(steps, random):
    shuffled = random.sample(steps, len(steps))
    assert end_of(steps) == end_of(shuffled)


def end_of(steps: list[tuple[str, str, str]]) -> tuple[Decimal, Decimal, Money, Money]:
    """The line at the end; the events record exactly what was cleared."""
    matching = an_invoice_matching(("CHAI", "9.99"))
    cleared = usd(0)
    for kind, quantity, amount in steps:
        if kind == "receipt":
            cleared += arrived(matching, 1, quantity, amount)
        else:
            cleared += Money.sum(each.cleared for each in include(matching, uuid4(), ("CHAI", quantity, amount)))
    total = matching.line_totals[1]
    assert cleared == total.cleared_amount == total.clearing_amount
    return total.received, total.billed, total.received_value, total.cleared_amount
