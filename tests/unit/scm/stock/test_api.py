"""Stock over HTTP."""

from shared.testing.services import deliver
from tests.unit.scm.examples import a_placed_order, a_purchase_order


def test_stock_is_shown_per_item_and_warehouse(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    received = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "4"}]}
    warehouse.post("/goods-receipts", received, 201)
    a_placed_order(warehouse.service, ("TOFU", 6))
    (row,) = warehouse.get("/stock?sku=TOFU&warehouse=MAIN")["data"]
    shown = ("sku", "warehouse", "on_hand", "reserved", "available", "backordered", "on_order")
    assert [row[name] for name in shown] == ["TOFU", "MAIN", "4", "4", "0", "2", "6"]
    assert warehouse.get("/stock?sku=CHAI")["data"] == []
