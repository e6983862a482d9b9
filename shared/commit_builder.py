"""What a unit of work commits besides events: unique values, numbers, timers and last steps."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.domain import Aggregate, AlreadyTaken, UniqueValue
from shared.store import Commit, UniqueKey, unique_key
from shared.store.event_store import EventStore
from shared.undo import UndoableDict


class CommitBuilder:
    """Builds the commit of one unit of work: collects the unique values, numbers and timers stored with its events."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self._reservations = UndoableDict[UniqueKey, UniqueValue]()
        self._numbers = UndoableDict[str, tuple[int, int]]()
        self._unchanged = UndoableDict[UUID, int]()
        self.commit = Commit(reservations=self._reservations, numbers=self._numbers, unchanged=self._unchanged)
        self._before_commit: list[Callable[[], None]] = []

    def mark(self) -> Callable[[], None]:
        """Return a function that undoes what is added from now on. Its cost does not grow with what was added before.

        A batch marks each of its items, tens of thousands in one commit.
        """
        lists: list[list[Any]] = [self.commit.released, self.commit.timers, self._before_commit]
        lengths = [len(each) for each in lists]
        dicts: list[UndoableDict[Any, Any]] = [self._reservations, self._numbers, self._unchanged]
        changes = [each.changes for each in dicts]

        def undo() -> None:
            for each, length in zip(lists, lengths, strict=True):
                del each[length:]
            for changed, count in zip(dicts, changes, strict=True):
                changed.undo_after(count)

        return undo

    def next_number(self, series: str) -> int:
        before, last = self.commit.numbers.get(series) or (self.store.last_number(series),) * 2
        self.commit.numbers[series] = (before, last + 1)
        return last + 1

    def reserve_unique(self, name: str, value: str, owner: UUID) -> None:
        unique, known = UniqueValue(value, owner), self.get_unique_value(name, value)
        if known is not None and known.owner != owner:
            raise AlreadyTaken.of(name, value, known.value)
        if known is not None and known != unique:
            self.release_unique(name, known.value)
        if known != unique:
            self.commit.reservations[unique_key(name, value)] = unique

    def release_unique(self, name: str, value: str) -> None:
        key = unique_key(name, value)
        reserved = self.commit.reservations.get(key)
        if reserved is not None and reserved.value == value:
            del self.commit.reservations[key]
        self.commit.released.append((key, value))

    def get_unique_owner(self, name: str, value: str) -> UUID | None:
        known = self.get_unique_value(name, value)
        return known.owner if known is not None and known.value == value else None

    def get_unique_value(self, name: str, value: str) -> UniqueValue | None:
        key = unique_key(name, value)
        if reserved := self.commit.reservations.get(key):
            return reserved
        stored = self.store.get_unique_value(key)
        return None if stored is None or (key, stored.value) in self.commit.released else stored

    def stored_values_to_release(self) -> set[UniqueKey]:
        """Return the keys of the values that this commit removes from the store."""
        stored = ((key, value, self.store.get_unique_value(key)) for key, value in self.commit.released)
        return {key for key, value, unique in stored if unique is not None and unique.value == value}

    def schedule(self, at: datetime, aggregate_class: type[Aggregate], id: UUID, note: str) -> None:
        self.commit.timers.append((at, aggregate_class.NAME, id, note))

    def add_before_commit(self, step: Callable[[], None]) -> None:
        """Run a step just before the commit, when no rule was broken."""
        self._before_commit.append(step)

    @property
    def has_changes(self) -> bool:
        """Whether there is something to commit besides events."""
        commit = self.commit
        changes = commit.reservations or commit.released or commit.numbers or commit.timers or commit.fired_timers
        return bool(changes or self._before_commit)
