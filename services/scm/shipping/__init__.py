"""Shipping: the carriers, and the shipments that contain what is reserved for an order."""

from services.scm.shipping.api import shipments
from services.scm.shipping.master_data import carriers
from services.scm.shipping.projections import Shipments
from services.scm.shipping.published import published
from shared.module import Module

module = Module(
    "shipping",
    published=published,
    projections=(Shipments,),
    resources=(shipments,),
    master_data=(carriers,),
    requires=("items",),
)
