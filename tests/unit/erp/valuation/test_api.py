"""Stock value over HTTP."""

from pathlib import Path

from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client, sold


def test_stock_value_is_shown_per_item_and_warehouse(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/stock-value?as_of=2026-03-31").json
    assert answered["rows"] == [
        {
            "sku": "CHAI", "warehouse": "MAIN", "quantity": "6",
            "unit_cost": {"amount": "12.0000", "currency": "USD"}, "value": usd("72.00"), "unvalued": False,
        },
    ]  # fmt: skip
    assert answered["totals"] == {"value": usd("72.00")}
