"""Replenishment: what will arrive of each item, and the requests to buy what falls below its reorder point."""

from services.scm.replenishment import api as api
from services.scm.replenishment.commands import Replenishment
from services.scm.replenishment.policies import policies
from services.scm.replenishment.published import published
from shared.module import Module

module = Module(
    "replenishment",
    commands=Replenishment,
    policies=policies,
    published=published,
    requires=("items", "warehousing"),
)
