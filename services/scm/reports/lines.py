"""How lines of goods are shown."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from services.scm.domain.goods import GoodsLine
from shared.money import plain

LINES = [{"line": int, "sku": str, "quantity": Decimal}]


def lines_in(lines: Iterable[GoodsLine]) -> list[dict[str, Any]]:
    return [{"line": each.line, "sku": each.sku, "quantity": plain(each.quantity)} for each in lines]
