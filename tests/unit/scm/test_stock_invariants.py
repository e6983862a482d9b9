"""Invariants of stock under orders, receipts, counts, reversals, cancellations and shipments in any order."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import singledispatchmethod
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scm.opening_stock.domain.opening_stock import OpeningStockLine
from services.scm.service import Scm
from services.scm.shipping.projections import Shipments
from services.scm.warehousing.domain.stock_item import AlreadyOpened, StockNotAvailable
from services.scm.warehousing.domain.stock_moment import BEFORE_ALL
from shared.command_context import CommandContext
from shared.contracts import PublishedEvent, crm, erp, scm
from shared.money import Money
from shared.testing import end_of
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    JULY_1,
    JULY_4,
    a_warehouse,
    an_order,
    at_hour,
    cancellation_requested,
    counted,
    credit_approved,
    goods,
    reader,
    receive_goods,
    record_published,
    stock_of,
)

SKUS = st.sampled_from(["CHAI", "TOFU"])
LINES = st.lists(st.tuples(SKUS, st.integers(1, 6)), min_size=1, max_size=3)
BACKORDER = st.sampled_from(["allow", "allow", "refuse"])
ORDERED = st.tuples(st.just("order"), LINES, BACKORDER, st.integers(0, 3), st.booleans())
DELIVERED = st.tuples(st.just("deliver_one"), st.integers(0, 3))
WHEN = st.tuples(
    st.integers(0, 4).map(lambda number: JULY_4 + timedelta(number)), st.sampled_from([None, None, 0, 9, 15])
)
"""A day, and an hour of it if the request names an instant."""
RECEIVED = st.tuples(st.just("receive"), SKUS, st.integers(1, 12), WHEN)
REVERSED = st.tuples(st.just("reverse"), st.integers(0, 9))
DISPATCHED = st.tuples(st.just("dispatch"), st.integers(0, 9), st.booleans(), WHEN)
COUNTED = st.tuples(st.just("count"), SKUS, st.integers(0, 12), WHEN)
OPENED = st.tuples(st.just("open"), SKUS, st.integers(1, 12), WHEN)
STEP = st.one_of(
    ORDERED, DELIVERED, DELIVERED, DELIVERED, RECEIVED, RECEIVED, DISPATCHED, DISPATCHED, COUNTED, COUNTED, REVERSED,
    OPENED,
)  # fmt: skip
DAY = st.lists(STEP, min_size=20, max_size=60)

LineOfOrder = tuple[UUID, int]
When = tuple[date, int | None]
Fact = tuple[date, datetime, int, bool, Decimal]
"""Day, instant, order of recording, whether it is a count, and the quantity received (positive), shipped or counted."""
Quantities = Mapping[LineOfOrder, Decimal]


@settings(max_examples=20)
@given(DAY)
def test_stock_is_negative_at_no_moment_and_never_reserved_twice(day: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        books = Books(a_warehouse(Path(folder), CHAI=5, TOFU=0))
        for step, *particulars in day:
            getattr(books, step)(*particulars)
            books.check_invariants()
        while books.undelivered:
            books.deliver_one(0)
            books.check_invariants()
        books.close()


class Books:
    """Sums of the events that SCM publishes, compared with its rows. Every message is received, some out of order."""

    def __init__(self, service: Scm) -> None:
        self.service = service
        self.published = record_published(service)
        self.orders: dict[UUID, crm.SalesOrderPlaced] = {}
        self.undelivered: list[PublishedEvent] = []
        self.received: set[tuple[type, UUID]] = set()
        self.facts: dict[str, list[Fact]] = {"CHAI": [(JULY_1, end_of(JULY_1), 0, False, Decimal(5))], "TOFU": []}
        self.opened: dict[str, UUID] = {}
        self.arrivals = count(1)
        self.receipts: list[tuple[UUID, str, Fact]] = []
        self.reserved: Counter[LineOfOrder] = Counter()
        self.missing: Counter[LineOfOrder] = Counter()
        self.shipped: Counter[LineOfOrder] = Counter()
        self.ended: dict[UUID, str] = {}

    def close(self) -> None:
        self.service.store.close()
        self.service.read_models.close()

    def order(self, lines: list[tuple[str, int]], backorder: str, days: int, stops: bool) -> None:
        placed = an_order(*lines, backorder=backorder, required_on=JULY_4 + timedelta(days))
        self.orders[placed.order_id] = placed
        self.undelivered += [placed, credit_approved(placed)] + ([cancellation_requested(placed)] if stops else [])

    def deliver_one(self, overtakes: int) -> None:
        if self.undelivered:
            message = self.undelivered.pop(overtakes % len(self.undelivered))
            deliver(self.service, message, deliveries=2)
            self.received.add((type(message), message.subject_id()))

    def receive(self, sku: str, quantity: int, when: When) -> None:
        receipt = receive_goods(self.service, **as_requested(when), **{sku: quantity})
        assert receipt is not None
        self.receipts.append((receipt.id, sku, self._record_fact(sku, when, Decimal(quantity))))

    def open(self, sku: str, quantity: int, when: When) -> None:
        line = OpeningStockLine(sku, Decimal(quantity), Money(1, "USD"))
        if sku in self.opened:
            with pytest.raises(AlreadyOpened):
                self.service.opening_stock.record("MAIN", when[0], [line])
        else:
            opening = self.service.opening_stock.record("MAIN", when[0], [line])
            fact = (when[0], BEFORE_ALL, next(self.arrivals), False, Decimal(quantity))
            self.facts[sku].append(fact)
            self.opened[sku] = opening.id
            self.receipts.append((opening.id, sku, fact))

    def reverse(self, which: int) -> None:
        if self.receipts:
            document_id, sku, fact = self.receipts.pop(which % len(self.receipts))
            is_opening = self.opened.get(sku) == document_id
            commands = self.service.opening_stock if is_opening else self.service.receiving
            if self._is_possible(sku, [each for each in self.facts[sku] if each != fact]):
                commands.reverse(document_id, "mistyped")
                self.facts[sku].remove(fact)
                if is_opening:
                    second = CommandContext("second", "command:second", JULY_4)
                    self.service.runner.run(lambda: commands.reverse(document_id, "mistyped"), second)
                    del self.opened[sku]
            else:
                with pytest.raises(StockNotAvailable):
                    commands.reverse(document_id, "mistyped")

    def count(self, sku: str, quantity: int, when: When) -> None:
        fact = (when[0], instant_of(when), next(self.arrivals), True, Decimal(quantity))
        on, at = as_requested(when).values()
        if self._is_possible(sku, [*self.facts[sku], fact]):
            self.service.counting.count_stock("MAIN", on, counted(**{sku: quantity}), at)
            self.facts[sku].append(fact)
        else:
            with pytest.raises(StockNotAvailable):
                self.service.counting.count_stock("MAIN", on, counted(**{sku: quantity}), at)

    def dispatch(self, which: int, partly: bool, when: When) -> None:
        shipments = self._open_shipments()
        if shipments:
            chosen = shipments[which % len(shipments)]
            leaving = [chosen["lines"][0] | {"quantity": "1"}] if partly else chosen["lines"]
            part = goods(**{leaving[0]["sku"]: 1}) if partly else None
            on, at = as_requested(when).values()
            gone = [(each["sku"], self._fact(when, -Decimal(each["quantity"]))) for each in leaving]
            if all(was_possible([*self.facts[sku], *(fact for of, fact in gone if of == sku)]) for sku in self.facts):
                self.service.fulfilment.dispatch_shipment(UUID(chosen["id"]), part, dispatched_on=on, at=at)
                for sku, fact in gone:
                    self.facts[sku].append(fact)
            else:
                with pytest.raises(StockNotAvailable):
                    self.service.fulfilment.dispatch_shipment(UUID(chosen["id"]), part, dispatched_on=on, at=at)

    def _record_fact(self, sku: str, when: When, quantity: Decimal) -> "Fact":
        fact = self._fact(when, quantity)
        self.facts[sku].append(fact)
        return fact

    def _fact(self, when: When, quantity: Decimal) -> "Fact":
        return (when[0], instant_of(when), next(self.arrivals), False, quantity)

    def _is_possible(self, sku: str, facts: list["Fact"]) -> bool:
        """Whether the stock on hand would cover what is reserved for orders, and goods only left after they came."""
        return was_possible(facts) and on_hand_after(facts) >= self._total(self.reserved, sku)

    def _open_shipments(self) -> list[dict[str, Any]]:
        return list(reader(self.service, Shipments).iterate_rows(where={"status": ("open",)}, sort=("id",)))

    def check_invariants(self) -> None:
        self.add_published_events()
        self.check_stock()
        self.check_shipped_quantities()
        self.check_open_shipments()
        self.check_approved_orders()

    def add_published_events(self) -> None:
        for event in self.published():
            self._add_event(event)

    @singledispatchmethod
    def _add_event(self, event: PublishedEvent) -> None:
        assert isinstance(
            event,
            scm.PurchaseRequested
            | scm.GoodsReceived
            | scm.GoodsReceiptReversed
            | scm.StockCounted
            | scm.OpeningStockRecorded
            | scm.OpeningStockReversed,
        )

    @_add_event.register
    def _(self, event: scm.StockReserved) -> None:
        self._not_ended(event.order_id)
        self.reserved.update(_by_line(event))
        waited = {key: min(quantity, self.missing[key]) for key, quantity in _by_line(event).items()}
        self.missing.subtract(waited)

    @_add_event.register
    def _(self, event: scm.StockShort) -> None:
        self._not_ended(event.order_id)
        assert self.orders[event.order_id].backorder == "allow"
        self.missing.update(_by_line(event))

    @_add_event.register
    def _(self, event: scm.ShipmentDispatched) -> None:
        self._not_ended(event.order_id)
        self.shipped.update(_by_line(event))
        self.reserved.subtract(_by_line(event))
        assert event.order_complete == (self._unshipped(event.order_id) == {})

    @_add_event.register
    def _(self, event: scm.CancellationGranted) -> None:
        assert _by_line(event) == self._unshipped(event.order_id) != {}
        self._end(event.order_id, "cancelled")

    @_add_event.register
    def _(self, event: scm.CancellationRefused) -> None:
        assert self._unshipped(event.order_id) == {}

    @_add_event.register
    def _(self, event: scm.OrderRejected) -> None:
        assert event.order_id not in {order_id for order_id, _ in +self.reserved}
        self._end(event.order_id, "refused")

    def check_stock(self) -> None:
        for sku in ("CHAI", "TOFU"):
            row = Counter({name: Decimal(quantity) for name, quantity in stock_of(self.service, sku).items()})
            assert row["on_hand"] == on_hand_after(self.facts[sku])
            assert was_possible(self.facts[sku])
            assert row["reserved"] == self._total(self.reserved, sku) <= row["on_hand"]
            assert row["available"] == row["on_hand"] - row["reserved"]
            assert row["backordered"] == self._total(self.missing, sku)
            assert not (row["available"] and row["backordered"])

    def check_shipped_quantities(self) -> None:
        for (order_id, line), quantity in self.shipped.items():
            assert quantity + self.reserved[order_id, line] <= self._ordered(order_id)[order_id, line]

    def check_open_shipments(self) -> None:
        packed: Counter[LineOfOrder] = Counter()
        for shipment in self._open_shipments():
            for each in shipment["lines"]:
                packed[UUID(shipment["sales_order_id"]), each["line"]] += Decimal(each["quantity"])
        assert +packed == +self.reserved

    def check_approved_orders(self) -> None:
        for order_id, placed in self.orders.items():
            has_both = {(type(placed), order_id), (erp.CreditApproved, order_id)} <= self.received
            if has_both and order_id not in self.ended:
                for key, quantity in self._ordered(order_id).items():
                    assert self.reserved[key] + self.missing[key] + self.shipped[key] == quantity

    def _ordered(self, order_id: UUID) -> dict[LineOfOrder, Decimal]:
        return {(order_id, each.line): each.quantity for each in self.orders[order_id].lines}

    def _unshipped(self, order_id: UUID) -> dict[LineOfOrder, Decimal]:
        left = {key: quantity - self.shipped[key] for key, quantity in self._ordered(order_id).items()}
        return {key: quantity for key, quantity in left.items() if quantity}

    def _total(self, quantities: Quantities, sku: str) -> Decimal:
        skus = {(order_id, each.line): each.sku for order_id, order in self.orders.items() for each in order.lines}
        return sum((quantity for key, quantity in quantities.items() if skus[key] == sku), Decimal(0))

    def _not_ended(self, order_id: UUID) -> None:
        assert order_id not in self.ended

    def _end(self, order_id: UUID, how: str) -> None:
        self._not_ended(order_id)
        self.ended[order_id] = how
        for key in self._ordered(order_id):
            del self.reserved[key], self.missing[key]


def instant_of(when: When) -> datetime:
    """Return the instant of a movement: its hour, else the last instant of its day."""
    day, hour = when
    return end_of(day) if hour is None else at_hour(day, hour)


def as_requested(when: When) -> dict[str, Any]:
    """Return the day and the instant of a request: the day alone, or the instant alone."""
    day, hour = when
    return {"on": day, "at": None} if hour is None else {"on": None, "at": at_hour(day, hour)}


def stock_after_each(facts: list[Fact]) -> list[Decimal]:
    """Return the stock on hand after each of these facts: in order of days, then of instants, then of recording."""
    stocks = [Decimal(0)]
    for *_, is_count, quantity in sorted(facts):
        stocks.append(quantity if is_count else stocks[-1] + quantity)
    return stocks


def on_hand_after(facts: list[Fact]) -> Decimal:
    return stock_after_each(facts)[-1]


def was_possible(facts: list[Fact]) -> bool:
    """Return whether the stock was negative at no moment."""
    return min(stock_after_each(facts)) >= 0


def _by_line(event: Any) -> dict[LineOfOrder, Decimal]:
    return {(event.order_id, each.line): each.quantity for each in event.lines}
