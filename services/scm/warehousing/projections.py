"""Projection of warehouses."""

from typing import Any

from services.scm.warehousing.domain.warehouse import Warehouse
from shared.projections import ResourceProjection


class Warehouses(ResourceProjection):
    """All warehouses; stock is never negative."""

    aggregate_class = Warehouse
    columns = {"code": str, "name": str, "time_zone": str}
    search = ("code", "name")
    extra_fields = {"negative_stock": bool}

    @staticmethod
    def to_row(warehouse: Warehouse) -> dict[str, Any]:
        return {
            "code": warehouse.code,
            "name": warehouse.name,
            "time_zone": warehouse.time_zone,
            "negative_stock": False,
        }
