"""Status of a sales order."""

from enum import StrEnum


class Status(StrEnum):
    """Status of a sales order: the furthest step it has reached, or the change it waits for."""

    DRAFT = "draft"
    PLACED = "placed"
    HELD = "held"
    APPROVED = "approved"
    RESERVED = "reserved"
    BACKORDERED = "backordered"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    INVOICED = "invoiced"
    PAID = "paid"
    AMENDING = "amending"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


CANCELLABLE = (
    Status.PLACED, Status.HELD, Status.APPROVED, Status.RESERVED, Status.BACKORDERED, Status.PARTLY_SHIPPED,
    Status.AMENDING,
)  # fmt: skip
"""Statuses in which goods may still be unshipped, so that the order can be amended or cancelled."""
