"""Shipments."""

from services.scm.shipping.projections import Shipments
from shared.web import Resource

shipments = Resource("shipments", Shipments)
