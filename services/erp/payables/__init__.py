"""Payables: supplier invoices, matched with purchase orders and receipts, and what is owed to suppliers."""

from services.erp.payables.api import payables_agings, supplier_invoices, uninvoiced_receipts
from services.erp.payables.commands import Payables
from services.erp.payables.policies import policies
from services.erp.payables.projections.goods_received_not_invoiced import UninvoicedReceipts
from services.erp.payables.projections.supplier_invoices import SupplierInvoices
from services.erp.payables.published import published
from services.erp.payables.settings import PayablesSettings
from shared.module import Module

module = Module(
    "payables",
    commands=Payables,
    policies=policies,
    published=published,
    projections=(SupplierInvoices, UninvoicedReceipts),
    resources=(supplier_invoices, payables_agings, uninvoiced_receipts),
    settings=PayablesSettings,
    requires=("entities", "parties", "ledger"),
)
