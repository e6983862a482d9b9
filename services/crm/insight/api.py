"""Timelines of customers."""

from services.crm.customers.projections import Customers
from services.crm.insight.projections import Timeline
from shared.web import Resource

timelines = Resource("customers", name="timelines")
timelines.add_list("/<uuid:customer_id>/timeline", Timeline, within=Customers)
