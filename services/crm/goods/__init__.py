"""Goods: the items and warehouses that sales orders may name, as SCM published them."""

from services.crm.goods.policies import policies
from shared.module import Module

module = Module("goods", policies=policies)
