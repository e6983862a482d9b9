"""Events of ERP: legal entities, credit, invoices and payments.

One file for each module that publishes; consumers import the package: `from shared.contracts import erp`.
"""

from shared.contracts.erp.entities import LegalEntityRegistered, LegalEntityRevised
from shared.contracts.erp.payables import SupplierInvoiceLine, SupplierInvoicePosted, SupplierInvoiceSettlementChanged
from shared.contracts.erp.receivables import (
    CreditApproved,
    CreditHeld,
    InvoiceLine,
    InvoicePosted,
    InvoiceSettlementChanged,
    InvoiceWriteOffReversed,
    InvoiceWrittenOff,
)

__all__ = [
    "CreditApproved",
    "CreditHeld",
    "InvoiceLine",
    "InvoicePosted",
    "InvoiceSettlementChanged",
    "InvoiceWriteOffReversed",
    "InvoiceWrittenOff",
    "LegalEntityRegistered",
    "LegalEntityRevised",
    "SupplierInvoiceLine",
    "SupplierInvoicePosted",
    "SupplierInvoiceSettlementChanged",
]
