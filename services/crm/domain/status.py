"""Where an order stands."""

from enum import StrEnum


class Status(StrEnum):
    """The furthest step of an order that was heard."""

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


STOPPABLE = (
    Status.PLACED, Status.HELD, Status.APPROVED, Status.RESERVED, Status.BACKORDERED, Status.PARTLY_SHIPPED,
    Status.AMENDING,
)  # fmt: skip
"""As far as CRM has heard, not everything has left: the order may still be amended or stopped."""
