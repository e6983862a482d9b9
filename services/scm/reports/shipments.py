"""What leaves the warehouses, and what has left."""

from datetime import date
from typing import Any
from uuid import UUID

from services.scm.domain.shipment import Shipment
from services.scm.reports.lines import LINES, lines_in
from shared.report import Collection


class Shipments(Collection):
    """All shipments; `line` as in the sales order."""

    of = Shipment
    columns = {
        "sales_order_id": UUID, "customer_id": UUID, "warehouse": str, "status": str, "ordinal": int,
        "dispatched_on": date, "carrier": str, "tracking": str,
    }  # fmt: skip
    search = ("tracking",)
    shows = {"lines": LINES}

    @staticmethod
    def row(shipment: Shipment) -> dict[str, Any]:
        departure = shipment.departure
        return {
            "sales_order_id": shipment.order_id,
            "customer_id": shipment.customer_id,
            "warehouse": shipment.warehouse,
            "status": shipment.status,
            "ordinal": shipment.ordinal,
            "dispatched_on": departure and departure.dispatched_on,
            "carrier": departure and departure.carrier,
            "tracking": departure and departure.tracking,
            "lines": lines_in(shipment.lines),
        }
