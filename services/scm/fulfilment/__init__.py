"""Fulfilment: reserves goods for sales orders, follows their amendments and cancellations, and dispatches them."""

from services.scm.fulfilment import api as api
from services.scm.fulfilment.commands import Fulfilments
from services.scm.fulfilment.policies import policies
from services.scm.fulfilment.published import published
from services.scm.fulfilment.settings import FulfilmentSettings
from shared.module import Module

module = Module(
    "fulfilment",
    commands=Fulfilments,
    policies=policies,
    published=published,
    settings=FulfilmentSettings,
    requires=("items", "warehousing", "replenishment", "shipping"),
)
