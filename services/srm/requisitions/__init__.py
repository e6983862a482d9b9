"""Requisitions: the purchase requests that SCM raises, followed until their goods arrive."""

from services.srm.requisitions.policies import policies
from services.srm.requisitions.projections import PurchaseRequests
from services.srm.requisitions.published import published
from shared.module import Module

module = Module("requisitions", policies=policies, published=published, projections=(PurchaseRequests,))
