"""One good example of every aggregate of ERP and of every event that it receives."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from services.erp.entities.domain.chart_of_accounts import chart_from_template
from services.erp.payables.commands import RecordSupplierInvoice
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.line_match import AgreedLine
from services.erp.payables.domain.supplier_invoice import SupplierInvoice, SupplierInvoiceLine
from services.erp.receivables.domain.invoice import Invoice, InvoiceLine, InvoiceTerms
from services.erp.receivables.domain.invoice_number import InvoiceNumber
from services.erp.receivables.domain.order_terms import DispatchedLine, DispatchedShipment, OrderedLine, OrderTerms
from services.erp.receivables.domain.sales_order_invoicing import SalesOrderInvoicing
from services.erp.service import Erp
from services.erp.settlement.commands.payments import RecordPayment
from services.erp.settlement.domain.open_item import OpenItem
from services.erp.settlement.domain.payment import Allocation, Direction, Payment
from shared import codec
from shared.command_context import Caller
from shared.contracts import crm, scm, srm
from shared.money import Money, UnitPrice, line_net_amount
from shared.testing import end_of, given
from shared.testing.services import deliver, open_service, published_events

T = TypeVar("T")

CHART = chart_from_template("trading")
CUSTOMER, SUPPLIER = UUID(int=0xC), UUID(int=0x5)
MARCH_1, MARCH_5, MARCH_9 = date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 9)
ORDERED_ON = date(1996, 1, 1)
"""The day of purchases that any document of these tests may follow."""


def price_usd(amount: str | int) -> UnitPrice:
    return UnitPrice(amount, "USD")


def usd(amount: str | int) -> Money:
    return Money(amount, "USD")


# -- aggregates


def order_line(line: int, quantity: str, price: str, discount: str = "0") -> OrderedLine:
    return OrderedLine(line, f"SKU-{line}", Decimal(quantity), price_usd(price), Decimal(discount))


def an_order_invoicing(*lines: OrderedLine, freight: str = "0") -> SalesOrderInvoicing:
    return given(SalesOrderInvoicing(uuid4(), OrderTerms(CUSTOMER, 30, lines, usd(freight))))


def dispatch(**quantities: str) -> DispatchedShipment:
    """`dispatch(line_1="4")`: a new shipment of these quantities."""
    lines = (DispatchedLine(int(name.removeprefix("line_")), Decimal(each)) for name, each in quantities.items())
    return DispatchedShipment(uuid4(), MARCH_5, tuple(lines))


def an_invoice(total: str = "100.00", currency: str = "USD") -> Invoice:
    price = Money(total, currency)
    line = InvoiceLine(1, "BOLT-M8", Decimal(1), UnitPrice(total, currency), Decimal(0), price)
    return given(
        Invoice.post(
            InvoiceNumber("invoices", "1"),
            InvoiceTerms(CUSTOMER, uuid4(), 30),
            uuid4(),
            MARCH_5,
            [line],
            Money.zero(currency),
        )
    )


def invoice_lines(*lines: tuple[str, str, str], currency: str = "USD") -> tuple[SupplierInvoiceLine, ...]:
    """`invoice_lines(("CHAI", "10", "12.00"))`: sku, quantity, price."""
    return tuple(
        SupplierInvoiceLine(sku, Decimal(quantity), UnitPrice(price, currency)) for sku, quantity, price in lines
    )


def a_supplier_invoice(*lines: tuple[str, str, str], number: str = "RE-1", by: str = "margaret") -> SupplierInvoice:
    return given(
        SupplierInvoice.record(
            MARCH_5, 30, invoice_lines(*lines or [("CHAI", "10", "12.00")]),
            supplier_id=SUPPLIER, number=number, purchase_order_id=uuid4(), recorded_by=by,
        )
    )  # fmt: skip


def an_invoice_matching(*lines: tuple[str, str]) -> InvoiceMatching:
    """`an_invoice_matching(("CHAI", "12.00"))`: sku, agreed price."""
    agreed = tuple(AgreedLine(number, sku, price_usd(price)) for number, (sku, price) in enumerate(lines, 1))
    return given(InvoiceMatching(uuid4(), "PO-1", SUPPLIER, "USD", MARCH_1, agreed))


# -- events of the other services


def a_customer(limit: str | None = None, customer_id: UUID = CUSTOMER) -> crm.CustomerRegistered:
    return crm.CustomerRegistered(customer_id, "ALFKI", "USD", 30, usd(limit) if limit else None)


def a_supplier(supplier_id: UUID = SUPPLIER) -> srm.SupplierRegistered:
    return srm.SupplierRegistered(supplier_id, "MILL", "USD", 30)


def an_order(*lines: tuple[str, str, str], freight: str = "0", **known: Any) -> crm.SalesOrderPlaced:
    """`an_order(("CHAI", "10", "18.00"))`: sku, quantity, price."""
    parts = tuple(
        crm.OrderLine(number, sku, Decimal(quantity), price_usd(price), known.get("discount", Decimal(0)))
        for number, (sku, quantity, price) in enumerate(lines, 1)
    )
    net = Money.sum((line_net_amount(each.quantity, each.unit_price, each.discount_percent) for each in parts), "USD")
    return crm.SalesOrderPlaced(
        order_id=uuid4(), number="SO-1", customer_id=known.get("customer_id", CUSTOMER), currency="USD",
        ordered_on=MARCH_1, required_on=None, warehouse="MAIN", backorder="allow", payment_terms_days=30,
        lines=parts, freight=usd(freight), total=net + usd(freight),
    )  # fmt: skip


def a_shipment(
    order: crm.SalesOrderPlaced, *quantities: str, on: date = MARCH_5, at: datetime | None = None
) -> scm.ShipmentDispatched:
    """The first lines of the order in these quantities; all goods if none are given."""
    sent = [Decimal(each) for each in quantities] or [each.quantity for each in order.lines]
    lines = tuple(
        scm.GoodsLine(x.line, x.sku, quantity) for x, quantity in zip(order.lines, sent, strict=False) if quantity
    )
    return scm.ShipmentDispatched(
        uuid4(),
        order.order_id,
        order.customer_id,
        "MAIN",
        on,
        at or end_of(on),
        None,
        None,
        lines,
        order_complete=not quantities,
    )


def a_purchase(*lines: tuple[str, str, str], currency: str = "USD") -> srm.PurchaseOrderSent:
    parts = tuple(
        srm.PurchaseLine(number, sku, Decimal(quantity), UnitPrice(price, currency))
        for number, (sku, quantity, price) in enumerate(lines, 1)
    )
    return srm.PurchaseOrderSent(uuid4(), "PO-1", SUPPLIER, currency, ORDERED_ON, None, "MAIN", parts)


def a_receipt(
    purchase: srm.PurchaseOrderSent, *quantities: str, on: date = MARCH_1, at: datetime | None = None
) -> scm.GoodsReceived:
    """The first lines of the purchase order in these quantities; all goods if none are given."""
    arrived = [Decimal(each) for each in quantities] or [each.quantity for each in purchase.lines]
    lines = tuple(scm.GoodsLine(x.line, x.sku, quantity) for x, quantity in zip(purchase.lines, arrived, strict=False))
    return scm.GoodsReceived(uuid4(), purchase.purchase_order_id, "MAIN", on, at or end_of(on), lines)


def a_receipt_reversed(receipt: scm.GoodsReceived) -> scm.GoodsReceiptReversed:
    return scm.GoodsReceiptReversed(
        receipt.receipt_id, receipt.purchase_order_id, receipt.warehouse, receipt.received_on, receipt.lines, "mistyped"
    )


def a_revision(
    purchase: srm.PurchaseOrderSent, *prices: str, revision: int = 1, of: srm.PurchaseOrderSent | None = None
) -> srm.PurchaseOrderRevised:
    """The first lines of the order at these prices, the others removed; `of` = the order that has them."""
    lines = tuple(
        replace(line, unit_price=price_usd(price)) for line, price in zip(purchase.lines, prices, strict=False)
    )
    order = of or purchase
    return srm.PurchaseOrderRevised(
        order.purchase_order_id, revision, order.number, order.supplier_id, order.currency, order.ordered_on, None,
        order.warehouse, lines, None,
    )  # fmt: skip


def a_count(on: date, at: datetime | None = None, **found: str) -> scm.StockCounted:
    """`a_count(MARCH_9, CHAI="7")`: the counted quantities."""
    lines = tuple(scm.CountedGoods(sku, Decimal(quantity)) for sku, quantity in found.items())
    return scm.StockCounted(uuid4(), "MAIN", on, at or end_of(on), lines)


def an_opening_stock(*lines: tuple[str, str, str], on: date = MARCH_1) -> scm.OpeningStockRecorded:
    """`an_opening_stock(("CHAI", "10", "40.00"))`: sku, quantity, value of all of it."""
    there = tuple(scm.OpeningGoods(sku, Decimal(quantity), usd(value)) for sku, quantity, value in lines)
    return scm.OpeningStockRecorded(uuid4(), "MAIN", on, there)


def an_opening_stock_reversed(opening: scm.OpeningStockRecorded) -> scm.OpeningStockReversed:
    return scm.OpeningStockReversed(
        opening.opening_stock_id, opening.warehouse, opening.opened_on, opening.lines, "mistyped"
    )


def receive_stock(service: Erp, *lines: tuple[str, str, str], on: date = MARCH_1) -> None:
    """Order and receive goods: sku, quantity, price."""
    purchase = a_purchase(*lines)
    deliver(service, purchase, a_receipt(purchase, on=on))


# -- the service


def record_supplier_invoice(
    service: Erp,
    purchase: srm.PurchaseOrderSent,
    *lines: tuple[str, str, str],
    number: str = "RE-1",
    on: date = MARCH_5,
    by: str = "margaret",
    duplicate_reason: str | None = "another delivery",
) -> SupplierInvoice:
    """Record a supplier invoice, even one like another; for all goods at agreed prices if no lines are given."""
    every = [(each.sku, str(each.quantity), str(each.unit_price.amount)) for each in purchase.lines]
    received = RecordSupplierInvoice(
        supplier_id=purchase.supplier_id,
        number=number,
        purchase_order_id=purchase.purchase_order_id,
        billed_on=on,
        lines=invoice_lines(*lines or every, currency=purchase.currency),
        duplicate_reason=duplicate_reason,
    )
    return as_person(service, by, lambda: service.payables.record_invoice(received))


def record_payment(
    service: Erp,
    direction: str,
    party_id: UUID,
    paid_on: date,
    amount: Money,
    allocations: Iterable[Allocation],
    posted_on: date | None = None,
) -> Payment:
    return service.settlement.record_payment(
        RecordPayment(
            direction=Direction(direction), party_id=party_id, paid_on=paid_on, amount=amount,
            allocations=tuple(allocations), posted_on=posted_on,
        )
    )  # fmt: skip


def as_person(service: Erp, name: str, command: Callable[[], T]) -> T:
    """Run a command as this person."""
    return service.runner.run(command, service.runner._context_of(Caller(name)))


def allocation_of(document: Invoice | SupplierInvoice, amount: str | None = None) -> Allocation:
    """Return the allocation of the whole document, or of this amount."""
    return Allocation(document.id, usd(amount) if amount else document.total)


def supplier_invoices(service: Erp) -> list[SupplierInvoice]:
    """Return all supplier invoices, in order of recording."""
    recorded = [each.aggregate for each in service.store.log(0, 100_000, ["erp.SupplierInvoice.Recorded"])]
    return service.runner.run(lambda: [service.runner.uow.get(SupplierInvoice, each) for each in recorded])


def open_items(service: Erp) -> list[OpenItem]:
    """Return all open items, in order of posting."""
    opened = [each.aggregate for each in service.store.log(0, 100_000, ["erp.OpenItem.Opened"])]
    return service.runner.run(lambda: [service.runner.uow.get(OpenItem, each) for each in opened])


def an_erp(folder: Path, limit: str | None = None) -> Erp:
    """Return an ERP with one customer and one supplier."""
    service = open_service(Erp, folder)
    deliver(service, a_customer(limit), a_supplier())
    return service


def record_published(service: Erp) -> Callable[[], list[Any]]:
    """Return a function that returns what is published from now on."""
    return partial(published_events, service, service.store.published_head())


def stored_events(service: Erp) -> list[tuple[str, dict[str, Any]]]:
    """Every stored event: its name and fields."""
    return [
        (each.type.removeprefix("erp."), codec.decode_untyped(each.state)) for each in service.store.log(0, 100_000)
    ]


def balances(service: Erp) -> dict[str, Decimal]:
    """Debit less credit of each account in the journal, summed from the log, without accounts at zero."""
    sums: dict[str, Decimal] = {}
    for name, entry in stored_events(service):
        if name == "JournalEntry.Posted":
            for posting in entry["postings"]:
                by = Decimal(posting["debit"]["amount"]) - Decimal(posting["credit"]["amount"])
                sums[posting["account"]] = sums.get(posting["account"], Decimal(0)) + by
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def accounts(**amounts: str) -> dict[str, Decimal]:
    """`accounts(a1200="5.00")`, to compare with `balances`."""
    return {name.removeprefix("a"): Decimal(amount) for name, amount in amounts.items()}


def invoices(service: Erp) -> list[Invoice]:
    """All invoices, in order of posting."""
    posted = [each.aggregate for each in service.store.log(0, 100_000, ["erp.Invoice.Posted"])]
    return service.runner.run(lambda: [service.runner.uow.get(Invoice, each) for each in posted])


def entries(service: Erp, kind: str) -> list[dict[str, list[dict[str, str]]]]:
    return [entry for name, entry in stored_events(service) if name == "JournalEntry.Posted" and entry["kind"] == kind]
