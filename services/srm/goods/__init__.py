"""Goods: the items and warehouses that purchase orders and catalogues may name, as SCM published them."""

from services.srm.goods.policies import policies
from shared.module import Module

module = Module("goods", policies=policies)
