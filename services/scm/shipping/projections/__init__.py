"""Projections of shipping."""

from services.scm.shipping.projections.carriers import Carriers
from services.scm.shipping.projections.shipments import Shipments

__all__ = ["Carriers", "Shipments"]
