"""Stock of one item in one warehouse: movements in order of their places, reservations and orders that wait."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tests.histories.oracle.amounts import ZERO, rounded

BEFORE_ALL, AFTER_ALL = "", "~"
"""Instants of a day: that of opening stock, and that of movements which give none."""

OrderLine = tuple[str, int]


class Place(NamedTuple):
    """Business day and instant of a movement."""

    day: date
    instant: str = AFTER_ALL


@dataclass
class Movement:
    """A `receipt` or `opening` (paid), an `issue` (negative quantity) or a `count` (counted)."""

    kind: str
    place: Place
    number: int
    document: str
    quantity: Decimal = ZERO
    paid: Decimal = ZERO
    counted: Decimal | None = None

    @property
    def sort_key(self) -> tuple[Place, int]:
        return self.place, self.number


class Valued(NamedTuple):
    """A movement with what it changes, in its place among all others."""

    move: Movement
    quantity: Decimal
    value: Decimal


class Waiting(NamedTuple):
    """An order line that waits, by promise, order day and arrival."""

    promised_on: date
    ordered_on: date
    arrival: int
    line: OrderLine


@dataclass
class Stock:
    """Quantities and value follow from the movements alone; who has what reserved follows from what happened."""

    sku: str
    warehouse: str
    movements: list[Movement] = field(default_factory=list)
    reserved_by: dict[OrderLine, Decimal] = field(default_factory=dict)
    missing: dict[OrderLine, Decimal] = field(default_factory=dict)
    queue: list[Waiting] = field(default_factory=list)
    arrivals: int = 0

    # -- quantities

    @property
    def reserved(self) -> Decimal:
        return sum(self.reserved_by.values(), ZERO)

    @property
    def on_hand(self) -> Decimal:
        return self.on_hand_of(self.movements)

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    @property
    def backordered(self) -> Decimal:
        return sum(self.missing.values(), ZERO)

    @staticmethod
    def on_hand_of(movements: list[Movement]) -> Decimal:
        quantity = ZERO
        for each in sorted(movements, key=lambda move: move.sort_key):
            quantity = quantity + each.quantity if each.counted is None else each.counted
        return quantity

    @staticmethod
    def is_possible(movements: list[Movement]) -> bool:
        """Return whether all goods had come before they left, however late it is recorded."""
        quantity = ZERO
        for each in sorted(movements, key=lambda move: move.sort_key):
            quantity = quantity + each.quantity if each.counted is None else each.counted
            if quantity < 0:
                return False
        return True

    def can_become(self, movements: list[Movement]) -> bool:
        """Return whether nothing that is reserved would be missing, unless it is missing already, nor ever was."""
        after = self.on_hand_of(movements)
        return self.is_possible(movements) and (after >= self.on_hand or after >= self.reserved)

    def difference(self, document: str) -> Decimal:
        return next(each.quantity for each in self.valued() if each.move.document == document)

    # -- value

    def valued(self) -> Iterator[Valued]:
        """Yield each movement in order with the change of quantity and value, by moving average."""
        quantity, value, last_cost = ZERO, ZERO, self._first_cost()
        for move in sorted(self.movements, key=lambda each: each.sort_key):
            change = move.quantity if move.counted is None else move.counted - quantity
            worth = rounded(_value_change(move, change, quantity, value, last_cost))
            yield Valued(move, change, worth)
            quantity, value = quantity + change, value + worth
            if quantity > 0:
                last_cost = rounded(Fraction(value) / Fraction(quantity), 4)
            elif move.counted is None and change > 0:
                last_cost = rounded(Fraction(move.paid) / Fraction(change), 4)

    def _first_cost(self) -> Decimal:
        """Return what a piece of the first goods with a price cost; those before had no price of their own."""
        priced = [each for each in self.movements if each.kind in ("receipt", "opening")]
        first = min(priced, key=lambda move: move.sort_key, default=None)
        return rounded(Fraction(first.paid) / Fraction(first.quantity), 10) if first else ZERO

    def is_unvalued(self, day: date) -> bool:
        """Return whether there are goods at the end of a day of which no price, not even none to pay, was known."""
        quantity, value = self.as_of(day)
        priced = [each for each in self.movements if each.counted is None and each.quantity > 0]
        return bool(quantity) and not value and all(each.place.day > day for each in priced)

    def as_of(self, day: date) -> tuple[Decimal, Decimal]:
        """Return quantity and value at the end of a day."""
        until = [each for each in self.valued() if each.move.place.day <= day]
        return sum((each.quantity for each in until), ZERO), sum((each.value for each in until), ZERO)

    # -- reservations

    def reserve(self, line: OrderLine, quantity: Decimal, promised_on: date, ordered_on: date) -> None:
        """Reserve what is available; the rest waits."""
        taken = min(quantity, max(self.available, ZERO))
        self.add_reserved(line, taken)
        if quantity > taken:
            self.arrivals += 1
            self.missing[line] = quantity - taken
            self.queue.append(Waiting(promised_on, ordered_on, self.arrivals, line))

    def reduce(self, line: OrderLine, quantity: Decimal) -> None:
        """Leave at most this reserved for a line, which waits for nothing more."""
        self.add_reserved(line, min(ZERO, quantity - self.reserved_by.get(line, ZERO)))
        self.missing.pop(line, None)
        self.queue = [each for each in self.queue if each.line != line]

    def serve_queue(self) -> None:
        """Give what is available to those that wait, oldest promise first."""
        for each in sorted(self.queue):
            part = min(self.missing[each.line], max(self.available, ZERO))
            self.add_reserved(each.line, part)
            self.missing[each.line] -= part
        self.queue = [each for each in self.queue if self.missing[each.line]]
        self.missing = {line: quantity for line, quantity in self.missing.items() if quantity}

    def add_reserved(self, line: OrderLine, quantity: Decimal) -> None:
        self.reserved_by[line] = self.reserved_by.get(line, ZERO) + quantity
        if not self.reserved_by[line]:
            del self.reserved_by[line]


def _value_change(move: Movement, change: Decimal, quantity: Decimal, value: Decimal, last_cost: Decimal) -> Fraction:
    """Return what a movement adds to the value, exactly."""
    by, have, worth, cost = Fraction(change), Fraction(quantity), Fraction(value), Fraction(last_cost)
    if move.counted is not None:
        return worth * by / have if have > 0 else Fraction(move.counted) * cost - worth
    if by >= 0:
        return Fraction(move.paid) if have >= 0 else Fraction(move.paid) * (have + by) / by - worth
    if have <= 0:
        return by * cost
    return worth * by / have if -by < have else -worth + (have + by) * cost
