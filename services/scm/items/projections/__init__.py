"""The columns of goods lines, as the projections of all modules show them."""

from services.scm.items.projections.lines import LINE_COLUMNS, format_goods_lines

__all__ = ["LINE_COLUMNS", "format_goods_lines"]
