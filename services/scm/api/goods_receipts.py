"""Goods receipts."""

from typing import Any

from services.scm.api import service
from services.scm.reports import GoodsReceipts
from shared.web import Reply, Resource, Schema, accepts, created, fields

goods_receipts = Resource("goods-receipts", GoodsReceipts)


class Goods(Schema):
    sku = fields.Code(required=True)
    quantity = fields.Quantity(required=True)


class ReceiveGoods(Schema):
    purchase_order_id = fields.Id(required=True)
    received_on = fields.EffectiveOn(allow_none=True)
    lines = fields.List(fields.Nested(Goods), required=True, min=1)


@goods_receipts.post("")
@accepts(ReceiveGoods)
def receive(body: dict[str, Any]) -> Reply:
    """Take goods in against a sent purchase order, in part or whole. 409 for what is not or no longer on order."""
    return created(GoodsReceipts, service().receive_goods(**body))
