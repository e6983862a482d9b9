"""Settlement: payments received and made, and the documents they settle."""

from services.erp.settlement.api import payments, receivables_agings
from services.erp.settlement.commands import PaymentCommands
from services.erp.settlement.projections.payments import Payments
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from shared.module import Module

module = Module(
    "settlement",
    commands=PaymentCommands,
    projections=(Payments, OpenReceivables),
    resources=(payments, receivables_agings),
    requires=("entities", "ledger", "payables", "receivables"),
)
