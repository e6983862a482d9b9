"""Invariants of stock under orders, receipts, counts, reversals, cancellations and shipments in any order."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
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

from services.scm.domain.stock_item import StockNotAvailable
from services.scm.projections import Shipments
from services.scm.service import Scm
from shared.contracts import Contract, crm, erp, scm
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    JULY_1,
    JULY_4,
    a_warehouse,
    an_order,
    cancellation_requested,
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
DATE = st.integers(0, 9).map(lambda number: JULY_4 + timedelta(number))
RECEIVED = st.tuples(st.just("receive"), SKUS, st.integers(1, 12), DATE)
TAKEN_BACK = st.tuples(st.just("take_back"), st.integers(0, 9))
DISPATCHED = st.tuples(st.just("dispatch"), st.integers(0, 9), st.booleans(), DATE)
COUNTED = st.tuples(st.just("count"), SKUS, st.integers(0, 12), DATE)
STEP = st.one_of(
    ORDERED, DELIVERED, DELIVERED, DELIVERED, RECEIVED, RECEIVED, DISPATCHED, DISPATCHED, COUNTED, TAKEN_BACK
)
DAY = st.lists(STEP, min_size=20, max_size=60)

LineOfOrder = tuple[UUID, int]
Fact = tuple[date, bool, int, Decimal]
"""On which day, whether it was counted, in which order it was received; how much came, went or was found."""
Quantities = Mapping[LineOfOrder, Decimal]


@settings(max_examples=20)
@given(DAY)
def test_stock_is_never_negative_and_never_promised_twice(day: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        books = Books(a_warehouse(Path(folder), CHAI=5, TOFU=0))
        for step, *particulars in day:
            getattr(books, step)(*particulars)
            books.check_invariants()
        while books.on_their_way:
            books.deliver_one(0)
            books.check_invariants()
        books.close()


class Books:
    """Sums of the events that SCM publishes, compared with its rows. Every message is received, some out of order."""

    def __init__(self, service: Scm) -> None:
        self.service = service
        self.published = record_published(service)
        self.orders: dict[UUID, crm.SalesOrderPlaced] = {}
        self.on_their_way: list[Contract] = []
        self.received: set[tuple[type, UUID]] = set()
        self.facts: dict[str, list[Fact]] = {"CHAI": [(JULY_1, False, 0, Decimal(5))], "TOFU": []}
        self.arrivals = count(1)
        self.receipts: list[tuple[UUID, str, Fact]] = []
        self.held: Counter[LineOfOrder] = Counter()
        self.missing: Counter[LineOfOrder] = Counter()
        self.shipped: Counter[LineOfOrder] = Counter()
        self.ended: dict[UUID, str] = {}

    def close(self) -> None:
        self.service.store.close()
        self.service.read_models.close()

    def order(self, lines: list[tuple[str, int]], backorder: str, days: int, stops: bool) -> None:
        placed = an_order(*lines, backorder=backorder, required_on=JULY_4 + timedelta(days))
        self.orders[placed.order_id] = placed
        self.on_their_way += [placed, credit_approved(placed)] + ([cancellation_requested(placed)] if stops else [])

    def deliver_one(self, overtakes: int) -> None:
        if self.on_their_way:
            message = self.on_their_way.pop(overtakes % len(self.on_their_way))
            deliver(self.service, message, deliveries=2)
            self.received.add((type(message), message.subject_id()))

    def receive(self, sku: str, quantity: int, on: date) -> None:
        receipt = receive_goods(self.service, on=on, **{sku: quantity})
        assert receipt is not None
        self.receipts.append((receipt.id, sku, self._know(sku, on, Decimal(quantity))))

    def take_back(self, which: int) -> None:
        if self.receipts:
            receipt_id, sku, fact = self.receipts.pop(which % len(self.receipts))
            if self._may_be(sku, [each for each in self.facts[sku] if each != fact]):
                self.service.reverse_receipt(receipt_id, "mistyped")
                self.facts[sku].remove(fact)
            else:
                with pytest.raises(StockNotAvailable):
                    self.service.reverse_receipt(receipt_id, "mistyped")

    def count(self, sku: str, quantity: int, on: date) -> None:
        fact = (on, True, next(self.arrivals), Decimal(quantity))
        if self._may_be(sku, [*self.facts[sku], fact]):
            self.service.count_stock("MAIN", on, goods(**{sku: quantity}))
            self.facts[sku].append(fact)
        else:
            with pytest.raises(StockNotAvailable):
                self.service.count_stock("MAIN", on, goods(**{sku: quantity}))

    def dispatch(self, which: int, partly: bool, on: date) -> None:
        shipments = self._open_shipments()
        if shipments:
            chosen = shipments[which % len(shipments)]
            leaving = [chosen["lines"][0] | {"quantity": "1"}] if partly else chosen["lines"]
            part = goods(**{leaving[0]["sku"]: 1}) if partly else None
            self.service.dispatch_shipment(UUID(chosen["id"]), part, dispatched_on=on)
            for each in leaving:
                self._know(each["sku"], on, -Decimal(each["quantity"]))

    def _know(self, sku: str, on: date, quantity: Decimal) -> "Fact":
        fact = (on, False, next(self.arrivals), quantity)
        self.facts[sku].append(fact)
        return fact

    def _may_be(self, sku: str, facts: list["Fact"]) -> bool:
        """Whether as much as is held for orders would be there."""
        return there(facts) >= self._total(self.held, sku)

    def _open_shipments(self) -> list[dict[str, Any]]:
        return list(reader(self.service, Shipments).iterate_rows(where={"status": ("open",)}, sort=("id",)))

    def check_invariants(self) -> None:
        self.add_published_events()
        self.no_unit_is_held_twice()
        self.no_more_leaves_than_was_ordered()
        self.open_shipments_hold_what_is_held()
        self.an_approved_order_is_held_missing_gone_or_ended()

    def add_published_events(self) -> None:
        for event in self.published():
            self._note(event)

    @singledispatchmethod
    def _note(self, event: Contract) -> None:
        assert isinstance(
            event, scm.PurchaseRequested | scm.GoodsReceived | scm.GoodsReceiptReversed | scm.StockCounted
        )

    @_note.register
    def _(self, event: scm.StockReserved) -> None:
        self._not_ended(event.order_id)
        self.held.update(_by_line(event))
        waited = {key: min(quantity, self.missing[key]) for key, quantity in _by_line(event).items()}
        self.missing.subtract(waited)

    @_note.register
    def _(self, event: scm.StockShort) -> None:
        self._not_ended(event.order_id)
        assert self.orders[event.order_id].backorder == "allow"
        self.missing.update(_by_line(event))

    @_note.register
    def _(self, event: scm.ShipmentDispatched) -> None:
        self._not_ended(event.order_id)
        self.shipped.update(_by_line(event))
        self.held.subtract(_by_line(event))
        assert event.order_complete == (self._unshipped(event.order_id) == {})

    @_note.register
    def _(self, event: scm.CancellationGranted) -> None:
        assert _by_line(event) == self._unshipped(event.order_id) != {}
        self._end(event.order_id, "cancelled")

    @_note.register
    def _(self, event: scm.CancellationRefused) -> None:
        assert self._unshipped(event.order_id) == {}

    @_note.register
    def _(self, event: scm.OrderRejected) -> None:
        assert event.order_id not in {order_id for order_id, _ in +self.held}
        self._end(event.order_id, "refused")

    def no_unit_is_held_twice(self) -> None:
        for sku in ("CHAI", "TOFU"):
            row = Counter({name: Decimal(quantity) for name, quantity in stock_of(self.service, sku).items()})
            assert row["on_hand"] == there(self.facts[sku])
            assert row["reserved"] == self._total(self.held, sku) <= row["on_hand"]
            assert row["available"] == row["on_hand"] - row["reserved"]
            assert row["backordered"] == self._total(self.missing, sku)
            assert not (row["available"] and row["backordered"])

    def no_more_leaves_than_was_ordered(self) -> None:
        for (order_id, line), quantity in self.shipped.items():
            assert quantity + self.held[order_id, line] <= self._ordered(order_id)[order_id, line]

    def open_shipments_hold_what_is_held(self) -> None:
        packed: Counter[LineOfOrder] = Counter()
        for shipment in self._open_shipments():
            for each in shipment["lines"]:
                packed[UUID(shipment["sales_order_id"]), each["line"]] += Decimal(each["quantity"])
        assert +packed == +self.held

    def an_approved_order_is_held_missing_gone_or_ended(self) -> None:
        for order_id, placed in self.orders.items():
            known = {(type(placed), order_id), (erp.CreditApproved, order_id)} <= self.received
            if known and order_id not in self.ended:
                for key, quantity in self._ordered(order_id).items():
                    assert self.held[key] + self.missing[key] + self.shipped[key] == quantity

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
            del self.held[key], self.missing[key]


def there(facts: list[Fact]) -> Decimal:
    """What is on hand when all of this is so: in order of days, a count at the end of its own."""
    on_hand = Decimal(0)
    for _, counted, _, quantity in sorted(facts):
        on_hand = quantity if counted else on_hand + quantity
    return on_hand


def _by_line(event: Any) -> dict[LineOfOrder, Decimal]:
    return {(event.order_id, each.line): each.quantity for each in event.lines}
