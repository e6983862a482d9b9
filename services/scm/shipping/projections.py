"""Projection of shipments."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.scm.items.projections import LINE_COLUMNS, format_goods_lines
from services.scm.shipping.domain.shipment import DispatchDetails, Shipment, Status
from shared.fields import Code, SubjectId
from shared.fields.rows import columns_of, extra_fields_of, row_of
from shared.projections import ResourceProjection


class Shipments(ResourceProjection):
    """All shipments; `line` is the line number of the sales order."""

    aggregate_class = Shipment
    columns = {
        "sales_order_id": UUID, "customer_id": SubjectId, "warehouse": Code, "status": Status, "ordinal": int,
        "dispatched_on": date | None, "at": datetime | None, **columns_of(DispatchDetails),
    }  # fmt: skip
    search = ("tracking",)
    extra_fields = {**extra_fields_of(DispatchDetails), "lines": LINE_COLUMNS}

    @staticmethod
    def to_row(shipment: Shipment) -> dict[str, Any]:
        return {
            "sales_order_id": shipment.order_id,
            "customer_id": shipment.customer_id,
            "warehouse": shipment.warehouse,
            "status": shipment.status,
            "ordinal": shipment.ordinal,
            "dispatched_on": shipment.dispatched_on,
            "at": shipment.at,
            **row_of(shipment.details),
            "lines": format_goods_lines(shipment.lines),
        }
