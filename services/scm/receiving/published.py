"""Events that receiving publishes to the other services."""

from services.scm.items.domain.goods import lines_as_type
from services.scm.receiving.domain.goods_receipt import GoodsReceipt
from shared.contracts import fill_contract, scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(GoodsReceipt.Received)
def goods_received(received: GoodsReceipt.Received, receipt: GoodsReceipt) -> scm.GoodsReceived:
    """Publish the quantities received for a purchase order."""
    lines = lines_as_type(received.lines, scm.GoodsLine)
    return fill_contract(scm.GoodsReceived, received, received.details, receipt_id=receipt.id, lines=lines)


@published.after(GoodsReceipt.Reversed)
def goods_receipt_reversed(reversed_: GoodsReceipt.Reversed, receipt: GoodsReceipt) -> scm.GoodsReceiptReversed:
    """Publish that a receipt was reversed, and why."""
    lines = lines_as_type(receipt.lines, scm.GoodsLine)
    return fill_contract(
        scm.GoodsReceiptReversed, reversed_, receipt, receipt.details, receipt_id=receipt.id, lines=lines
    )
