"""Events of ERP and SCM about the example order."""

from decimal import Decimal

from shared.contracts import erp, scm
from shared.money import Money
from shared.testing import end_of
from tests.unit.crm.sales_orders.examples import INVOICE, PAID_ON, PAYMENT, SHIPMENT, SHIPPED_ON

TOTAL = Money("9.35", "USD")
BOTH = ((1, "BOLT-M8", 10), (2, "NUT-M8", 4))


def goods(*lines):
    return tuple(scm.GoodsLine(line, sku, Decimal(quantity)) for line, sku, quantity in lines)


def approved(order):
    return erp.CreditApproved(order.id, order.customer_id)


def held(order):
    nothing = Money.zero("USD")
    return erp.CreditHeld(order.id, order.customer_id, nothing, nothing, TOTAL)


def reserved(order, *lines):
    return scm.StockReserved(order.id, "MAIN", goods(*lines or BOTH))


def short(order, *lines):
    return scm.StockShort(order.id, "MAIN", goods(*lines))


def dispatched(order, *lines):
    return scm.ShipmentDispatched(
        SHIPMENT,
        order.id,
        order.customer_id,
        "MAIN",
        SHIPPED_ON,
        end_of(SHIPPED_ON),
        "UPS",
        "1Z",
        goods(*lines or BOTH),
        not lines,
    )


def invoiced(order):
    lines = (erp.InvoiceLine(1, "BOLT-M8", Decimal(10), Money("2.50", "USD")),
             erp.InvoiceLine(2, "NUT-M8", Decimal(4), Money("3.85", "USD")))  # fmt: skip
    return erp.InvoicePosted(
        INVOICE, "INV", "1", order.id, SHIPMENT, order.customer_id, SHIPPED_ON, PAID_ON, lines, Money("3", "USD"), TOTAL
    )


def paid(order, still_open="0"):
    left = Money(still_open, "USD")
    return erp.InvoiceSettlementChanged(INVOICE, order.id, order.customer_id, PAYMENT, PAID_ON, left)
