"""The movements of a stock in business order, and what one more, one less or another price does to the others."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from services.erp.domain.costing import CostAdjustment
from services.erp.domain.moving_average import Movement, Place, Standing, recosted, standing_after


class Edited(NamedTuple):
    """A movement as it was, and as it is costed now."""

    before: Movement
    now: Movement


class Movements:
    """All of them, and what is on hand after the last."""

    def __init__(self) -> None:
        self.standing = Standing()
        self._all: list[Movement] = []

    def __iter__(self) -> Iterator[Movement]:
        """In business order."""
        return iter(self._all)

    def at(self, place: Place) -> Movement:
        return self._all[self._index(place)]

    # -- what would be

    def with_one(self, new: Movement, currency: str | None) -> tuple[Movement, list[Edited]]:
        """The new movement costed in its place, and those after it that change."""
        at = self._index(new.place)
        return self._costed(new, at, at, currency)

    def with_other(self, new: Movement, currency: str | None) -> tuple[Movement, list[Edited]]:
        """A movement costed anew in the place of what it was, and those after it that change."""
        at = self._index(new.place)
        return self._costed(new, at, at + 1, currency)

    def without(self, gone: Movement, currency: str | None) -> list[Edited]:
        """Those after it that change when it is not there."""
        at = self._index(gone.place)
        return self._changes(self._before(at), at + 1, currency)

    def _costed(self, new: Movement, at: int, start: int, currency: str | None) -> tuple[Movement, list[Edited]]:
        before = self._before(at)
        costed = before.costed(new, currency)
        return costed, self._changes(before.after(costed), start, currency)

    def _changes(self, standing: Standing, start: int, currency: str | None) -> list[Edited]:
        later = self._all[start:]
        pairs = zip(later, recosted(standing, later, currency), strict=True)
        return [Edited(before, now) for before, now in pairs if now is not before]

    def _index(self, place: Place) -> int:
        if not self._all or place > self._all[-1].place:
            return len(self._all)
        return bisect_left(self._all, place, key=lambda each: each.place)

    def _before(self, at: int) -> Standing:
        later = self._all[at:]
        if not later:
            return self.standing
        quantity = self.standing.quantity - sum(each.quantity for each in later)
        worth = self.standing.value - sum(each.change for each in later)
        return standing_after(self._all[:at], quantity, worth)

    # -- what is remembered

    def insert(self, move: Movement) -> None:
        at = self._index(move.place)
        self._all.insert(at, move)
        after = self.standing.after(move)
        is_last = at == len(self._all) - 1
        self.standing = after if is_last else standing_after(self._all, after.quantity, after.value)

    def remove(self, move: Movement) -> None:
        del self._all[self._index(move.place)]
        quantity, worth = self.standing.quantity - move.quantity, self.standing.value - move.change
        self.standing = standing_after(self._all, quantity, worth)

    def replace(self, move: Movement) -> None:
        at = self._index(move.place)
        worth = self.standing.value + move.change - self._all[at].change
        self._all[at] = move
        self.standing = standing_after(self._all, self.standing.quantity, worth)

    def shift(self, changes: Iterable[CostAdjustment]) -> None:
        """Each of these changes stock by so much more than before."""
        by = {each.movement_number: each for each in changes}
        quantity, worth, at = self.standing.quantity, self.standing.value, len(self._all)
        while by:
            at -= 1
            move = self._all[at]
            if each := by.pop(move.number, None):
                more = each.value_change.amount if each.value_change else Decimal(0)
                self._all[at] = replace(move, quantity=move.quantity + each.quantity_change, change=move.change + more)
                quantity, worth = quantity + each.quantity_change, worth + more
        self.standing = standing_after(self._all, quantity, worth)
