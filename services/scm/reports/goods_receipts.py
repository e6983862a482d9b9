"""What has arrived."""

from datetime import date
from typing import Any
from uuid import UUID

from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.reports.lines import LINES, lines_in
from shared.report import Collection


class GoodsReceipts(Collection):
    """All receipts; `line` as in the purchase order."""

    of = GoodsReceipt
    columns = {"purchase_order_id": UUID, "warehouse": str, "received_on": date, "status": str}
    shows = {"reason": str, "lines": LINES}

    @staticmethod
    def row(receipt: GoodsReceipt) -> dict[str, Any]:
        return {
            "purchase_order_id": receipt.purchase_order_id,
            "warehouse": receipt.warehouse,
            "received_on": receipt.received_on,
            "status": receipt.status,
            "reason": receipt.reason,
            "lines": lines_in(receipt.lines),
        }
