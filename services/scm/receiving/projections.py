"""Projection of goods receipts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.scm.items.projections import LINE_COLUMNS, format_goods_lines
from services.scm.receiving.domain.goods_receipt import GoodsReceipt, ReceiptDetails, Status
from shared.fields import Code
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.projections import ResourceProjection


class GoodsReceipts(ResourceProjection):
    """All goods receipts; `line` is the line number of the purchase order."""

    aggregate_class = GoodsReceipt
    columns = {
        "purchase_order_id": UUID, "warehouse": Code, "received_on": date, "at": datetime, "status": Status,
        **columns_of(ReceiptDetails),
    }  # fmt: skip
    extra_fields = {"reason": str | None, **extra_fields_of(ReceiptDetails), "lines": LINE_COLUMNS}

    @staticmethod
    def to_row(receipt: GoodsReceipt) -> dict[str, Any]:
        return {
            "purchase_order_id": receipt.purchase_order_id,
            "warehouse": receipt.warehouse,
            "received_on": receipt.received_on,
            "at": receipt.at,
            "status": receipt.status,
            "reason": receipt.reason,
            **row_of(receipt.details),
            "lines": format_goods_lines(receipt.lines),
        }
