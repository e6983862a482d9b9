"""What was found in the warehouses."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.scm.domain.stock_count import StockCount
from shared.money import plain
from shared.report import Collection


class StockCounts(Collection):
    """All counts; `difference` is how much more (or less) was there than what is known of the days before says."""

    of = StockCount
    columns = {"warehouse": str, "counted_on": date}
    shows = {"lines": [{"sku": str, "quantity": Decimal, "difference": Decimal}]}

    @staticmethod
    def row(count: StockCount) -> dict[str, Any]:
        return {
            "warehouse": count.warehouse,
            "counted_on": count.counted_on,
            "lines": [
                {"sku": each.sku, "quantity": plain(each.quantity), "difference": plain(each.difference)}
                for each in count.lines
            ],
        }
