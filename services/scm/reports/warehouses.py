"""Where goods are kept."""

from typing import Any

from services.scm.domain.warehouse import Warehouse
from shared.report import Collection


class Warehouses(Collection):
    """All warehouses; stock goes below zero in none."""

    of = Warehouse
    columns = {"code": str, "name": str, "time_zone": str}
    search = ("code", "name")
    shows = {"negative_stock": bool}

    @staticmethod
    def row(warehouse: Warehouse) -> dict[str, Any]:
        return {
            "code": warehouse.code,
            "name": warehouse.name,
            "time_zone": warehouse.time_zone,
            "negative_stock": False,
        }
