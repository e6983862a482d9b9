"""Projection of opening stock."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.scm.opening_stock.domain.opening_stock import OpeningStock, Status
from shared.fields import Code, OrNone
from shared.money import Money, plain_number
from shared.projections import ResourceProjection


class OpeningStockList(ResourceProjection):
    """All opening stock; `value` is the value of the whole quantity, on a line and in total."""

    aggregate_class = OpeningStock
    columns = {"warehouse": Code, "opened_on": date, "status": Status, "value": Money}
    version = 2
    extra_fields = {
        "reason": str | None, "reversal_request": OrNone({"reason": str, "requested_by": str}),
        "lines": [{"sku": str, "quantity": Decimal, "value": Money}],
    }  # fmt: skip

    @staticmethod
    def to_row(opening: OpeningStock) -> dict[str, Any]:
        return {
            "warehouse": opening.warehouse,
            "opened_on": opening.opened_on,
            "status": opening.status,
            "value": opening.value,
            "reason": opening.reason,
            "reversal_request": opening.reversal_request,
            "lines": [
                {"sku": each.sku, "quantity": plain_number(each.quantity), "value": each.value}
                for each in opening.lines
            ],
        }
