"""Timeline of a customer."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.crm.customers.projections import Customers
from services.crm.sales_orders.domain.sales_order import SalesOrder
from shared.fields import Code, SubjectId
from shared.money import Money
from shared.projections import Projection, Rows, on


class TimelineKind(StrEnum):
    """The kind of document that an entry of a timeline is about."""

    ORDER = "order"
    SHIPMENT = "shipment"
    INVOICE = "invoice"
    PAYMENT = "payment"


class Timeline(Projection):
    """Timeline of each customer: one row per event of its orders, shipments, invoices and payments.

    `event` and `position` identify the event in CRM's log, `cause` the command or the other service's event behind it.
    A row under an order's own id only stores the order's customer and number; no timeline contains it.
    """

    columns = {
        "customer_id": SubjectId, "sales_order_id": UUID, "kind": TimelineKind, "happened_on": date,
        "position": int,
    }  # fmt: skip
    extra_fields = {
        "what": str, "document_id": UUID, "number": Code, "amount": Money | None, "event": str, "cause": str,
    }  # fmt: skip
    owned_by = "customer_id", Customers

    @on(SalesOrder.Drafted)
    def drafted(self, drafted: SalesOrder.Drafted, rows: Rows) -> None:
        rows[drafted.originator_id] = {"buyer": drafted.customer_id, "number": drafted.number}
        _add_entry(rows, drafted, TimelineKind.ORDER, "drafted", drafted.meta.effective_on)

    @on(SalesOrder.Placed)
    def placed(self, placed: SalesOrder.Placed, rows: Rows) -> None:
        _add_entry(rows, placed, TimelineKind.ORDER, "placed", placed.ordered_on, amount=placed.total)

    @on(SalesOrder.Amended, SalesOrder.AmendmentAccepted)
    def amended(self, amended: Any, rows: Rows) -> None:
        _add_entry(rows, amended, TimelineKind.ORDER, "amended", amended.meta.effective_on)

    @on(SalesOrder.DraftCancelled, SalesOrder.Rejected, SalesOrder.CancellationGranted)
    def cancelled(self, cancelled: Any, rows: Rows) -> None:
        _add_entry(rows, cancelled, TimelineKind.ORDER, "cancelled", cancelled.meta.effective_on)

    @on(SalesOrder.Shipped)
    def shipped(self, shipped: SalesOrder.Shipped, rows: Rows) -> None:
        _add_entry(rows, shipped, TimelineKind.SHIPMENT, "dispatched", shipped.shipped_on, shipped.shipment_id)

    @on(SalesOrder.Invoiced)
    def invoiced(self, invoiced: SalesOrder.Invoiced, rows: Rows) -> None:
        _add_entry(
            rows, invoiced, TimelineKind.INVOICE, "posted", invoiced.invoiced_on, invoiced.invoice_id, invoiced.number,
            invoiced.total,
        )  # fmt: skip

    @on(SalesOrder.InvoiceSettlementChanged)
    def settled(self, settled: SalesOrder.InvoiceSettlementChanged, rows: Rows) -> None:
        what = "taken_back" if settled.amount.amount < 0 else "received"
        _add_entry(
            rows, settled, TimelineKind.PAYMENT, what, settled.changed_on, settled.settled_by, amount=settled.amount
        )

    @on(SalesOrder.InvoiceWrittenOff)
    def written_off(self, written_off: SalesOrder.InvoiceWrittenOff, rows: Rows) -> None:
        _add_entry(
            rows, written_off, TimelineKind.INVOICE, "written_off", written_off.written_off_on, written_off.invoice_id,
            amount=written_off.amount,
        )  # fmt: skip


def _add_entry(
    rows: Rows,
    event: Any,
    kind: TimelineKind,
    description: str,
    happened_on: date,
    document_id: UUID | None = None,
    number: str | None = None,
    amount: Money | None = None,
) -> None:
    order = rows[event.originator_id]
    rows[f"{event.position:012}"] = {
        "customer_id": order["buyer"],
        "sales_order_id": event.originator_id,
        "happened_on": happened_on,
        "kind": kind,
        "what": description,
        "document_id": document_id or event.originator_id,
        "number": number or order["number"],
        "amount": amount,
        "event": type(event).TOPIC,
        "position": event.position,
        "cause": event.meta.causation_id,
    }
