"""Goods receipts."""

from typing import Any
from uuid import UUID

from services.scm.api import service
from services.scm.projections import GoodsReceipts
from shared.web import Reply, Resource, Schema, accepts, created_reply, fields, resource_reply

goods_receipts = Resource("goods-receipts", GoodsReceipts)


class ReceivedGoods(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)


class ReverseReceipt(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


class ReceiveGoods(Schema):
    purchase_order_id = fields.Id(required=True)
    received_on = fields.EffectiveOn(allow_none=True)
    lines = fields.List(fields.Nested(ReceivedGoods), required=True, min=1)


@goods_receipts.post("")
@accepts(ReceiveGoods)
def receive(body: dict[str, Any]) -> Reply:
    """Receive goods for a sent purchase order, in part or in full. 409 for goods that are not, or no more, on order."""
    return created_reply(GoodsReceipts, service().receive_goods(**body))


@goods_receipts.post("/<uuid:receipt_id>/reverse")
@accepts(ReverseReceipt)
def reverse(receipt_id: UUID, body: dict[str, Any]) -> Reply:
    """Reverse a mistaken receipt, once. 200 with the receipt; 409 where the goods were shipped or are reserved."""
    return resource_reply(GoodsReceipts, service().reverse_receipt(receipt_id, body["reason"]))
