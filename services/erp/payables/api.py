"""Supplier invoices, what is owed to suppliers, and goods received not invoiced."""

from datetime import date
from uuid import UUID

from services.erp.ledger.api.queries import AsOfQuery, as_of_date, currency_of_query, reader_known_at
from services.erp.ledger.commands import WriteOffReason
from services.erp.ledger.projections.other_currencies import statement_shape
from services.erp.parties.projections import PartyNames, name_parties, with_names_of_parties
from services.erp.payables.commands import (
    DecideSupplierInvoice,
    Payables,
    RecordSupplierInvoice,
)
from services.erp.payables.projections.goods_received_not_invoiced import (
    UNINVOICED_ROW,
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.payables.projections.supplier_invoices import SupplierInvoices
from shared.money import Money
from shared.web import (
    Reply,
    Resource,
    accepts,
    commands_getter,
    created_reply,
    current_service,
    json_reply,
    resource_reply,
)

payables = commands_getter(Payables)

supplier_invoices = Resource("bills", SupplierInvoices)
payables_agings = Resource("payables-aging")
uninvoiced_receipts = Resource("goods-received-not-invoiced", UninvoicedReceipts, PartyNames)

UNINVOICED_STATEMENT = statement_shape(
    {"as_of": date}, with_names_of_parties(UNINVOICED_ROW, "supplier_id"), {"open_value": Money}
)


@supplier_invoices.post("")
@accepts(RecordSupplierInvoice)
def record_supplier_invoice(body: RecordSupplierInvoice) -> Reply:
    """Record a supplier invoice, matched or blocked. 201 with the invoice; 409 if its number is already recorded."""
    return created_reply(SupplierInvoices, payables().record_invoice(body))


@supplier_invoices.post("/<uuid:bill_id>/release")
@accepts(DecideSupplierInvoice)
def release_supplier_invoice(bill_id: UUID, body: DecideSupplierInvoice) -> Reply:
    """Accept a blocked invoice as owed. 200 with the invoice; 403 for its recorder, 409 unless it is blocked."""
    return resource_reply(SupplierInvoices, payables().release_invoice(bill_id, body.reason))


@supplier_invoices.post("/<uuid:bill_id>/reject", danger=True)
@accepts(DecideSupplierInvoice)
def reject_supplier_invoice(bill_id: UUID, body: DecideSupplierInvoice) -> Reply:
    """Reject a blocked invoice. 200 with the invoice; 409 unless it is blocked."""
    return resource_reply(SupplierInvoices, payables().reject_invoice(bill_id, body.reason))


@supplier_invoices.post("/<uuid:bill_id>/write-off", undo="reverse-write-off")
@accepts(WriteOffReason)
def write_off_supplier_invoice(bill_id: UUID, body: WriteOffReason) -> Reply:
    """Write off the open amount. 200 with the invoice; 409 above the write-off limit, or if nothing is payable."""
    return resource_reply(SupplierInvoices, payables().write_off_invoice(bill_id, body.reason))


@supplier_invoices.post("/<uuid:bill_id>/reverse-write-off")
@accepts(WriteOffReason)
def reverse_supplier_invoice_write_off(bill_id: UUID, body: WriteOffReason) -> Reply:
    """Reverse what was written off: it is open again. 200 with the invoice; 409 if nothing is written off."""
    return resource_reply(SupplierInvoices, payables().reverse_write_off(bill_id, body.reason))


@uninvoiced_receipts.get("", answers=UNINVOICED_STATEMENT)
@accepts(AsOfQuery)
def show_uninvoiced_receipts(query: AsOfQuery) -> Reply:
    """Return goods received not invoiced, or invoiced before receipt, by order line as of a day (none = today)."""
    lines = reader_known_at(UninvoicedReceipts, query)
    statement = goods_received_not_invoiced(lines, as_of_date(query), currency_of_query(query))
    return json_reply(name_parties(statement, "supplier_id", current_service().reader_for(PartyNames)))
