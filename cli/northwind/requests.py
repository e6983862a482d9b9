"""Request bodies for the rows of the tables; the same row always gives the same body."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from cli.northwind.tables import (
    FIRST_DAY,
    PAYMENT_TERMS_DAYS,
    Address,
    Line,
    Order,
    Partner,
    Product,
)
from shared.money import Money, plain_number

CURRENCY = "USD"
WAREHOUSE = "MAIN"
LEAD_TIME_DAYS = 7

Body = dict[str, Any]


def customer(row: Partner) -> Body:
    return _partner(row) | {"phone": row.phone}


def supplier(row: Partner) -> Body:
    return _partner(row)


def _partner(row: Partner) -> Body:
    return {
        "code": row.code,
        "name": row.name,
        "currency": CURRENCY,
        "contacts": [{"name": row.contact, "title": row.title, "phone": row.phone}],
        "addresses": [{"kind": "billing", **_address(row.address)}],
        "payment_terms_days": PAYMENT_TERMS_DAYS,
    }


def _address(address: Address) -> Body:
    return {name: text for name, text in asdict(address).items() if text}


def item(row: Product) -> Body:
    return {"sku": row.sku, "name": row.name, "unit": row.unit}


def supplier_item(row: Product, supplier_id: str) -> Body:
    return {
        "supplier_id": supplier_id,
        "sku": row.sku,
        "unit_price": _money(row.cost),
        "lead_time_days": LEAD_TIME_DAYS,
    }


def purchase_order(number: str, supplier_id: str, ordered_on: date, units: Mapping[Product, int]) -> Body:
    return {
        "number": number,
        "supplier_id": supplier_id,
        "currency": CURRENCY,
        "ordered_on": ordered_on,
        "warehouse": WAREHOUSE,
        "lines": _order_lines(units),
    }


def _order_lines(units: Mapping[Product, int]) -> list[Body]:
    return [
        {"sku": product.sku, "quantity": str(quantity), "unit_price": _money(product.cost)}
        for product, quantity in units.items()
    ]


def goods_receipt(purchase_order_id: str, units: Mapping[Product, int]) -> Body:
    return {
        "purchase_order_id": purchase_order_id,
        "received_on": FIRST_DAY,
        "lines": [{"sku": product.sku, "quantity": str(quantity)} for product, quantity in units.items()],
    }


def supplier_invoice(number: str, supplier_id: str, purchase_order_id: str, units: Mapping[Product, int]) -> Body:
    return {
        "supplier_id": supplier_id,
        "number": number,
        "purchase_order_id": purchase_order_id,
        "billed_on": FIRST_DAY,
        "lines": _order_lines(units),
    }


def sales_order(row: Order, customer_id: str) -> Body:
    return {
        "number": row.number,
        "customer_id": customer_id,
        "currency": CURRENCY,
        "ordered_on": row.ordered_on,
        "required_on": row.required_on,
        "warehouse": WAREHOUSE,
        "sales_rep": row.sales_rep,
        "ship_to": {"name": row.ship_name, **_address(row.ship_to)},
        "freight": _money(row.freight),
        "lines": [_line(line) for line in row.lines],
    }


def _line(line: Line) -> Body:
    body = {"sku": line.sku, "quantity": str(line.quantity), "unit_price": _money(line.unit_price)}
    return body | ({"discount_percent": plain_number(line.discount_percent)} if line.discount_percent else {})


def dispatch(row: Order) -> Body:
    return {"dispatched_on": row.shipped_on, "carrier": row.carrier}


def payment(direction: str, party_id: str, paid_on: date, document: Mapping[str, Any]) -> Body:
    """Return a payment of the full amount of one customer or supplier invoice."""
    total = document["total"]
    return {
        "direction": direction,
        "party_id": party_id,
        "paid_on": paid_on,
        "amount": total,
        "allocations": [{"document_id": document["id"], "amount": total}],
    }


def item_changes(row: Product) -> Body:
    changes: Body = {"discontinued": True} if row.discontinued else {}
    return changes | ({"reorder_point": str(row.reorder_level)} if row.reorder_level else {})


def effective_on(day: date) -> Body:
    return {"effective_on": day}


def _money(amount: Decimal) -> Money:
    return Money(amount, CURRENCY)
