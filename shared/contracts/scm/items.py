"""Values of SCM: items."""

from decimal import Decimal

from shared.contracts import make_contract_part


@make_contract_part
class GoodsLine:
    """A quantity of an item for one line of its order (`line` as in that order)."""

    line: int
    sku: str
    quantity: Decimal
