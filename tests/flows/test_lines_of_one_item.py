"""Lines of one item are distinguished from the order to the invoice."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest

from services.crm.sales_orders.commands import DraftSalesOrder, Line
from services.erp.payables.commands import RecordSupplierInvoice
from services.erp.payables.domain.supplier_invoice import SupplierInvoiceLine
from services.erp.receivables.projections.invoices import Invoices
from services.scm.items.domain.goods import RequestedGoods
from services.srm.purchase_orders.commands import DraftPurchaseOrder
from services.srm.purchase_orders.domain.purchase_line import Line as PurchasedLine
from tests.flows.firm import TradingFirm, open_firm, price_usd, usd
from tests.unit.erp.examples import MARCH_5


@pytest.fixture
def firm() -> Iterator[TradingFirm]:
    with open_firm() as firm:
        yield firm


def placed(firm: TradingFirm, *lines: tuple[str, str]) -> UUID:
    """An order of tea: quantities and prices."""
    wanted = tuple(
        Line(sku="TEA", quantity=Decimal(quantity), unit_price=price_usd(price)) for quantity, price in lines
    )
    draft = DraftSalesOrder(customer_id=firm.create_customer("ATLAS"), currency="USD", lines=wanted, freight=usd("0"))
    order = firm.crm.sales_orders.place(firm.crm.sales_orders.draft(draft).id)
    firm.deliver_all()
    return order.id


def ship(firm: TradingFirm, order: UUID, quantity: str, line: int) -> None:
    leaving = [RequestedGoods("TEA", Decimal(quantity), line)]
    firm.scm.fulfilment.dispatch_shipment(UUID(firm.shipment(order)["id"]), leaving)
    firm.deliver_all()


@pytest.mark.case("B12")
def test_the_free_piece_leaves_first_and_its_invoice_is_of_zero(firm: TradingFirm):
    supplier = firm.create_master_data("TEA")
    firm.receive_goods(firm.send_purchase_order(supplier, ("TEA", "6")), ("TEA", "6"))
    order = placed(firm, ("5", "10.00"), ("1", "0.00"))
    ship(firm, order, "1", line=2)
    [free] = firm.rows(firm.erp, Invoices)
    assert (free["total"]["amount"], free["status"], [each["line"] for each in free["lines"]]) == ("0.00", "paid", [2])
    assert {each: firm.balances()[each] for each in ("1400", "5000")} == {"1400": "30.00", "5000": "6.00"}
    ship(firm, order, "5", line=1)
    totals = {each["number"]: each["total"]["amount"] for each in firm.rows(firm.erp, Invoices)}
    assert totals == {"1": "0.00", "2": "50.00"}
    assert firm.status(order) == "invoiced"
    firm.pay_invoices(order)
    firm.deliver_all()
    assert firm.status(order) == "paid"
    firm.check_invariants()


def test_an_order_of_free_goods_alone_is_shipped_invoiced_and_paid(firm: TradingFirm):
    supplier = firm.create_master_data("TEA")
    firm.receive_goods(firm.send_purchase_order(supplier, ("TEA", "1")), ("TEA", "1"))
    order = placed(firm, ("1", "0.00"))
    ship(firm, order, "1", line=1)
    assert firm.status(order) == "paid"
    firm.check_invariants()


@pytest.mark.case("B10")
def test_goods_and_invoice_of_the_dearer_line_come_first(firm: TradingFirm):
    supplier = firm.create_master_data("TEA")
    lines = tuple(PurchasedLine("TEA", Decimal(10), price_usd(price)) for price in ("5.00", "6.00"))
    draft = DraftPurchaseOrder(supplier_id=supplier, currency="USD", warehouse="MAIN", ordered_on=MARCH_5, lines=lines)
    order = firm.srm.purchase_orders.draft(draft).id
    firm.srm.purchase_orders.send(order)
    firm.deliver_all()
    firm.scm.receiving.receive(order, [RequestedGoods("TEA", Decimal(10), 2)])
    firm.deliver_all()
    assert firm.balances() == {"1400": "60.00", "2100": "-60.00"}
    billed = (SupplierInvoiceLine("TEA", Decimal(10), usd("6.00")),)
    invoice = firm.erp.payables.record_invoice(
        RecordSupplierInvoice(
            supplier_id=supplier, number="RE-1", purchase_order_id=order, billed_on=MARCH_5, lines=billed
        )
    )
    firm.deliver_all()
    assert invoice.status == "matched"
    [row] = firm.purchase_orders()
    assert [(each["received"], each["billed"]) for each in row["lines"]] == [("0", "0"), ("10", "10")]
    firm.check_invariants()
