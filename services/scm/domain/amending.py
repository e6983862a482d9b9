"""How an order becomes another one: what is not wanted any more is free, what is wanted more is held or waited for."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.scm.domain.fulfilment import Fulfilment, Status
from services.scm.domain.goods import BackorderAllocation, GoodsLine, beyond, by_sku, minus, total
from services.scm.domain.order import Amendment, Order
from services.scm.domain.replenishment import replenish
from services.scm.domain.reservation import hold_the_goods, not_registered, open_shipment, pack, share_out
from services.scm.domain.stock_item import StockItem
from shared.domain import Aggregate, Find


def go_on(fulfilment: Fulfilment, find: Find) -> Iterator[Aggregate]:
    """Hold the goods, or amend the order, if that is due now."""
    yield from hold_the_goods(fulfilment, find)
    amendment = fulfilment.due_amendment
    if amendment is not None and fulfilment.status == Status.WAITING:
        fulfilment.amend(amendment)
        yield from hold_the_goods(fulfilment, find)
    elif amendment is not None:
        yield from _change(fulfilment, amendment, find)


def _change(fulfilment: Fulfilment, amendment: Amendment, find: Find) -> Iterator[Aggregate]:
    if unknown := not_registered((each.sku for each in amendment.lines), find):
        return fulfilment.refuse_amendment(f"unknown item {unknown[0]}")
    if not fulfilment.order.backorder_allowed and (short := list(_short(fulfilment, amendment, find))):
        return fulfilment.refuse_amendment(f"not enough {short[0]}")
    yield from _exchange(fulfilment, amendment, find)


def _short(fulfilment: Fulfilment, amendment: Amendment, find: Find) -> Iterator[str]:
    """Of which items there is less than the order would want then."""
    for sku, lines in by_sku(minus(amendment.lines, fulfilment.shipped)).items():
        stock = find.maybe(StockItem, StockItem.create_id(sku, fulfilment.warehouse))
        held = total(each for each in fulfilment.held if each.sku == sku)
        if total(lines) > held + (stock.available if stock else 0):
            yield sku


def _exchange(fulfilment: Fulfilment, amendment: Amendment, find: Find) -> Iterator[Aggregate]:
    lacked, shipment = fulfilment.lacking, open_shipment(fulfilment, find)
    swap = _swapped(fulfilment, amendment, find)
    yield from swap.stocks
    fulfilment.amend(amendment, tuple(swap.released))
    if shipment is not None:
        shipment.take_out(tuple(swap.released), whole=not fulfilment.unshipped)
        yield shipment
    if swap.taken:
        fulfilment.hold_more(tuple(swap.taken))
        yield pack(fulfilment, tuple(swap.taken), find)
    if missing := beyond(fulfilment.lacking, lacked):
        fulfilment.lack(missing)
    yield from share_out(swap.shares, find)
    for each in swap.stocks:
        yield from replenish(each, find, fulfilment)


@dataclass
class Swap:
    """What changed hands in the warehouse: given up by the order, taken by it, and served to others from the rest."""

    stocks: list[StockItem] = field(default_factory=list)
    released: list[GoodsLine] = field(default_factory=list)
    taken: list[GoodsLine] = field(default_factory=list)
    shares: list[BackorderAllocation] = field(default_factory=list)


def _swapped(fulfilment: Fulfilment, amendment: Amendment, find: Find) -> Swap:
    swap, amended = Swap(), replace(fulfilment.order, lines=amendment.lines, required_on=amendment.required_on)
    for sku, lines in by_sku(_wanted_otherwise(fulfilment, amended)).items():
        stock = find(StockItem, sku=sku, warehouse=fulfilment.warehouse)
        released, taken = stock.exchange(fulfilment.order_id, lines, amended.promised_on, amended.ordered_on)
        swap.stocks.append(stock)
        swap.released += released
        swap.taken += taken
        swap.shares += stock.serve()
    return swap


def _wanted_otherwise(fulfilment: Fulfilment, amended: Order) -> Iterator[GoodsLine]:
    """What of each line is still to leave, where that or its turn is another than before; 0 for what is gone."""
    before = {each.line: each for each in fulfilment.unshipped}
    after = {each.line: each for each in minus(amended.lines, fulfilment.shipped)}
    turn_changes = amended.promised_on != fulfilment.order.promised_on
    for line, each in (before | after).items():
        if turn_changes or before.get(line) != after.get(line):
            yield after.get(line) or GoodsLine(line, each.sku, Decimal(0))
