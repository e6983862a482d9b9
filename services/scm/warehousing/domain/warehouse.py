"""Warehouse: a place where goods are stored."""

from shared.domain import Aggregate, event

WAREHOUSE_CODE = "warehouse.code"
WAREHOUSE_ORDINAL = "warehouse.ordinal"
"""Namespaces in which a code, and a position in the order of registration, identify one warehouse."""


class Warehouse(Aggregate):
    """A warehouse identified by its code; its stock is never negative."""

    @event("Registered")
    def __init__(self, code: str, name: str, time_zone: str | None) -> None:
        self.code = code
        self.name = name
        self.time_zone = time_zone
