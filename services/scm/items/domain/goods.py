"""Quantities of items, and their allocation to order lines."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from shared.domain import DomainError, InvalidInput, fold_text, value_object
from shared.fields import Code, Kind, Lookup, Quantity
from shared.money import plain_number

L = TypeVar("L")
ZERO = Decimal(0)


@value_object
class RequestedGoods:
    """A quantity of an item in a request that belongs to an order.

    `line` is the number of the order's line it is for; without it the first lines of the item are taken first.
    """

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: Quantity
    line: Annotated[int, Kind("whole_number", {"min": 1})] | None = None


@value_object
class GoodsLine:
    """A quantity of an item for one line of the order it belongs to."""

    line: int
    sku: str
    quantity: Decimal


@value_object
class BackorderAllocation:
    """A quantity newly reserved for one line of a sales order."""

    order_id: UUID
    goods: GoodsLine


class AnyGoodsLine(Protocol):
    """Protocol of all values with line, SKU and quantity: own goods lines and those of published events."""

    @property
    def line(self) -> int: ...

    @property
    def sku(self) -> str: ...

    @property
    def quantity(self) -> Decimal: ...


class QuantityTooLarge(DomainError):
    """Base class of errors about a quantity above its limit; `remedy` is what to do."""

    remedy = ""


class NotAmongLines(DomainError):
    """Base class of errors about an item that no line has; `reason` is why it is refused."""

    reason = ""


def require_lines_of_order(order: str, requested: Iterable[RequestedGoods], lines: Iterable[GoodsLine]) -> None:
    """Require that each line number given is a line of the order with that item. Raises InvalidInput."""
    skus = {each.line: each.sku for each in lines}
    for position, goods in enumerate(requested):
        field = f"lines/{position}/line"
        if goods.line is not None and goods.line not in skus:
            raise InvalidInput(f"{order} has no line {goods.line}: give one of its lines, or none", field=field)
        if goods.line is not None and skus[goods.line] != goods.sku:
            detail = f"line {goods.line} of {order} is for {skus[goods.line]}: give a line of {goods.sku}, or none"
            raise InvalidInput(detail, field=field)


def require_among_lines(
    requested: Iterable[RequestedGoods], lines: Iterable[GoodsLine], refusal: type[NotAmongLines]
) -> None:
    """Raise `refusal` for goods that no line has, naming an item whose SKU is spelled almost so."""
    among = {(each.line, each.sku) for each in lines}
    spellings = {fold_text(sku): sku for _, sku in among}
    for position, goods in enumerate(requested):
        spelling = spellings.get(fold_text(goods.sku))
        if spelling != goods.sku:
            remedy = f". Did you mean '{spelling}'?" if spelling else ""
            detail = f"line {position + 1}: {goods.sku} {refusal.reason}{remedy}"
            raise refusal(detail, field=f"lines/{position}/sku")
        if goods.line is not None and (goods.line, goods.sku) not in among:
            detail = f"line {position + 1}: {goods.sku} of order line {goods.line} {refusal.reason}"
            raise refusal(detail, field=f"lines/{position}/line")


def allocate_to_lines(
    requested: Sequence[RequestedGoods], lines: Sequence[GoodsLine], refusal: type[QuantityTooLarge]
) -> tuple[GoodsLine, ...]:
    """Return the requested goods as parts of the lines. Raises `refusal` where they exceed them.

    Goods for a given line come first; the others take the first lines of their item first.
    """
    of_item: dict[str, list[int]] = {}
    for place, lot in enumerate(lines):
        of_item.setdefault(lot.sku, []).append(place)
    left = [lot.quantity for lot in lines]
    for position, goods in sorted(enumerate(requested), key=lambda each: each[1].line is None):
        missing = goods.quantity
        for place in of_item.get(goods.sku, ()):
            part = min(missing, left[place]) if goods.line in (None, lines[place].line) else ZERO
            left[place] -= part
            missing -= part
        if missing:
            raise _excess(refusal, position, goods, goods.quantity - missing)
    taken = (GoodsLine(lot.line, lot.sku, lot.quantity - rest) for lot, rest in zip(lines, left, strict=True))
    return add_by_line((), (each for each in taken if each.quantity))


def _excess(refusal: type[QuantityTooLarge], position: int, goods: RequestedGoods, limit: Decimal) -> QuantityTooLarge:
    wanted = f"{plain_number(goods.quantity)} of {goods.sku}"
    on_line = "" if goods.line is None else f" on order line {goods.line}"
    detail = f"line {position + 1}: {wanted} exceeds {plain_number(limit)}{on_line}: {refusal.remedy}"
    return refusal(detail, field=f"lines/{position}/quantity")


def lines_as_type(lines: Iterable[AnyGoodsLine], line_class: Callable[[int, str, Decimal], L]) -> tuple[L, ...]:
    """Return goods lines as values of another class: from those of a published event, or to them."""
    return tuple(line_class(each.line, each.sku, each.quantity) for each in lines)


def subtract_by_line(lines: Iterable[GoodsLine], taken: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Return the lines less the quantities taken from them, line by line, without empty ones."""
    gone = {each.line: each.quantity for each in taken}
    return without_empty_lines(GoodsLine(each.line, each.sku, each.quantity - gone.get(each.line, 0)) for each in lines)


def without_empty_lines(lines: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Return the lines whose quantity is not zero."""
    return tuple(each for each in lines if each.quantity)


def add_by_line(lines: Iterable[GoodsLine], more: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Return the sum of both, line by line, sorted by line number."""
    together: dict[int, GoodsLine] = {}
    for each in [*lines, *more]:
        before = together[each.line].quantity if each.line in together else 0
        together[each.line] = GoodsLine(each.line, each.sku, each.quantity + before)
    return tuple(together[line] for line in sorted(together))


def excess_by_line(lines: Iterable[GoodsLine], others: Iterable[GoodsLine]) -> tuple[GoodsLine, ...]:
    """Return by how much each line exceeds the same line of the others."""
    other = {each.line: each.quantity for each in others}
    more = (GoodsLine(each.line, each.sku, each.quantity - other.get(each.line, 0)) for each in lines)
    return tuple(each for each in more if each.quantity > 0)


def total(lines: Iterable[GoodsLine]) -> Decimal:
    """Return the sum of the quantities of these lines."""
    return sum((each.quantity for each in lines), Decimal(0))


def group_lines_by_sku(lines: Iterable[GoodsLine]) -> dict[str, tuple[GoodsLine, ...]]:
    """Return the lines grouped by item, sorted by SKU, so that stock records are always changed in the same order."""
    groups: dict[str, tuple[GoodsLine, ...]] = {}
    for each in sorted(lines, key=lambda line: (line.sku, line.line)):
        groups[each.sku] = (*groups.get(each.sku, ()), each)
    return groups
