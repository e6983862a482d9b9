"""Sales orders in each of their states, and calls of their commands."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.sales_orders.domain.status import Status
from shared.money import Money
from shared.testing import given
from tests.unit.crm.sales_orders import examples
from tests.unit.crm.sales_orders.examples import ALL, a_draft, parts, place
from tests.unit.state_examples import StateExamples

FREE = Money.zero("USD")


def an_order(*steps: Callable[[SalesOrder], object]) -> Callable[[], SalesOrder]:
    return lambda: given(a_draft(), *steps)


def ship(order: SalesOrder, some: tuple[examples.LineQuantity, ...] = ALL) -> None:
    order.shipped(examples.SHIPMENT, examples.SHIPPED_ON, None, None, some)


def invoice(order: SalesOrder) -> None:
    order.invoiced(examples.INVOICE, "1", examples.SHIPPED_ON, Money("6.35", "USD"), examples.on_an_invoice(ALL))


def pay(order: SalesOrder) -> None:
    order.settlement_changed(examples.INVOICE, examples.PAYMENT, examples.PAID_ON, FREE)


def amend(order: SalesOrder) -> None:
    order.amend(replace(order.terms, freight=Money("1.00", "USD")))


def cancel(order: SalesOrder) -> None:
    order.cancel("changed their mind")


SALES_ORDERS = StateExamples(
    in_state={
        Status.DRAFT: an_order(),
        Status.PLACED: an_order(place),
        Status.HELD: an_order(place, SalesOrder.credit_held),
        Status.APPROVED: an_order(place, SalesOrder.credit_approved),
        Status.RESERVED: an_order(place, lambda order: order.stock_reserved(ALL)),
        Status.BACKORDERED: an_order(place, lambda order: order.stock_short(ALL)),
        Status.PARTLY_SHIPPED: an_order(place, partial(ship, some=parts(bolts=3))),
        Status.SHIPPED: an_order(place, ship),
        Status.INVOICED: an_order(place, ship, invoice),
        Status.PAID: an_order(place, ship, invoice, pay),
        Status.AMENDING: an_order(place, amend),
        Status.CANCELLING: an_order(place, cancel),
        Status.CANCELLED: an_order(cancel),
    },
    commands={"place": place, "amend": amend, "cancel": cancel},
)

EXAMPLES = {SalesOrder: SALES_ORDERS}
