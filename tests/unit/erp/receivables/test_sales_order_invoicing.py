"""Invoices add up to what was promised."""

from decimal import Decimal
from uuid import uuid4

from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.receivables.domain.invoice import InvoiceLine
from services.erp.receivables.domain.order_terms import InvoicedLine, OrderTerms
from services.erp.receivables.domain.sales_order_invoicing import SalesOrderInvoicing
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.erp.examples import CUSTOMER, an_order_invoicing, dispatch, order_line, price_usd, usd


def nets(billing: SalesOrderInvoicing, *quantities: str) -> list[str]:
    return [str(billing.invoice(dispatch(line_1=each))[0][0].net.amount) for each in quantities]


def test_a_line_is_invoiced_net_of_its_discount_half_up():
    billing = an_order_invoicing(order_line(1, "3", "9.99", discount="15"))
    lines, _ = billing.invoice(dispatch(line_1="3"))
    assert lines == (InvoiceLine(1, "SKU-1", Decimal(3), price_usd("9.99"), Decimal(15), usd("25.47")),)


def test_the_invoiced_part_of_each_line_is_recorded():
    billing = an_order_invoicing(order_line(1, "3", "10.00"), order_line(2, "2", "5.00"), freight="7.50")
    shipment = dispatch(line_2="2")
    billing.invoice(shipment)
    assert new_events(billing) == [
        ("ShipmentInvoiced", {
            "shipment_id": shipment.shipment_id,
            "lines": (InvoicedLine(2, Decimal(2), usd("10.00")),),
            "freight": usd("7.50"),
        }),
    ]  # fmt: skip
    assert billing.uninvoiced == usd("30.00")


def test_freight_is_invoiced_once_on_the_first_invoice():
    billing = an_order_invoicing(order_line(1, "3", "10.00"), freight="7.50")
    freights = [billing.invoice(dispatch(line_1="1"))[1] for _ in range(3)]
    assert freights == [usd("7.50"), usd("0"), usd("0")]


def test_the_last_part_takes_the_rest_of_the_line():
    assert nets(an_order_invoicing(order_line(1, "3", "0.05", discount="50")), "1", "1", "1") == [
        "0.03",
        "0.03",
        "0.02",
    ]


def test_parts_never_exceed_the_line():
    parts = nets(an_order_invoicing(order_line(1, "4", "0.01", discount="50")), "1", "1", "1", "1")
    assert parts == ["0.01", "0.01", "0.00", "0.00"]


def test_no_shipment_is_invoiced_before_the_order_terms_are_known():
    billing = given(SalesOrderInvoicing(uuid4()))
    early = dispatch(line_1="1")
    billing.await_order(early)
    billing.order_placed(OrderTerms(CUSTOMER, 30, (order_line(1, "1", "8.00"),), usd("2.00")))
    assert billing.queued_dispatches == (early,)
    billing.invoice(early)
    assert (billing.queued_dispatches, billing.uninvoiced) == ((), usd("0"))


def test_an_order_is_recorded_once():
    billing = an_order_invoicing(order_line(1, "1", "8.00"))
    billing.order_placed(OrderTerms(CUSTOMER, 30, (order_line(1, "1", "9.00"),), usd("0")))
    assert (new_events(billing), billing.uninvoiced) == ([], usd("8.00"))


@for_any(
    st.lists(st.integers(1, 2000), min_size=1, max_size=8),
    st.decimals("0.01", "99.99", places=2),
    st.decimals("0", "100", places=2),
    st.decimals("0", "50", places=2),
)
def test_parts_add_up_to_the_order_total(parts: list[int], price: Decimal, discount: Decimal, freight: Decimal):
    quantities = [Decimal(each) / 1000 for each in parts]
    whole = order_line(1, str(sum(quantities)), str(price), str(discount))
    billing = an_order_invoicing(whole, freight=str(freight))
    made = [billing.invoice(dispatch(line_1=str(each))) for each in quantities]
    nets_made = [line.net for lines, _ in made for line in lines]
    assert Money.sum(nets_made) == whole.net
    assert min(nets_made) >= usd("0")
    assert Money.sum(each for _, each in made) == usd(str(freight))
    assert billing.uninvoiced == usd("0")
