"""Goods lines as projections show them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from services.scm.items.domain.goods import GoodsLine
from shared.money import plain_number

LINE_COLUMNS = [{"line": int, "sku": str, "quantity": Decimal}]


def format_goods_lines(lines: Iterable[GoodsLine]) -> list[dict[str, Any]]:
    """Return lines of goods as a resource shows them."""
    return [{"line": each.line, "sku": each.sku, "quantity": plain_number(each.quantity)} for each in lines]
