"""Quantities of items, and which lines they belong to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from shared.domain import Refused, value
from shared.money import plain


@value
class Goods:
    """A quantity of an item."""

    sku: str
    quantity: Decimal


@value
class GoodsLine:
    """A quantity of an item for one line of the order it belongs to."""

    line: int
    sku: str
    quantity: Decimal


@value
class BackorderAllocation:
    """What is now held for one line of a customer's order."""

    order_id: UUID
    goods: GoodsLine


class TooMuch(Refused):
    """More was named than there is; `way_out` says what to do then."""

    way_out = ""


def spread(asked: Sequence[Goods], lots: Sequence[GoodsLine], refusal: type[TooMuch]) -> tuple[GoodsLine, ...]:
    """The asked goods as parts of their lines, first lot first. Refused where the lots do not have that much."""
    of_item: dict[str, list[int]] = {}
    for place, lot in enumerate(lots):
        of_item.setdefault(lot.sku, []).append(place)
    left = [lot.quantity for lot in lots]
    for position, goods in enumerate(asked):
        missing = goods.quantity
        for place in of_item.get(goods.sku, ()):
            part = min(missing, left[place])
            left[place] -= part
            missing -= part
        if missing:
            there = plain(goods.quantity - missing)
            detail = f"line {position + 1}: {plain(goods.quantity)} of {goods.sku} named, {there} there"
            raise refusal(f"{detail}: {refusal.way_out}", field=f"lines/{position}/quantity")
    taken = (GoodsLine(lot.line, lot.sku, lot.quantity - rest) for lot, rest in zip(lots, left, strict=True))
    return plus((), (each for each in taken if each.quantity))


def minus(lines: Iterable[GoodsLine], taken: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """What is left of the lines, empty ones gone."""
    gone = {each.line: each.quantity for each in taken}
    return some(GoodsLine(each.line, each.sku, each.quantity - gone.get(each.line, 0)) for each in lines)


def some(lines: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Those that are not nothing."""
    return tuple(each for each in lines if each.quantity)


def plus(lines: Iterable[GoodsLine], more: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Both together, one entry a line, in the order of their lines."""
    together: dict[int, GoodsLine] = {}
    for each in [*lines, *more]:
        before = together[each.line].quantity if each.line in together else 0
        together[each.line] = GoodsLine(each.line, each.sku, each.quantity + before)
    return tuple(together[line] for line in sorted(together))


def beyond(lines: Iterable[GoodsLine], others: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """What of each line is more than in the others."""
    there = {each.line: each.quantity for each in others}
    more = (GoodsLine(each.line, each.sku, each.quantity - there.get(each.line, 0)) for each in lines)
    return tuple(each for each in more if each.quantity > 0)


def total(lines: Iterable[GoodsLine]) -> Decimal:
    return sum((each.quantity for each in lines), Decimal(0))


def by_sku(lines: Iterable[GoodsLine]) -> dict[str, tuple[GoodsLine, ...]]:
    """The lines of each item, items in order of their sku: so that all take hold of stock in the same order."""
    groups: dict[str, tuple[GoodsLine, ...]] = {}
    for each in sorted(lines, key=lambda line: (line.sku, line.line)):
        groups[each.sku] = (*groups.get(each.sku, ()), each)
    return groups
