"""What a valid request of some resources needs beyond its declaration: existing records, events, values that fit.

A resource that is not in the table needs nothing: its bodies follow from its declaration alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from services.scm.service import Scm
from shared.contracts import scm as contracts
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp import examples as erp
from tests.unit.scm import examples as scm

if TYPE_CHECKING:
    from tests.unit.resources.caller import ResourceCaller

Body = dict[str, Any]
Need = Callable[["ResourceCaller", int], Body]


def ordered_goods(caller: ResourceCaller, number: int) -> Body:
    """Return the receipt of goods that were ordered from a supplier."""
    ordered: Any = {registered_item(caller, number): 10}
    sent = scm.a_purchase_order(**ordered)
    deliver(caller.service, sent)
    lines = [goods(sent.lines[0].sku, "4")]
    return {"purchase_order_id": str(sent.purchase_order_id), "lines": lines, **moment("received_on", number)}


def moment(day: str, number: int) -> Body:
    """Return a day and an instant of it."""
    on = date(2026, 1, 1 + number)
    return {day: on.isoformat(), "at": f"{on}T12:00:00Z"}


def a_moment_of_a_count(_: ResourceCaller, number: int) -> Body:
    return moment("counted_on", number)


def goods_that_were_there(caller: ResourceCaller, number: int) -> Body:
    """Return the opening stock of an item that has none yet."""
    line = {**goods(registered_item(caller, number), "4"), "value": usd(f"{number % 3}.00")}
    return {"warehouse": "MAIN", "lines": [line]}


def goods(sku: str, quantity: str) -> Body:
    return {"sku": sku, "quantity": quantity}


def registered_item(caller: ResourceCaller, number: int) -> str:
    """Return the SKU of a new item; there is a warehouse MAIN."""
    caller.post("/warehouses", {"code": "MAIN", "name": "Main hall"})
    caller.post("/items", {"sku": f"SKU-{number}", "name": "Tofu", "unit": "piece"})
    return f"SKU-{number}"


def goods_in_stock(caller: ResourceCaller, number: int) -> Body:
    caller.of_resource("scm.goods-receipts").create(number)
    return {}


def goods_to_ship(caller: ResourceCaller, number: int) -> Body:
    """Reserve goods for an order: SCM creates a shipment."""
    goods_in_stock(caller, number)
    assert isinstance(caller.service, Scm)
    scm.a_placed_order(caller.service, (f"SKU-{number}", 1 + number % 2))
    return {}


def wanted_goods(caller: ResourceCaller, number: int) -> Body:
    """Let SCM request a purchase; every third request is for an item that a supplier offers."""
    sku, needed_on = f"SKU-{number % 3}", date(2026, 1, 1 + number)
    if number % 3 == 1:
        sku = caller.of_resource("srm.supplier-items").create(1)["sku"]
    deliver(
        caller.service, contracts.PurchaseRequested(uuid4(), sku, "MAIN", Decimal(number + 1), needed_on, "reorder")
    )
    return {}


def balanced_lines(caller: ResourceCaller, number: int) -> Body:
    amount = usd(f"{number % 3 + 1}.00")
    return {"lines": [{"account": "6000", "debit": amount}, {"account": "1000", "credit": amount}]}


def a_posted_entry(caller: ResourceCaller, number: int) -> Body:
    """Post a journal entry, each in a month of its own."""
    entry = {"posted_on": f"2025-{number + 1:02}-15", "text": "Rent", **balanced_lines(caller, number)}
    caller.post("/journal-entries", entry)
    return {}


def an_opening_balance(caller: ResourceCaller, number: int) -> Body:
    return {"lines": [{"account": "1000", "amount": usd(f"{number + 1}.00")}]}


def an_opening_receivable(caller: ResourceCaller, number: int) -> Body:
    """Post what a customer owes, each on a day of its own."""
    customer = erp.a_customer(None, uuid4())
    deliver(caller.service, customer)
    line = {"account": "1200", "party": str(customer.customer_id), "amount": usd(f"{number % 3 + 1}.00")}
    document = {"document_number": f"R-{number}", "due_on": f"2025-03-{number + 1:02}"}
    posted_on = f"2025-02-{number + 1:02}"
    caller.post("/opening-balances", {"posted_on": posted_on, "lines": [{**line, **document}]})
    return {}


def invoiced_purchase(caller: ResourceCaller, number: int) -> Body:
    """Return the invoice of goods that were ordered from a supplier."""
    purchase = erp.a_purchase((f"SKU-{number}", "10", "12.00"))
    deliver(caller.service, purchase)
    order = {"purchase_order_id": str(purchase.purchase_order_id)}
    line = {**order, "sku": f"SKU-{number}", "quantity": str(number + 1), "unit_price": usd("12.00")}
    return {"supplier_id": str(purchase.supplier_id), **order, "lines": [line]}


def an_invoiced_order(caller: ResourceCaller, number: int) -> Body:
    """Let ERP invoice what was shipped to a customer."""
    order = erp.an_order((f"SKU-{number}", "4", f"{number % 3 + 1}.00"))
    deliver(caller.service, order, erp.a_shipment(order))
    return {}


def a_credit_account(caller: ResourceCaller, number: int) -> Body:
    """Give a customer a credit limit, and for some of them orders to pay."""
    customer_id = uuid4()
    deliver(caller.service, erp.a_customer("500.00", customer_id))
    if number % 2:
        deliver(caller.service, erp.an_order(("TOFU", "4", f"{number}.00"), customer_id=customer_id))
    return {"party_id": str(customer_id)}


def money_from_a_customer(caller: ResourceCaller, number: int) -> Body:
    """Return a payment in advance, without allocations."""
    return {**a_credit_account(caller, 0), "direction": "in", "allocations": [], "posted_on": None}


def a_unit_of_any_quantity(_: ResourceCaller, number: int) -> Body:
    """Return a unit that is not registered, so that quantities have any decimals."""
    return {"unit": f"unit {number // 3}"}


NEEDS: Mapping[str, Need] = {
    "srm.purchase-requests": wanted_goods,
    "scm.items": a_unit_of_any_quantity,
    "scm.goods-receipts": ordered_goods,
    "scm.opening-stock": goods_that_were_there,
    "scm.stock": goods_in_stock,
    "scm.stock-counts": a_moment_of_a_count,
    "scm.shipments": goods_to_ship,
    "erp.journal-entries": balanced_lines,
    "erp.opening-balances": an_opening_balance,
    "erp.open-items": an_opening_receivable,
    "erp.journal": a_posted_entry,
    "erp.periods": a_posted_entry,
    "erp.bills": invoiced_purchase,
    "erp.invoices": an_invoiced_order,
    "erp.credit": a_credit_account,
    "erp.payments": money_from_a_customer,
}
"""One function for each resource. It prepares the service for a request of this number, or for a row of a list."""


def has(declared: object) -> bool:
    """Return whether the table has a function for a resource."""
    return str(declared) in NEEDS


def prepare(caller: ResourceCaller, number: int) -> Body:
    """Prepare the service for a valid request, and return the fields of its body that follow from that."""
    return NEEDS[str(caller.declared)](caller, number) if has(caller.declared) else {}
