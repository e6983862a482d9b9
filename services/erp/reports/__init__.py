"""What ERP can report."""

from services.erp.reports.credit_accounts import CreditAccounts
from services.erp.reports.invoices import Invoices
from services.erp.reports.journal import Journal
from services.erp.reports.payments import Payments
from services.erp.reports.periods import Periods
from services.erp.reports.receivables_aging import OpenItems
from services.erp.reports.stock_values import StockDays, StockPlaces
from services.erp.reports.turnovers import Turnovers

reports = (Invoices, Payments, CreditAccounts, Journal, Turnovers, StockPlaces, StockDays, OpenItems, Periods)

__all__ = [
    "CreditAccounts",
    "Invoices",
    "Journal",
    "OpenItems",
    "Payments",
    "Periods",
    "StockDays",
    "StockPlaces",
    "Turnovers",
    "reports",
]
