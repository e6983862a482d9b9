"""Read models of ERP."""

from services.erp.projections.credit_accounts import CreditAccounts
from services.erp.projections.goods_received_not_invoiced import UninvoicedReceipts
from services.erp.projections.invoices import Invoices
from services.erp.projections.journal import Journal
from services.erp.projections.payables_aging import OpenSupplierInvoices
from services.erp.projections.payments import Payments
from services.erp.projections.periods import Periods
from services.erp.projections.receivables_aging import OpenReceivables
from services.erp.projections.stock_values import StockValueChanges, StockValueItems
from services.erp.projections.supplier_invoices import SupplierInvoices
from services.erp.projections.turnovers import Turnovers

reports = (
    Invoices, SupplierInvoices, Payments, CreditAccounts, Journal, Turnovers, StockValueItems, StockValueChanges,
    OpenReceivables, OpenSupplierInvoices,
    UninvoicedReceipts, Periods,
)  # fmt: skip

__all__ = [
    "CreditAccounts",
    "Invoices",
    "Journal",
    "OpenReceivables",
    "OpenSupplierInvoices",
    "Payments",
    "Periods",
    "StockValueChanges",
    "StockValueItems",
    "SupplierInvoices",
    "Turnovers",
    "UninvoicedReceipts",
    "reports",
]
