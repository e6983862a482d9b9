"""Warehouse: a place where goods are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Annotated

from shared.domain import Firm, MasterRecord, TimeZonePeriod, UnitOfWork
from shared.domain.firm import LAST_MOMENT, start_of_day
from shared.fields import Code, Text, TimeZone, limits

WAREHOUSE_ORDINAL = "warehouse.ordinal"
"""Namespace in which a position in the order of registration identifies one warehouse."""


@dataclass(frozen=True, kw_only=True)
class WarehouseEntry:
    """A place where goods are stored, and the time zone of its days, by default the firm's. Stock is never negative."""

    code: Code
    name: Text
    time_zone: TimeZone | None = None
    negative_stock: Annotated[bool, limits(only=False)] = False


class Warehouse(MasterRecord[WarehouseEntry], key="code"):
    """A warehouse identified by its code. A deactivated one gets no new goods; what it has is shipped and counted."""

    def local_date(self, moment: datetime, firm: Firm) -> date:
        """Return the date of a moment in the warehouse."""
        zone = self.entry.time_zone
        return TimeZonePeriod(zone).local_date(moment) if zone else firm.date_of(moment)

    def last_instant_of(self, day: date, firm: Firm) -> datetime:
        """Return the last instant of a day in the warehouse."""
        zone = self.entry.time_zone or firm.time_zone_at(start_of_day("UTC", day))
        return start_of_day(zone, day + timedelta(days=1)) - LAST_MOMENT


def active_warehouses(uow: UnitOfWork) -> Iterator[Warehouse]:
    """Yield the active warehouses in the order of their registration."""
    for ordinal in count(1):
        warehouse_id = uow.get_unique_owner(WAREHOUSE_ORDINAL, str(ordinal))
        warehouse = uow.load(Warehouse, warehouse_id) if warehouse_id else None
        if warehouse is None:
            return
        if warehouse.is_active:
            yield warehouse
