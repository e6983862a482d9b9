"""Settlement: payments, open items booked by hand, and the documents that both settle."""

from services.erp.settlement.api import manual_entries as manual_entries
from services.erp.settlement.api.agings import receivables_agings
from services.erp.settlement.api.open_items import open_items
from services.erp.settlement.api.payments import payments
from services.erp.settlement.commands import Settlement
from services.erp.settlement.projections.open_items import OpenItems
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.payments import Payments
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.module import Module

module = Module(
    "settlement",
    commands=Settlement,
    projections=(Payments, OpenItems, OpenReceivables, OpenPayables),
    resources=(payments, open_items, receivables_agings),
    requires=("entities", "parties", "ledger", "payables", "receivables"),
)
