"""What ERP can report."""

from services.erp.reports.credit_accounts import CreditAccounts
from services.erp.reports.goods_received_not_invoiced import OpenReceipts
from services.erp.reports.invoices import Invoices
from services.erp.reports.journal import Journal
from services.erp.reports.payables_aging import OpenBills
from services.erp.reports.payments import Payments
from services.erp.reports.periods import Periods
from services.erp.reports.receivables_aging import OpenItems
from services.erp.reports.stock_values import StockDays, StockPlaces
from services.erp.reports.supplier_invoices import Bills
from services.erp.reports.turnovers import Turnovers

reports = (
    Invoices, Bills, Payments, CreditAccounts, Journal, Turnovers, StockPlaces, StockDays, OpenItems, OpenBills,
    OpenReceipts, Periods,
)  # fmt: skip

__all__ = [
    "Bills",
    "CreditAccounts",
    "Invoices",
    "Journal",
    "OpenBills",
    "OpenItems",
    "OpenReceipts",
    "Payments",
    "Periods",
    "StockDays",
    "StockPlaces",
    "Turnovers",
    "reports",
]
