"""Reactions to events of SCM: which items, units and warehouses there are."""

from services.srm.goods.domain.kinds import ITEM, UNIT, WAREHOUSE
from shared.contracts import scm
from shared.policies import Policies
from shared.received_records import keep_records

policies = Policies()
policies.when(scm.ItemChanged)(keep_records(ITEM, "sku", "unit"))
policies.when(scm.UnitChanged)(keep_records(UNIT, "code", "decimals"))
policies.when(scm.WarehouseChanged)(keep_records(WAREHOUSE, "code"))
