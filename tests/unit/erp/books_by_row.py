"""The books of ERP, folded from its stored events row by row in Python: the oracle of the figures that SQL computes."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import JournalEntry, Posting
from services.erp.payables.domain.invoice_matching import InvoiceMatching
from services.erp.payables.domain.supplier_invoice import SupplierInvoice
from services.erp.receivables.domain.invoice import Invoice
from services.erp.settlement.domain.open_item import OpenItem
from services.erp.settlement.domain.payment import Direction, Payment
from services.erp.valuation.domain.stock_value import StockValue
from shared.money import Money


@dataclass
class Item:
    """An open item, and the amounts by which it changed from a posting day on."""

    party_id: UUID
    due_on: date
    changes: list[tuple[date, Money]] = field(default_factory=list)


@dataclass
class Movement:
    """Received or invoiced goods of an order line, or a change of their value, from a posting day on."""

    on: date
    received: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    received_value: Decimal = Decimal(0)
    billed_value: Decimal = Decimal(0)


@dataclass
class OrderLine:
    """A line of a purchase order, and its movements."""

    order: InvoiceMatching.Opened
    line: int
    sku: str
    movements: list[Movement] = field(default_factory=list)


class BooksByRow:
    """Postings, open items, order lines and stock after the events that were applied."""

    def __init__(self) -> None:
        self.closed_until: date | None = None
        self.postings: list[tuple[date, Posting]] = []
        self.receivables: dict[str, Item] = {}
        self.payables: dict[str, Item] = {}
        self.order_lines: dict[tuple[UUID, int], OrderLine] = {}
        self.stocks: dict[UUID, tuple[str, str]] = {}
        self.stock_changes: list[tuple[UUID, date, Decimal, Money | None]] = []
        self.priced: list[tuple[UUID, date, int]] = []
        self.used_up: dict[UUID, list[tuple[date, Decimal]]] = {}
        self._recorded: dict[UUID, SupplierInvoice.Recorded] = {}
        self._matchings: dict[UUID, InvoiceMatching.Opened] = {}

    def apply(self, event: Any) -> None:
        match event:
            case AccountingPeriods.PeriodClosed() | AccountingPeriods.PeriodReopened():
                self.closed_until = event.closed_until
            case JournalEntry.Posted():
                self._apply_entry(event)
        self._apply_to_open_items(event)
        self._apply_to_receivables(event)
        self._apply_to_payables(event)
        self._apply_to_order_lines(event)
        self._apply_to_stock(event)

    def _posting_day(self, on: date) -> date:
        is_closed = self.closed_until is not None and on <= self.closed_until
        return self.closed_until + timedelta(days=1) if is_closed and self.closed_until else on

    # -- ledger

    def _apply_entry(self, posted: JournalEntry.Posted) -> None:
        self.postings += [(posted.posted_on, each) for each in posted.postings]

    def _add_amount(self, items: dict[str, Item], key: object, on: date, amount: Money) -> None:
        items[str(key)].changes.append((self._posting_day(on), amount))

    # -- receivables and payables

    def _apply_to_open_items(self, event: Any) -> None:
        key = str(event.originator_id)
        items = self.receivables if key in self.receivables else self.payables
        match event:
            case OpenItem.Opened():
                items = self.receivables if event.side == "receivable" else self.payables
                items[key] = Item(event.party_id, event.due_on)
                self._add_amount(items, key, event.dated_on, event.amount)
            case OpenItem.Settled() | OpenItem.Reopened():
                is_settled = isinstance(event, OpenItem.Settled)
                day, sign = (event.settled_on, -1) if is_settled else (event.reopened_on, 1)
                self._add_amount(items, key, day, Money(event.amount.amount * sign, event.amount.currency))
            case OpenItem.WrittenOff():
                self._add_amount(items, key, event.written_off_on, -event.amount)
            case OpenItem.WriteOffsReversed():
                self._add_amount(items, key, event.reversed_on, event.amount)
            case OpenItem.Reversed():
                self._add_amount(items, key, event.reversed_on, -event.amount)
            case _:
                self._apply_credit_item(event, items, key)

    def _apply_credit_item(self, event: Any, items: dict[str, Item], key: str) -> None:
        match event:
            case OpenItem.Allocated():
                amounts = [each.amount for each in event.allocations]
                self._add_amount(items, key, event.allocated_on, _total(amounts, amounts[0].currency))
            case OpenItem.Deallocated():
                self._add_amount(items, key, event.deallocated_on, -event.amount)

    def _apply_to_receivables(self, event: Any) -> None:
        items, key = self.receivables, str(event.originator_id)
        match event:
            case Invoice.Posted():
                items[key] = Item(event.customer_id, event.due_on)
                self._add_amount(items, key, event.invoiced_on, event.total)
            case Invoice.Settled():
                self._add_amount(items, key, event.settled_on, -event.amount)
            case Invoice.Reopened():
                self._add_amount(items, key, event.reopened_on, event.amount)
            case Invoice.WrittenOff():
                self._add_amount(items, key, event.written_off_on, -event.amount)
            case Invoice.WriteOffsReversed():
                self._add_amount(items, key, event.reversed_on, event.amount)
            case Payment.Recorded() | Payment.Allocated() | Payment.Deallocated() | Payment.Reversed():
                self._apply_payment(event, key)

    def _apply_payment(self, event: Any, key: str) -> None:
        items = self.receivables
        match event:
            case Payment.Recorded():
                credit = event.amount - _total([each.amount for each in event.allocations], event.amount.currency)
                if event.direction == Direction.IN:
                    items[key] = Item(event.party_id, event.paid_on)
                    self._add_amount(items, key, event.paid_on, -credit)
            case Payment.Deallocated():
                self._add_amount(items, key, event.deallocated_on, -event.amount)
            case Payment.Allocated():
                amounts = [each.amount for each in event.allocations]
                self._add_amount(items, key, event.allocated_on, _total(amounts, amounts[0].currency))
            case Payment.Reversed():
                changes = [amount for _, amount in items[key].changes] if key in items else []
                if changes and (left := _total(changes, changes[0].currency)):
                    self._add_amount(items, key, event.reversed_on, -left)

    def _apply_to_payables(self, event: Any) -> None:
        items, key = self.payables, event.originator_id
        match event:
            case SupplierInvoice.Recorded():
                self._recorded[key] = event
                items[str(key)] = Item(event.supplier_id, event.due_on)
            case SupplierInvoice.Matched() | SupplierInvoice.Released() if event.lines:
                recorded = self._recorded[key]
                self._add_amount(items, key, recorded.billed_on, recorded.total)
            case SupplierInvoice.Settled():
                self._add_amount(items, key, event.settled_on, -event.amount)
            case SupplierInvoice.Reopened():
                self._add_amount(items, key, event.reopened_on, event.amount)
            case SupplierInvoice.WrittenOff():
                self._add_amount(items, key, event.written_off_on, -event.amount)
            case SupplierInvoice.WriteOffsReversed():
                self._add_amount(items, key, event.reversed_on, event.amount)

    # -- order lines

    def _apply_to_order_lines(self, event: Any) -> None:
        match event:
            case InvoiceMatching.Opened():
                self._matchings[event.originator_id] = event
                self._add_order_lines(event)
            case InvoiceMatching.PricesRevised():
                self._add_order_lines(event)
            case _:
                self._apply_movements(event)

    def _apply_movements(self, event: Any) -> None:
        match event:
            case InvoiceMatching.ReceiptIncluded():
                for each in event.changes:
                    movement = {"received": each.quantity, "received_value": each.stock_value.amount}
                    self._add_movement(event, each.line, movement)
            case InvoiceMatching.InvoiceIncluded():
                for each in event.lines:
                    movement = {"billed": each.quantity, "billed_value": each.cleared.amount}
                    self._add_movement(event, each.line, movement)
            case InvoiceMatching.ClearingAdjusted():
                for each in event.changes:
                    movement = {"billed": each.quantity_change, "billed_value": each.amount_change.amount}
                    self._add_movement(event, each.line, movement)

    def _add_order_lines(self, agreed: InvoiceMatching.Opened | InvoiceMatching.PricesRevised) -> None:
        order = self._matchings[agreed.originator_id]
        for each in agreed.lines:
            self.order_lines.setdefault((agreed.originator_id, each.line), OrderLine(order, each.line, each.sku))

    def _add_movement(self, event: Any, line: int, movement: dict[str, Decimal]) -> None:
        moved = Movement(self._posting_day(event.posted_on), **movement)
        self.order_lines[event.originator_id, line].movements.append(moved)

    # -- stock

    def _apply_to_stock(self, event: Any) -> None:
        match event:
            case StockValue.Opened():
                self.stocks[event.originator_id] = event.sku, event.warehouse
            case StockValue.Received():
                self._add_stock(event, event.received_on, event.quantity, event.stock_value)
            case StockValue.OpeningStockAdded():
                self._add_stock(event, event.opened_on, event.quantity, event.stock_value)
            case StockValue.Issued():
                self._add_stock(event, event.issued_on, -event.quantity, None if event.cost is None else -event.cost)
            case StockValue.CostsAdjusted():
                for each in event.changes:
                    self._add_stock(event, each.moved_on, each.quantity_change, each.value_change)
            case _:
                self._apply_correction(event)

    def _apply_correction(self, event: Any) -> None:
        match event:
            case StockValue.ReceiptReversed():
                self._add_stock(event, event.received_on, -event.quantity, -event.stock_value)
            case StockValue.OpeningStockReversed():
                self._add_stock(event, event.opened_on, -event.quantity, -event.stock_value)
            case StockValue.Repriced():
                self._add_stock(event, event.received_on, Decimal(0), event.value_change)
            case StockValue.UsedUp():
                used_up = self.used_up.setdefault(event.originator_id, [])
                used_up.append((self._posting_day(event.used_up_on), event.last_unit_cost))
            case StockValue.Counted():
                self._add_stock(event, event.counted_on, event.difference, event.value_change)

    def _add_stock(self, event: Any, on: date, quantity: Decimal, value: Money | None) -> None:
        self.stock_changes.append((event.originator_id, self._posting_day(on), quantity, value))
        if isinstance(event, (StockValue.Received, StockValue.OpeningStockAdded)):
            self.priced.append((event.originator_id, self._posting_day(on), 1))
        if isinstance(event, (StockValue.ReceiptReversed, StockValue.OpeningStockReversed)):
            self.priced.append((event.originator_id, self._posting_day(on), -1))


def _total(amounts: list[Money], currency: str) -> Money:
    return Money.sum(amounts, currency)
