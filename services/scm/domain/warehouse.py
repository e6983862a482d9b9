"""Warehouse: a place where goods are kept."""

from shared.domain import Aggregate, event

WAREHOUSE_CODE = "warehouse.code"
WAREHOUSE_ORDINAL = "warehouse.ordinal"
"""Under these names a code, and a place in the order of registration, belong to one warehouse."""


class Warehouse(Aggregate):
    """A place by its code; its stock never goes below zero."""

    @event("Registered")
    def __init__(self, code: str, name: str, time_zone: str | None) -> None:
        self.code = code
        self.name = name
        self.time_zone = time_zone
