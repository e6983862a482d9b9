"""Events that opening stock publishes to the other services."""

from services.scm.opening_stock.domain.opening_stock import OpeningStock
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(OpeningStock.Recorded)
def opening_stock_recorded(recorded: OpeningStock.Recorded, opening: OpeningStock) -> scm.OpeningStockRecorded:
    """Publish the goods that were there before all movements of a day, and their value."""
    return scm.OpeningStockRecorded(opening.id, recorded.warehouse, recorded.opened_on, _goods(opening))


@published.after(OpeningStock.Reversed)
def opening_stock_reversed(reversed_: OpeningStock.Reversed, opening: OpeningStock) -> scm.OpeningStockReversed:
    """Publish that an opening stock was reversed, and why."""
    return scm.OpeningStockReversed(opening.id, opening.warehouse, opening.opened_on, _goods(opening), reversed_.reason)


def _goods(opening: OpeningStock) -> tuple[scm.OpeningGoods, ...]:
    return tuple(scm.OpeningGoods(each.sku, each.quantity, each.value) for each in opening.lines)
