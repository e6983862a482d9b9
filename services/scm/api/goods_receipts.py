"""Goods receipts."""

from typing import Any
from uuid import UUID

from services.scm.api import service
from services.scm.reports import GoodsReceipts
from shared.web import Reply, Resource, Schema, accepts, created, fields, shown

goods_receipts = Resource("goods-receipts", GoodsReceipts)


class Goods(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)


class ReverseReceipt(Schema):
    reason = fields.Text(required=True, max=500)
    effective_on = fields.EffectiveOn(allow_none=True)


class ReceiveGoods(Schema):
    purchase_order_id = fields.Id(required=True)
    received_on = fields.EffectiveOn(allow_none=True)
    lines = fields.List(fields.Nested(Goods), required=True, min=1)


@goods_receipts.post("")
@accepts(ReceiveGoods)
def receive(body: dict[str, Any]) -> Reply:
    """Take goods in against a sent purchase order, in part or whole. 409 for what is not or no longer on order."""
    return created(GoodsReceipts, service().receive_goods(**body))


@goods_receipts.post("/<uuid:receipt_id>/reverse")
@accepts(ReverseReceipt)
def reverse(receipt_id: UUID, body: dict[str, Any]) -> Reply:
    """Take a mistyped receipt back, once. 200 with the receipt; 409 where goods have left or are held for orders."""
    return shown(GoodsReceipts, service().reverse_receipt(receipt_id, body["reason"]))
