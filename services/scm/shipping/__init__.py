"""Shipping: the carriers, and the shipments that contain what is reserved for an order."""

from services.scm.shipping.api import carriers, shipments
from services.scm.shipping.commands import CarrierCommands
from services.scm.shipping.projections import Carriers, Shipments
from services.scm.shipping.published import published
from shared.module import Module

module = Module(
    "shipping",
    commands=CarrierCommands,
    published=published,
    projections=(Carriers, Shipments),
    resources=(carriers, shipments),
    requires=("items",),
)
