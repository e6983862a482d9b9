"""Movements of a stock in business order: adding, removing or repricing one re-costs those that depend on it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, islice
from typing import NamedTuple

from services.erp.valuation.domain.costing import CostAdjustment
from services.erp.valuation.domain.moving_average import (
    Movement,
    MovementKey,
    StockBalance,
    balance_with_last_unit_cost,
    first_price,
    recost_movements,
)


class RecostedMovement(NamedTuple):
    """A movement before and after re-costing."""

    before: Movement
    after: Movement


class StockMovements:
    """All movements, and the balance after the last."""

    def __init__(self) -> None:
        self.balance = StockBalance()
        self._movements: list[Movement] = []

    def __iter__(self) -> Iterator[Movement]:
        """Return the movements in business order."""
        return iter(self._movements)

    @property
    def last(self) -> Movement | None:
        """The last movement in business order, or None."""
        return self._movements[-1] if self._movements else None

    def get(self, key: MovementKey) -> Movement:
        return self._movements[self._index(key)]

    # -- calculate a change

    def cost_inserted(self, new: Movement, currency: str | None) -> tuple[Movement, list[RecostedMovement]]:
        """Return the new movement costed in its place, and the others that change."""
        at = self._index(new.sort_key)
        return self._cost_at(new, at, at, currency)

    def cost_replaced(self, new: Movement, currency: str | None) -> tuple[Movement, list[RecostedMovement]]:
        """Return the movement costed in place of its earlier version, and the others that change."""
        at = self._index(new.sort_key)
        return self._cost_at(new, at, at + 1, currency)

    def cost_without(self, removed: Movement, currency: str | None) -> list[RecostedMovement]:
        """Return the movements that change if it is removed."""
        at = self._index(removed.sort_key)
        return self._changed_movements(self._recost((), at, at + 1, currency))

    def _cost_at(
        self, new: Movement, at: int, start: int, currency: str | None
    ) -> tuple[Movement, list[RecostedMovement]]:
        recosted = self._recost((new,), at, start, currency)
        costed = next(after for before, after in recosted if before is new)
        return costed, self._changed_movements(each for each in recosted if each.before is not new)

    def _recost(self, new: Sequence[Movement], at: int, start: int, currency: str | None) -> list[RecostedMovement]:
        """Return all movements costed from the first that may change, with the new ones between `at` and `start`.

        Those after it may change, and all if the price of the first receipt does: earlier goods have it too.
        """
        first_known = first_price(chain(islice(self._movements, at), new, islice(self._movements, start, None)))
        begin = at if first_known == first_price(self._movements) else 0
        moves = [*self._movements[begin:at], *new, *self._movements[start:]]
        costed = recost_movements(self._balance_before(begin, first_known), moves, currency)
        return list(map(RecostedMovement, moves, costed))

    @staticmethod
    def _changed_movements(recosted: Iterable[RecostedMovement]) -> list[RecostedMovement]:
        return [each for each in recosted if each.after is not each.before]

    def _index(self, place: MovementKey) -> int:
        if not self._movements or place > self._movements[-1].sort_key:
            return len(self._movements)
        return bisect_left(self._movements, place, key=lambda each: each.sort_key)

    def _balance_before(self, at: int, first_known: Decimal) -> StockBalance:
        later = self._movements[at:]
        if not later:
            return self.balance
        quantity = self.balance.quantity - sum(each.quantity for each in later)
        worth = self.balance.value - sum(each.change for each in later)
        return balance_with_last_unit_cost(self._movements[:at], quantity, worth, first_known)

    # -- apply a change

    def insert(self, move: Movement) -> None:
        at = self._index(move.sort_key)
        self._movements.insert(at, move)
        after = self.balance.apply(move)
        is_last = at == len(self._movements) - 1
        self.balance = after if is_last else balance_with_last_unit_cost(self._movements, after.quantity, after.value)

    def remove(self, move: Movement) -> None:
        del self._movements[self._index(move.sort_key)]
        quantity, worth = self.balance.quantity - move.quantity, self.balance.value - move.change
        self.balance = balance_with_last_unit_cost(self._movements, quantity, worth)

    def replace(self, move: Movement) -> None:
        at = self._index(move.sort_key)
        worth = self.balance.value + move.change - self._movements[at].change
        self._movements[at] = move
        self.balance = balance_with_last_unit_cost(self._movements, self.balance.quantity, worth)

    def apply_adjustments(self, changes: Iterable[CostAdjustment]) -> None:
        """Add each adjustment to its movement and to the balance."""
        by = {each.movement_number: each for each in changes}
        quantity, worth, at = self.balance.quantity, self.balance.value, len(self._movements)
        while by:
            at -= 1
            move = self._movements[at]
            if each := by.pop(move.number, None):
                more = each.value_change.amount if each.value_change else Decimal(0)
                self._movements[at] = replace(
                    move, quantity=move.quantity + each.quantity_change, change=move.change + more
                )
                quantity, worth = quantity + each.quantity_change, worth + more
        self.balance = balance_with_last_unit_cost(self._movements, quantity, worth)
