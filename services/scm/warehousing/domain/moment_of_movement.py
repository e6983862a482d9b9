"""The moment of a new stock movement, as its request gives it in days and instants of the warehouse."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.stock_moment import StockMoment
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.domain import InvalidInput, UnitOfWork


def moment_of_movement(
    warehouse: Warehouse, day: date | None, at: datetime | None, skus: Iterable[str], uow: UnitOfWork, *, field: str
) -> StockMoment:
    """Return the moment of a new movement of these items: `at`, else now if the day is today, else the day's last.

    Days are those of the warehouse. Raises InvalidInput if `at`, or the day in `field`, is in the future, or if `at` is
    not on the given day: goods that have not moved yet are not there, and not gone.
    """
    now = _present(warehouse, skus, uow)
    if at is not None:
        return StockMoment(_day_of_instant(warehouse, day, at, now, uow), at)
    today = warehouse.local_date(now, uow.firm)
    on = day or today
    if on > today:
        raise InvalidInput(f"must not be in the future: it is {today} in warehouse {warehouse.key}", field=field)
    return StockMoment(on, now if on == today else warehouse.last_instant_of(on, uow.firm))


def _day_of_instant(warehouse: Warehouse, day: date | None, at: datetime, now: datetime, uow: UnitOfWork) -> date:
    if at > now:
        raise InvalidInput("must not be in the future", field="at")
    on = warehouse.local_date(at, uow.firm)
    if day not in (None, on):
        raise InvalidInput(f"is on {on} in warehouse {warehouse.key}, not on {day}: give one of both", field="at")
    return on


def _present(warehouse: Warehouse, skus: Iterable[str], uow: UnitOfWork) -> datetime:
    """Return the present, never before what is recorded of these items: clocks of processes differ."""
    known = (uow.load(StockItem, StockItem.create_id(sku, warehouse.key)) for sku in skus)
    return max([datetime.now(UTC), *(each.modified_on for each in known if each is not None)])
