"""Goods receipts."""

from typing import Any
from uuid import UUID

from services.scm.items.api import ItemQuantity
from services.scm.receiving.commands import Receiving
from services.scm.receiving.projections import GoodsReceipts
from shared.web import Reply, Resource, Schema, accepts, commands_getter, created_reply, fields, resource_reply

receiving = commands_getter(Receiving)
goods_receipts = Resource("goods-receipts", GoodsReceipts)


class ReverseReceipt(Schema):
    """Request to reverse a goods receipt, with the reason."""

    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


class ReceiveGoods(Schema):
    """Request to record goods received for a purchase order."""

    purchase_order_id = fields.Id(required=True)
    received_on = fields.EffectiveOn(allow_none=True)
    lines = fields.List(fields.Nested(ItemQuantity), required=True, min=1)


@goods_receipts.post("")
@accepts(ReceiveGoods)
def receive_goods(body: dict[str, Any]) -> Reply:
    """Receive goods for a sent purchase order, in part or in full. 409 for goods that are not, or no more, on order."""
    return created_reply(GoodsReceipts, receiving().receive(**body))


@goods_receipts.post("/<uuid:receipt_id>/reverse")
@accepts(ReverseReceipt)
def reverse_receipt(receipt_id: UUID, body: dict[str, Any]) -> Reply:
    """Reverse a mistaken receipt, once. 200 with the receipt; 409 where the goods were shipped or are reserved."""
    return resource_reply(GoodsReceipts, receiving().reverse(receipt_id, body["reason"]))
