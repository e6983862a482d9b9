"""Receivables: credit of customers, invoices for dispatched goods and write-offs."""

from services.erp.receivables.api import credit_accounts, invoices
from services.erp.receivables.commands import Receivables
from services.erp.receivables.policies import policies
from services.erp.receivables.projections.credit_accounts import CreditAccounts
from services.erp.receivables.projections.invoices import Invoices
from services.erp.receivables.published import published
from services.erp.receivables.settings import ReceivablesSettings
from shared.module import Module

module = Module(
    "receivables",
    commands=Receivables,
    policies=policies,
    published=published,
    projections=(Invoices, CreditAccounts),
    resources=(invoices, credit_accounts),
    settings=ReceivablesSettings,
    requires=("entities", "ledger"),
)
