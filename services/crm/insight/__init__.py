"""Insight: what happened in the business of a customer, read from the events of other modules."""

from services.crm.insight.api import timelines
from services.crm.insight.projections import Timeline
from shared.module import Module

module = Module(
    "insight",
    projections=(Timeline,),
    resources=(timelines,),
    requires=("customers", "sales_orders"),
)
