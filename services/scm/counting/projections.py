"""Projection of stock counts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.scm.warehousing.domain.stock_count import StockCount
from shared.fields import Code
from shared.money import plain_number
from shared.projections import ResourceProjection


class StockCounts(ResourceProjection):
    """All stock counts; `difference` is the counted quantity less the quantity on record for that moment."""

    aggregate_class = StockCount
    columns = {"warehouse": Code, "counted_on": date, "at": datetime}
    extra_fields = {"lines": [{"sku": str, "quantity": Decimal, "difference": Decimal}]}

    @staticmethod
    def to_row(count: StockCount) -> dict[str, Any]:
        return {
            "warehouse": count.warehouse,
            "counted_on": count.counted_on,
            "at": count.at,
            "lines": [
                {
                    "sku": each.sku,
                    "quantity": plain_number(each.quantity),
                    "difference": plain_number(each.difference),
                }
                for each in count.lines
            ],
        }
