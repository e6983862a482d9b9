"""Reactions to events of SCM: which items and warehouses there are."""

from services.crm.goods.domain.kinds import ITEM, WAREHOUSE
from shared.contracts import scm
from shared.policies import Policies
from shared.received_records import keep_records

policies = Policies()
policies.when(scm.ItemChanged)(keep_records(ITEM, key="sku"))
policies.when(scm.WarehouseChanged)(keep_records(WAREHOUSE, key="code"))
