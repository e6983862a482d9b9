"""Every example of a request in the API description is sent to a running suite, which does what it asks for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.described_answers import PREFIX
from tests.integration.running.example_story import Story, body_of, new_codes
from tests.running_suite import RunningSuite

pytestmark = [pytest.mark.case("F9"), pytest.mark.xdist_group("examples")]

NOT_SENT = {f"POST {PREFIX}/ops/parked/{{service}}/{{source}}/{{sequence}}/discard"}
"""A message is parked only after repeated failures; tests/unit/gateway/test_ops.py discards one."""
BATCHES = "/batch"
OFFER = f"POST {PREFIX}/srm/supplier-items"
OF_SUPPLIER_ITEMS = f"{OFFER}/import"
OTHER_ITEM, ONCE_FOR_AN_ITEM = {"sku": "LAMP-2"}, ("supplier-items", "opening-stock")
MASTER_DATA = ("units", "warehouses", "items", "suppliers", "customers", "carriers", "reasons")
USD = "USD"


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": USD}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with RunningSuite(tmp_path_factory.mktemp("examples") / "home") as suite:
        with suite.client as client:
            document = client.get(f"{suite.url}/openapi.json").raise_for_status().json()
        yield Story(suite, document)


def test_every_request_has_an_example(story: Story) -> None:
    operations = story.operations
    without = [name for name, each in operations.items() if takes_json(each) and body_of(each) is None]
    assert without == []
    assert len(story.examples) > 80


def takes_json(operation: Any) -> bool:
    return "application/json" in operation.get("requestBody", {}).get("content", {})


def test_the_examples_in_order_are_the_story_of_a_firm(story: Story) -> None:
    try_sheets(story)
    firm = register_the_firm(story)
    buy_and_pay(story, firm)
    sell_and_collect(story, firm)
    keep_the_books(story, firm)
    change_records(story, firm)
    send_batches(story, firm)
    assert (story.examples.keys() | imports(story)) - story.sent == NOT_SENT
    assert story.differences == []


def imports(story: Story) -> set[str]:
    return {name for name in story.operations if name.endswith("/import")}


def try_sheets(story: Story) -> None:
    """Try the example of every import before the firm has any record; that of supplier items needs a supplier."""
    for name in sorted(imports(story) - {OF_SUPPLIER_ITEMS}):
        story.try_sheet(name)


def register_the_firm(story: Story) -> dict[str, str]:
    """Register the master data of the examples; return the ids that other requests refer to."""
    unit, warehouse = story.send("POST /scm/units"), story.send("POST /scm/warehouses")
    item, carrier = story.send("POST /scm/items"), story.send("POST /scm/carriers")
    supplier, customer = story.send("POST /srm/suppliers"), story.send("POST /crm/customers")
    story.send("PATCH /erp/entities/{entity}", entity="main")
    for service in ("crm", "srm", "scm", "erp"):
        story.send(f"PATCH /{service}/settings")
        reason = story.send(f"POST /{service}/reasons")
        story.send(f"PATCH /{service}/reasons/{{reason_id}}", reason_id=reason["id"])
    story.idle()
    story.try_sheet(OF_SUPPLIER_ITEMS, {story.examples[OFFER]["supplier_id"]: supplier["id"]})
    offer = story.send("POST /srm/supplier-items", {"supplier_id": supplier["id"]})
    story.send("POST /access/keys")
    records = {"unit": unit, "warehouse": warehouse, "carrier": carrier, "supplier": supplier, "customer": customer}
    return {"sku": item["sku"], "offer": offer["id"], **{name: each["id"] for name, each in records.items()}}


def buy_and_pay(story: Story, firm: dict[str, str]) -> None:
    story.send("POST /scm/opening-stock")
    order, _ = ordered_and_received(story, firm)
    invoice = {"supplier_id": firm["supplier"], "purchase_order_id": order}
    bill = story.send("POST /erp/bills", invoice)
    assert bill["status"] == "blocked", "its price is above that of the revised order"
    story.send("POST /erp/bills/{bill_id}/release", by_colleague=True, bill_id=bill["id"])
    paid = {"document_id": bill["id"], "amount": usd("597.00")}
    payment = {"direction": "out", "party_id": firm["supplier"], "paid_on": "2026-01-30", "amount": usd("597.00")}
    story.make("/erp/payments", {**payment, "allocations": [paid]})
    story.send("POST /erp/bills/{bill_id}/write-off", bill_id=bill["id"])
    story.send("POST /erp/bills/{bill_id}/reverse-write-off", bill_id=bill["id"])
    line = {"sku": firm["sku"], "quantity": "3", "unit_price": usd("31.00")}
    second = {"supplier_id": firm["supplier"], "purchase_order_id": order, "number": "A-2", "billed_on": "2026-01-25"}
    wrong = story.make("/erp/bills", {**second, "lines": [line]})
    story.send("POST /erp/bills/{bill_id}/reject", by_colleague=True, bill_id=wrong["id"])
    story.idle()
    unwanted, returned = ordered_and_received(story, firm)
    story.send("POST /scm/goods-receipts/{receipt_id}/reverse", by_colleague=True, receipt_id=returned)
    story.idle()
    story.send("POST /srm/purchase-orders/{order_id}/close", order_id=unwanted)
    draft = story.send("POST /srm/purchase-orders", {"supplier_id": firm["supplier"]})
    story.send("POST /srm/purchase-orders/{order_id}/cancel", order_id=draft["id"])


def ordered_and_received(story: Story, firm: dict[str, str]) -> tuple[str, str]:
    """Order goods, revise the order, and receive them; return the ids of the order and of the receipt."""
    order = sent_order(story, firm)
    receipt = story.send("POST /scm/goods-receipts", {"purchase_order_id": order})["id"]
    story.idle()
    return order, receipt


def sent_order(story: Story, firm: dict[str, str]) -> str:
    order: str = story.send("POST /srm/purchase-orders", {"supplier_id": firm["supplier"]})["id"]
    story.send("POST /srm/purchase-orders/{order_id}/send", order_id=order)
    story.send("POST /srm/purchase-orders/{order_id}/revise", order_id=order)
    story.idle()
    return order


def sell_and_collect(story: Story, firm: dict[str, str]) -> None:
    invoice = shipped(story, placed(story, firm["customer"]))
    assert (invoice["total"], invoice["invoiced_on"]) == (usd("552.60"), "2026-01-26")
    payment = {"party_id": firm["customer"], "document_id": invoice["id"]}
    story.send("POST /erp/payments", payment)
    changed = placed(story, firm["customer"])
    story.send("POST /crm/sales-orders/{order_id}/amend", order_id=changed)
    story.idle()
    story.send("POST /crm/sales-orders/{order_id}/cancel", order_id=changed)
    story.idle()
    sell_on_credit(story, firm)


def placed(story: Story, customer: str) -> str:
    order: str = story.send("POST /crm/sales-orders", {"customer_id": customer})["id"]
    story.send("POST /crm/sales-orders/{order_id}/place", order_id=order)
    story.idle()
    return order


def shipped(story: Story, order: str) -> Any:
    """Dispatch the shipment of an order; return its invoice."""
    (shipment,) = story.read(f"/scm/shipments?sales_order_id={order}")["data"]
    story.send("POST /scm/shipments/{shipment_id}/dispatch", shipment_id=shipment["id"])
    story.idle()
    (invoice,) = story.read(f"/erp/invoices?sales_order_id={order}")["data"]
    return invoice


def sell_on_credit(story: Story, firm: dict[str, str]) -> None:
    """Sell to a customer beyond its credit limit; a small rest of the invoice is written off."""
    new = {"code": "CORNER", "name": "Corner Shop", "currency": USD, "credit_limit": usd("10.00")}
    customer = story.make("/crm/customers", new)["id"]
    story.idle()
    order = placed(story, customer)
    release = "POST /erp/credit/{customer_id}/release/{sales_order_id}"
    story.send(release, by_colleague=True, customer_id=customer, sales_order_id=order)
    story.idle()
    invoice = shipped(story, order)["id"]
    paid = {"direction": "in", "party_id": customer, "paid_on": "2026-01-30", "amount": usd("550.00")}
    story.make("/erp/payments", {**paid, "allocations": [{"document_id": invoice, "amount": usd("550.00")}]})
    story.send("POST /erp/invoices/{invoice_id}/write-off", invoice_id=invoice)
    story.send("POST /erp/invoices/{invoice_id}/reverse-write-off", invoice_id=invoice)


def keep_the_books(story: Story, firm: dict[str, str]) -> None:
    customer = firm["customer"]
    story.send("POST /erp/opening-balances", {"party": customer})
    owed = open_item(story, customer, "60.00")
    paid = {
        "direction": "in",
        "party_id": customer,
        "paid_on": "2026-01-30",
        "amount": usd("100.00"),
        "allocations": [],
    }
    payment = story.make("/erp/payments", paid)["id"]
    story.send("POST /erp/payments/{payment_id}/allocate", {"document_id": owed}, payment_id=payment)
    story.send("POST /erp/payments/{payment_id}/deallocate", {"document_id": owed}, payment_id=payment)
    story.send("POST /erp/payments/{payment_id}/reverse", payment_id=payment)
    settle_with_credit(story, customer, owed)
    entry = story.send("POST /erp/journal-entries")
    story.send("POST /erp/journal-entries/{entry_id}/reverse", by_colleague=True, entry_id=entry["id"])
    story.send("POST /scm/stock-counts")
    story.make("/scm/items", {"sku": "VASE", "name": "Glass vase", "unit": "piece"})
    opening = story.send("POST /scm/opening-stock", {"sku": "VASE"})["id"]
    story.send("POST /scm/opening-stock/{opening_stock_id}/reverse", opening_stock_id=opening)
    story.idle()
    story.send("POST /erp/periods/{code}/close", code="2025-12")
    story.send("POST /erp/periods/{code}/reopen", code="2025-12")


def settle_with_credit(story: Story, customer: str, owed: str) -> None:
    """Settle an open item with the credit of a manual entry, and write a small one off."""
    for amount, side, other in (("40.00", "credit", "debit"), ("3.00", "debit", "credit")):
        lines = [{"account": "1200", "party": customer, side: usd(amount)}, {"account": "6000", other: usd(amount)}]
        story.make("/erp/journal-entries", {"posted_on": "2026-01-20", "text": "Correction", "lines": lines})
    credit, small = open_item(story, customer, "-40.00"), open_item(story, customer, "3.00")
    story.send("POST /erp/open-items/{item_id}/allocate", {"document_id": owed}, item_id=credit)
    story.send("POST /erp/open-items/{item_id}/deallocate", {"document_id": owed}, item_id=credit)
    story.send("POST /erp/open-items/{item_id}/write-off", item_id=small)
    story.send("POST /erp/open-items/{item_id}/reverse-write-off", item_id=small)


def open_item(story: Story, customer: str, amount: str) -> str:
    """Return the open item of a customer with this open amount."""
    items = story.read(f"/erp/open-items?party_id={customer}")["data"]
    (found,) = (each["id"] for each in items if each["open"]["amount"] == amount)
    return str(found)


def change_records(story: Story, firm: dict[str, str]) -> None:
    story.send("PATCH /scm/units/{unit_id}", unit_id=firm["unit"])
    story.send("PATCH /scm/warehouses/{warehouse_id}", warehouse_id=firm["warehouse"])
    story.send("PATCH /scm/carriers/{carrier_id}", carrier_id=firm["carrier"])
    story.send("PATCH /scm/items/{sku}", sku=firm["sku"])
    story.send("PATCH /srm/suppliers/{supplier_id}", supplier_id=firm["supplier"])
    story.send("POST /srm/suppliers/{supplier_id}/block", supplier_id=firm["supplier"])
    story.send("POST /srm/suppliers/{supplier_id}/unblock", supplier_id=firm["supplier"])
    story.send("PATCH /srm/supplier-items/{supplier_item_id}", supplier_item_id=firm["offer"])
    story.send("PATCH /crm/customers/{customer_id}", customer_id=firm["customer"])
    story.make("/access/keys", {"name": "maria", "roles": ["sales"]})
    story.send("POST /crm/customers/{customer_id}/assign", customer_id=firm["customer"])


def send_batches(story: Story, firm: dict[str, str]) -> None:
    """Send the example of every batch, for another item, supplier, customer and order than those of the story."""
    names = [name.replace(PREFIX, "") for name in story.examples if name.endswith(BATCHES)]
    masters = [name for name in names if name.split("/")[2] in MASTER_DATA]
    for name in masters:
        story.send(name, new_codes(story.examples[name.replace(" ", f" {PREFIX}")], "2"))
    order = sent_order(story, firm)
    references = {
        "supplier_id": firm["supplier"], "customer_id": firm["customer"], "purchase_order_id": order,
        "party_id": firm["customer"], "party": firm["customer"], "number": "LW-2026-121", "allocations": [],
        "document_number": "R-2025-908", "quantity": "6",
    }  # fmt: skip
    for name in sorted({*names} - {*masters}, key=lambda each: "goods-receipts" not in each):
        story.idle()
        story.send(name, {**references, **(OTHER_ITEM if name.split("/")[2] in ONCE_FOR_AN_ITEM else {})})
