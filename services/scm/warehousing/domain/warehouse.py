"""Warehouse: a place where goods are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Annotated

from shared.domain import MasterRecord, UnitOfWork
from shared.fields import Code, Text, TimeZone, limits

WAREHOUSE_ORDINAL = "warehouse.ordinal"
"""Namespace in which a position in the order of registration identifies one warehouse."""


@dataclass(frozen=True, kw_only=True)
class WarehouseEntry:
    """A place where goods are stored, with its time zone; its days are those of the firm. Stock is never negative."""

    code: Code
    name: Text
    time_zone: TimeZone | None = None
    negative_stock: Annotated[bool, limits(only=False)] = False


class Warehouse(MasterRecord[WarehouseEntry], key="code"):
    """A warehouse identified by its code. A deactivated one gets no new goods; what it has is shipped and counted."""


def active_warehouses(uow: UnitOfWork) -> Iterator[Warehouse]:
    """Yield the active warehouses in the order of their registration."""
    for ordinal in count(1):
        warehouse_id = uow.get_unique_owner(WAREHOUSE_ORDINAL, str(ordinal))
        warehouse = uow.load(Warehouse, warehouse_id) if warehouse_id else None
        if warehouse is None:
            return
        if warehouse.is_active:
            yield warehouse
