"""Goods receipts."""

from uuid import UUID

from services.scm.receiving.commands import ReceiveGoods, Receiving, ReverseReceipt
from services.scm.receiving.projections import GoodsReceipts
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply

receiving = commands_getter(Receiving)
goods_receipts = Resource("goods-receipts", GoodsReceipts)


@goods_receipts.post("")
@accepts(ReceiveGoods)
def receive_goods(body: ReceiveGoods) -> Reply:
    """Receive goods for a sent purchase order, in part or in full. 409 for goods that are not, or no more, on order."""
    receipt = receiving().receive(body.purchase_order_id, body.lines, body.received_on, body.details, body.at)
    return created_reply(GoodsReceipts, receipt)


@goods_receipts.post("/<uuid:receipt_id>/reverse", danger=True)
@accepts(ReverseReceipt)
def reverse_receipt(receipt_id: UUID, body: ReverseReceipt) -> Reply:
    """Reverse a mistaken receipt, once. 200 with the receipt; 409 where the goods were shipped or are reserved."""
    return resource_reply(GoodsReceipts, receiving().reverse(receipt_id, body.reason))
