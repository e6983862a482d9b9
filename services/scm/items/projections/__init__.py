"""Projections of items, and the columns of goods lines."""

from services.scm.items.projections.items import Items
from services.scm.items.projections.lines import LINE_COLUMNS, format_goods_lines

__all__ = ["LINE_COLUMNS", "Items", "format_goods_lines"]
