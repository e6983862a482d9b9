"""The laws of stock, whatever is ordered, received, stopped and dispatched, and however the messages cross."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import singledispatchmethod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scm.application import Scm
from services.scm.reports import Shipments
from shared.contracts import Contract, crm, erp, scm
from shared.testing.services import hear
from tests.unit.scm.examples import (
    JULY_4,
    a_warehouse,
    an_order,
    approved,
    arrives,
    goods,
    listening,
    rows,
    stock_of,
    stop,
)

SKUS = st.sampled_from(["CHAI", "TOFU"])
LINES = st.lists(st.tuples(SKUS, st.integers(1, 6)), min_size=1, max_size=3)
BACKORDER = st.sampled_from(["allow", "allow", "refuse"])
ORDERED = st.tuples(st.just("order"), LINES, BACKORDER, st.integers(0, 3), st.booleans())
HEARD = st.tuples(st.just("hear_of"), st.integers(0, 3))
RECEIVED = st.tuples(st.just("receive"), SKUS, st.integers(1, 12))
DISPATCHED = st.tuples(st.just("dispatch"), st.integers(0, 9), st.booleans())
DAY = st.lists(st.one_of(ORDERED, HEARD, HEARD, HEARD, RECEIVED, DISPATCHED), min_size=20, max_size=60)

LineOfOrder = tuple[UUID, int]
Quantities = Mapping[LineOfOrder, Decimal]


@settings(max_examples=20, deadline=None)
@given(DAY)
def test_stock_is_never_negative_and_never_promised_twice(day: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        books = Books(a_warehouse(Path(folder), CHAI=5, TOFU=0))
        for step, *particulars in day:
            getattr(books, step)(*particulars)
            books.the_laws_hold()
        while books.on_their_way:
            books.hear_of(0)
            books.the_laws_hold()
        books.close()


class Books:
    """What SCM says, added up beside what it shows. Every message is heard some time, some overtake others."""

    def __init__(self, service: Scm) -> None:
        self.service = service
        self.said = listening(service)
        self.orders: dict[UUID, crm.SalesOrderPlaced] = {}
        self.on_their_way: list[Contract] = []
        self.heard: set[tuple[type, UUID]] = set()
        self.received: Counter[str] = Counter({"CHAI": Decimal(5)})
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
        self.on_their_way += [placed, approved(placed)] + ([stop(placed)] if stops else [])

    def hear_of(self, overtakes: int) -> None:
        if self.on_their_way:
            news = self.on_their_way.pop(overtakes % len(self.on_their_way))
            hear(self.service, news, times=2)
            self.heard.add((type(news), news.subject_id()))

    def receive(self, sku: str, quantity: int) -> None:
        arrives(self.service, **{sku: quantity})

    def dispatch(self, which: int, partly: bool) -> None:
        shipments = self._open_shipments()
        if shipments:
            chosen = shipments[which % len(shipments)]
            part = goods(**{chosen["lines"][0]["sku"]: 1}) if partly else None
            self.service.dispatch_shipment(UUID(chosen["id"]), part)

    def _open_shipments(self) -> list[dict[str, Any]]:
        return list(rows(self.service, Shipments).all(where={"status": ("open",)}, sort=("id",)))

    def the_laws_hold(self) -> None:
        self.what_was_said_adds_up()
        self.no_unit_is_held_twice()
        self.no_more_leaves_than_was_ordered()
        self.open_shipments_hold_what_is_held()
        self.an_approved_order_is_held_missing_gone_or_ended()

    def what_was_said_adds_up(self) -> None:
        for told in self.said():
            self._note(told)

    @singledispatchmethod
    def _note(self, told: Contract) -> None:
        assert isinstance(told, scm.PurchaseRequested)

    @_note.register
    def _(self, told: scm.GoodsReceived) -> None:
        self.received.update({each.sku: each.quantity for each in told.lines})

    @_note.register
    def _(self, told: scm.StockReserved) -> None:
        self._not_ended(told.order_id)
        self.held.update(_by_line(told))
        waited = {key: min(quantity, self.missing[key]) for key, quantity in _by_line(told).items()}
        self.missing.subtract(waited)

    @_note.register
    def _(self, told: scm.StockShort) -> None:
        self._not_ended(told.order_id)
        assert self.orders[told.order_id].backorder == "allow"
        self.missing.update(_by_line(told))

    @_note.register
    def _(self, told: scm.ShipmentDispatched) -> None:
        self._not_ended(told.order_id)
        self.shipped.update(_by_line(told))
        self.held.subtract(_by_line(told))
        assert told.complete == (self._unshipped(told.order_id) == {})

    @_note.register
    def _(self, told: scm.CancellationGranted) -> None:
        assert _by_line(told) == self._unshipped(told.order_id) != {}
        self._end(told.order_id, "cancelled")

    @_note.register
    def _(self, told: scm.CancellationRefused) -> None:
        assert self._unshipped(told.order_id) == {}

    @_note.register
    def _(self, told: scm.OrderRefused) -> None:
        assert told.order_id not in {order_id for order_id, _ in +self.held}
        self._end(told.order_id, "refused")

    def no_unit_is_held_twice(self) -> None:
        for sku in ("CHAI", "TOFU"):
            row = Counter({name: Decimal(quantity) for name, quantity in stock_of(self.service, sku).items()})
            assert row["on_hand"] == self.received[sku] - self._total(self.shipped, sku)
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
            known = {(type(placed), order_id), (erp.CreditApproved, order_id)} <= self.heard
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


def _by_line(told: Any) -> dict[LineOfOrder, Decimal]:
    return {(told.order_id, each.line): each.quantity for each in told.lines}
