"""Random events in any order: ledger, open items and stock value agree after every message."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.erp.ledger.domain.manual_entry import OpeningBalanceLine
from services.erp.ledger.projections.items_by_due_date import aging
from services.erp.ledger.projections.trial_balance import trial_balance
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.payables.projections.goods_received_not_invoiced import (
    UninvoicedReceipts,
    goods_received_not_invoiced,
)
from services.erp.receivables.domain.credit_account import CreditAccount
from services.erp.service import Erp
from services.erp.settlement.commands.manual_entries import PostOpeningBalances
from services.erp.settlement.domain.open_item import ItemSettled
from services.erp.settlement.domain.payment import Allocation, Payment
from services.erp.settlement.projections.payables_aging import OpenPayables
from services.erp.settlement.projections.receivables_aging import OpenReceivables
from services.erp.valuation.domain.stock_value import StockValue
from services.erp.valuation.projections import StockValueChanges, stock_value
from shared.contracts import crm, scm, srm
from shared.money import Money
from shared.testing.services import deliver
from tests.unit.erp.examples import (
    CHART,
    CUSTOMER,
    SUPPLIER,
    a_count,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    a_revision,
    a_shipment,
    an_erp,
    an_order,
    as_person,
    balances,
    invoices,
    open_items,
    record_payment,
    record_supplier_invoice,
    supplier_invoices,
    usd,
)

SKUS = ("CHAI", "TOFU")
LIMIT = Decimal(500)

hours = st.sampled_from([None, None, 0, 9, 15])
"""The hour of a movement; none = the end of its day."""
days = st.integers(0, 20).map(lambda number: date(2026, 3, 1) + timedelta(days=number))
prices = st.integers(1, 4000).map(lambda cents: str(Decimal(cents) / 100))
quantities = st.integers(1, 9)


class Firm(RuleBasedStateMachine):
    """Random orders, receipts, shipments, late prices and mistyped payments."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.service: Erp = an_erp(Path(self.folder.name), limit=str(LIMIT))
        self.orders: dict[UUID, crm.SalesOrderPlaced] = {}
        self.unshipped: dict[UUID, list[Decimal]] = {}
        self.shipped: dict[tuple[UUID, int], Decimal] = {}
        self.stopped: set[UUID] = set()
        self.unsent: list[srm.PurchaseOrderSent] = []
        self.prices: dict[UUID, list[str]] = {}
        self.purchases: list[srm.PurchaseOrderSent] = []
        self.receipts: list[scm.GoodsReceived] = []
        self.payments: list[UUID] = []
        self.paid_out: list[UUID] = []
        self.openings: list[UUID] = []
        self.approved_before: set[UUID] = set()
        self._books: Books | None = None

    def teardown(self) -> None:
        try:
            self.reports_agree_with_the_books_on_every_day()
        finally:
            self.service.store.close()
            self.folder.cleanup()

    @property
    def credit(self) -> CreditAccount:
        return self.service.receivables.get_credit_account(CUSTOMER)

    def approved(self) -> list[crm.SalesOrderPlaced]:
        return [each for each in self.orders.values() if each.order_id not in self.credit.held]

    # -- what happens

    @initialize(on=days)
    def some_goods_are_there_and_wanted(self, on: date) -> None:
        self.goods_come(on, "3.33", 3, known=True)
        self.an_order_is_placed(8, 9, "7.77", "1.50")

    @rule(first=quantities, second=quantities, price=prices, freight=prices)
    def an_order_is_placed(self, first: int, second: int, price: str, freight: str) -> None:
        order = an_order(
            ("CHAI", str(first), price), ("TOFU", str(second), "0.75"), freight=freight, discount=Decimal(15)
        )
        deliver(self.service, order)
        self.orders[order.order_id] = order
        self.unshipped[order.order_id] = [each.quantity for each in order.lines]

    @rule(on=days, hour=hours, price=prices, quantity=quantities, known=st.booleans())
    def goods_come(self, on: date, price: str, quantity: int, known: bool, hour: int | None = None) -> None:
        purchase = a_purchase(("CHAI", "99", price), ("TOFU", "99", price))
        receipt = a_receipt(purchase, str(quantity), str(quantity), on=on, at=at_hour(on, hour))
        self.prices[purchase.purchase_order_id] = [price]
        self.receipts.append(receipt)
        if known:
            deliver(self.service, purchase, receipt)
            self.purchases.append(purchase)
        else:
            deliver(self.service, receipt)
            self.unsent.append(purchase)

    @precondition(lambda self: self.unsent)
    @rule()
    def a_late_price_is_received(self) -> None:
        purchase = self.unsent.pop()
        deliver(self.service, purchase, deliveries=2)
        self.purchases.append(purchase)

    @precondition(lambda self: self.receipts)
    @rule(pick=st.randoms(use_true_random=False))
    def a_receipt_was_a_mistake(self, pick: Any) -> None:
        receipt = self.receipts.pop(pick.randrange(len(self.receipts)))
        deliver(self.service, a_receipt_reversed(receipt), deliveries=2)

    @precondition(lambda self: self.purchases)
    @rule(pick=st.randoms(use_true_random=False), price=prices)
    def a_price_is_revised(self, pick: Any, price: str) -> None:
        purchase = pick.choice(self.purchases)
        before = self.prices[purchase.purchase_order_id]
        deliver(self.service, a_revision(purchase, price, price, revision=len(before)), deliveries=2)
        before.append(price)

    @rule(on=days, hour=hours, chai=st.integers(0, 9), tofu=st.integers(0, 9))
    def stock_is_counted(self, on: date, hour: int | None, chai: int, tofu: int) -> None:
        deliver(self.service, a_count(on, at_hour(on, hour), CHAI=str(chai), TOFU=str(tofu)), deliveries=2)

    @precondition(lambda self: self.approved())
    @rule(pick=st.randoms(use_true_random=False), on=days, hour=hours)
    def goods_leave(self, pick: Any, on: date, hour: int | None) -> None:
        order = pick.choice(self.approved())
        left = self.unshipped[order.order_id]
        parts = [Decimal(pick.randint(0, int(each))) for each in left]
        if order.order_id in self.stopped or not any(parts):
            return
        deliver(self.service, a_shipment(order, *map(str, parts), on=on, at=at_hour(on, hour)), deliveries=2)
        self.unshipped[order.order_id] = [there - gone for there, gone in zip(left, parts, strict=True)]
        for line, part in enumerate(parts, 1):
            self.shipped[order.order_id, line] = self.shipped.get((order.order_id, line), Decimal(0)) + part

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(use_true_random=False))
    def an_order_is_stopped(self, pick: Any) -> None:
        order_id = pick.choice(list(self.orders))
        if any(self.unshipped[order_id]):
            deliver(self.service, scm.CancellationGranted(order_id, "changed their mind", ()), deliveries=2)
            self.stopped.add(order_id)

    @rule(pick=st.randoms(use_true_random=False), on=days)
    def a_payment_comes(self, pick: Any, on: date) -> None:
        owed = [each for each in self.books.invoices if each.open]
        if owed:
            invoice = pick.choice(owed)
            amount = usd(str(Decimal(pick.randint(1, int(invoice.open.amount * 100))) / 100))
            part, day = Allocation(invoice.id, amount), max(on, invoice.dated_on)
            self.payments.append(record_payment(self.service, "in", CUSTOMER, day, amount, [part]).id)

    @rule(pick=st.randoms(use_true_random=False), on=days, quantity=quantities, price=prices)
    def a_supplier_bills(self, pick: Any, on: date, quantity: int, price: str) -> None:
        if self.purchases:
            number = str(len(self.books.supplier_invoices))
            record_supplier_invoice(
                self.service, pick.choice(self.purchases), ("CHAI", str(quantity), price), number=number, on=on
            )

    @rule(pick=st.randoms(use_true_random=False))
    def another_person_decides_on_a_bill(self, pick: Any) -> None:
        blocked = [each for each in self.books.supplier_invoices if each.status == "blocked"]
        if blocked:
            invoice, release = pick.choice(blocked), self.service.payables.release_invoice
            decide = pick.choice([release, release if invoice.is_posted else self.service.payables.reject_invoice])
            as_person(self.service, "laura", lambda: decide(invoice.id, "so be it"))

    @rule(pick=st.randoms(use_true_random=False), on=days)
    def a_bill_is_paid(self, pick: Any, on: date) -> None:
        owed = [each for each in self.books.supplier_invoices if each.open and each.status != "blocked"]
        if owed:
            invoice = pick.choice(owed)
            amount = usd(str(Decimal(pick.randint(1, int(invoice.open.amount * 100))) / 100))
            paid, day = Allocation(invoice.id, amount), max(on, invoice.dated_on)
            self.paid_out.append(record_payment(self.service, "out", invoice.supplier_id, day, amount, [paid]).id)

    @precondition(lambda self: self.paid_out)
    @rule()
    def a_payment_that_went_out_is_taken_back(self) -> None:
        self.service.settlement.reverse_payment(self.paid_out.pop())

    @rule(pick=st.randoms(use_true_random=False), on=days, amount=prices)
    def too_much_is_paid(self, pick: Any, on: date, amount: str) -> None:
        owed = [each for each in self.books.invoices if each.open]
        settled = owed[: pick.randint(0, 1)]
        parts, day = (
            [Allocation(each.id, each.open) for each in settled],
            max([on, *(each.dated_on for each in settled)]),
        )
        paid = Money.sum((each.amount for each in parts), "USD") + usd(amount)
        self.payments.append(record_payment(self.service, "in", CUSTOMER, day, paid, parts).id)

    @precondition(lambda self: self.payments)
    @rule(pick=st.randoms(use_true_random=False))
    def credit_settles_an_invoice(self, pick: Any) -> None:
        owed = [each for each in self.books.invoices if each.open]
        left = [each for each in self.incoming() if each.unallocated]
        if owed and left:
            credit, invoice = pick.choice(left), pick.choice(owed)
            amount = min(credit.unallocated, invoice.open)
            self.service.settlement.allocate_payment(credit.id, [Allocation(invoice.id, amount)])

    @rule()
    def small_rests_are_written_off(self) -> None:
        for invoice in self.books.invoices:
            if invoice.open and invoice.open <= usd("5.00"):
                self.service.receivables.write_off_invoice(invoice.id, "not worth a letter")

    @rule(pick=st.randoms(use_true_random=False), on=days, amount=prices, account=st.sampled_from(["1200", "2000"]))
    def a_balance_is_taken_over(self, pick: Any, on: date, amount: str, account: str) -> None:
        """What is owed, or credit, of a party is booked as an opening balance in two lines."""
        party = CUSTOMER if account == "1200" else SUPPLIER
        amounts = (usd(amount), pick.choice((usd("1.00"), -usd(amount))))
        lines = tuple(OpeningBalanceLine(account=account, party=party, amount=each) for each in amounts)
        posted = self.service.settlement.post_opening_balances(PostOpeningBalances(posted_on=on, lines=lines))
        self.openings.append(posted.id)

    @rule(pick=st.randoms(use_true_random=False), on=days)
    def an_item_is_paid(self, pick: Any, on: date) -> None:
        if owed := [each for each in self.books.items if each.open.amount > 0]:
            item = pick.choice(owed)
            amount = min(item.open, usd(str(Decimal(pick.randint(1, 5000)) / 100)))
            direction, payments = ("in", self.payments) if item.side == "receivable" else ("out", self.paid_out)
            part, day = Allocation(item.id, amount), max(on, item.dated_on)
            payments.append(record_payment(self.service, direction, item.party_id, day, amount, [part]).id)

    @rule(pick=st.randoms(use_true_random=False))
    def credit_that_was_booked_settles_a_document(self, pick: Any) -> None:
        credit = [each for each in self.books.items if each.open.amount < 0]
        for item in pick.sample(credit, min(len(credit), 1)):
            items = [each for each in self.books.items if each.side == item.side and each.open.amount > 0]
            bills = [each for each in self.books.supplier_invoices if each.open and each.status != "blocked"]
            others = [each for each in self.books.invoices if each.open] if item.side == "receivable" else bills
            for document in pick.sample([*items, *others], min(len(items) + len(others), 1)):
                part = Allocation(document.id, min(-item.open, document.open))
                self.service.settlement.allocate_open_item(item.id, [part])

    @precondition(lambda self: self.openings)
    @rule(pick=st.randoms(use_true_random=False))
    def a_balance_was_a_mistake(self, pick: Any) -> None:
        """It is reversed unless one of its items is settled."""
        opening = pick.choice(self.openings)
        items = [each for each in self.books.items if each.entry_id == opening]
        if all(each.status == "open" for each in items):
            as_person(self.service, "laura", lambda: self.service.settlement.reverse_entry(opening, "mistyped"))
            self.service.settlement.reverse_entry(opening, "mistyped")
            self.openings.remove(opening)
        else:
            with pytest.raises(ItemSettled):
                self.service.settlement.reverse_entry(opening, "mistyped")

    @precondition(lambda self: self.payments)
    @rule()
    def a_payment_is_taken_back(self) -> None:
        self.service.settlement.reverse_payment(self.payments.pop())

    # -- what holds

    def incoming(self) -> list[Payment]:
        return self.payments_of(self.payments)

    def payments_of(self, ids: list[UUID]) -> list[Payment]:
        return self.service.runner.run(lambda: [self.service.runner.uow.get(Payment, each) for each in ids])

    def reports_agree_with_the_books_on_every_day(self) -> None:
        while self.service.read_models.process_batch():
            pass
        account_days, items, stock_days, open_bills, open_receipts = map(
            self.service.reader_for,
            (Turnovers, OpenReceivables, StockValueChanges, OpenPayables, UninvoicedReceipts),
        )
        for number in range(22):
            on = date(2026, 3, 1) + timedelta(days=number)
            rows = {row["account"]: row for row in trial_balance(account_days, CHART, on, "USD")["rows"]}
            stock, receivables, payables, unbilled = (
                rows[code]["debit"] - rows[code]["credit"] for code in ("1400", "1200", "2000", "2100")
            )
            assert stock_value(stock_days, on, "USD")["totals"]["value"] == stock
            assert aging(items, "customer_id", on, "USD")["totals"]["total"] == receivables
            assert aging(open_bills, "supplier_id", on, "USD")["totals"]["total"] == -payables
            assert goods_received_not_invoiced(open_receipts, on, "USD")["totals"]["open_value"] == -unbilled

    @property
    def books(self) -> "Books":
        """Require the control accounts after the last message."""
        if self._books is None or self._books.head != self.service.store.head():
            self._books = Books(self.service)
        return self._books

    def invoiced(self, order_id: UUID) -> Decimal:
        return amount_of(each.total for each in self.books.invoices if each.sales_order_id == order_id)

    @invariant()
    def all_postings_sum_to_nothing(self) -> None:
        assert sum(self.books.balances.values()) == 0

    @invariant()
    def account_1400_is_the_value_of_stock(self) -> None:
        service = self.service
        values = self.service.runner.run(
            lambda: [service.runner.uow.get_or_create(StockValue, sku=sku, warehouse="MAIN").value for sku in SKUS]
        )
        assert self.books.balance("1400") == amount_of(each for each in values if each is not None)

    @invariant()
    def account_1200_is_what_is_open_less_what_is_credit(self) -> None:
        credit = amount_of(each.unallocated for each in self.incoming())
        assert self.books.balance("1200") == self.books.open + self.books.open_of("receivable") - credit

    @invariant()
    def account_2000_is_what_is_open_of_bills(self) -> None:
        bills = amount_of(each.open for each in self.books.supplier_invoices)
        assert self.books.balance("2000") == -(bills + self.books.open_of("payable"))

    @invariant()
    def account_2100_is_what_was_received_and_not_billed(self) -> None:
        sent = {each.purchase_order_id for each in self.purchases}
        worth = (
            each.lines[0].quantity * Decimal(self.prices[each.purchase_order_id][-1])
            for each in self.receipts
            if each.purchase_order_id in sent
        )
        billed = amount_of(each.total for each in self.books.supplier_invoices if each.is_posted)
        cleared = billed - self.books.balance("5100")
        assert self.books.balance("2100") == cleared - 2 * sum(worth, Decimal(0))

    @invariant()
    def account_1000_is_what_was_paid(self) -> None:
        out = self.payments_of(self.paid_out)
        assert self.books.balance("1000") == amount_of(each.amount for each in self.incoming()) - amount_of(
            each.amount for each in out
        )

    @invariant()
    def nothing_is_owed_for_a_bill_before_it_is_accepted(self) -> None:
        for invoice in self.books.supplier_invoices:
            assert invoice.is_posted or not invoice.open
            assert invoice.status != "rejected" or not invoice.is_posted

    @invariant()
    def invoices_have_every_number_once(self) -> None:
        numbers = [each.number for each in self.books.invoices]
        assert numbers == [str(each) for each in range(1, len(numbers) + 1)]

    @invariant()
    def what_left_is_invoiced_once(self) -> None:
        billed: dict[tuple[UUID, int], Decimal] = {}
        for invoice in self.books.invoices:
            for line in invoice.lines:
                key = invoice.sales_order_id, line.line
                billed[key] = billed.get(key, Decimal(0)) + line.quantity
        assert billed == {key: quantity for key, quantity in self.shipped.items() if quantity}

    @invariant()
    def a_fully_shipped_order_is_invoiced_as_it_was_accepted(self) -> None:
        for order_id, order in self.orders.items():
            if not any(self.unshipped[order_id]):
                assert self.invoiced(order_id) == order.total.amount

    @invariant()
    def exposure_is_what_is_open_and_what_is_approved_and_not_invoiced(self) -> None:
        going = [each for each in self.approved() if each.order_id not in self.stopped]
        to_come = sum((each.total.amount - self.invoiced(each.order_id) for each in going), Decimal(0))
        credit = amount_of(each.unallocated for each in self.incoming())
        owed = self.books.open + self.books.open_of("receivable")
        assert self.credit.exposure == usd(str(owed - credit + to_come))

    @invariant()
    def an_order_is_approved_only_within_the_limit(self) -> None:
        approved = {each.order_id for each in self.approved()} - self.stopped
        if approved - self.approved_before:
            assert self.credit.exposure is not None
            assert self.credit.exposure.amount <= LIMIT
        self.approved_before |= approved


class Books:
    """Return the state of the event log at one moment."""

    def __init__(self, service: Erp) -> None:
        self.head = service.store.head()
        self.balances = balances(service)
        self.invoices = invoices(service)
        self.supplier_invoices = supplier_invoices(service)
        self.items = open_items(service)

    def balance(self, account: str) -> Decimal:
        return self.balances.get(account, Decimal(0))

    @property
    def open(self) -> Decimal:
        return amount_of(each.open for each in self.invoices)

    def open_of(self, side: str) -> Decimal:
        """Return what is open of the items of a side, less what is credit."""
        return amount_of(each.open for each in self.items if each.side == side)


def at_hour(day: date, hour: int | None) -> datetime | None:
    """Return the instant of an hour of a day, none without an hour."""
    return None if hour is None else datetime.combine(day, time(hour), UTC)


def amount_of(amounts: Iterable[Money]) -> Decimal:
    return sum((each.amount for each in amounts), Decimal(0))


Firm.TestCase.settings = settings(max_examples=20, stateful_step_count=20)
TestBooks = Firm.TestCase
