"""What a unit of work commits besides events: unique values, numbers, timers and last steps."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, AlreadyTaken
from shared.store import Commit
from shared.store.event_store import EventStore


class CommitBuilder:
    """Builds the commit of one unit of work: collects the unique values, numbers and timers stored with its events."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self.commit = Commit()
        self._before_commit: list[Callable[[], None]] = []

    def next_number(self, series: str) -> int:
        before, last = self.commit.numbers.get(series) or (self.store.last_number(series),) * 2
        self.commit.numbers[series] = (before, last + 1)
        return last + 1

    def reserve_unique(self, name: str, value: str, owner: UUID) -> None:
        holder = self.get_unique_owner(name, value)
        if holder is None:
            self.commit.reservations.append((name, value, owner))
        elif holder != owner:
            raise AlreadyTaken(f"{name} {value} is already taken", field=name.rpartition(".")[2])

    def release_unique(self, name: str, value: str) -> None:
        self.commit.reservations = [each for each in self.commit.reservations if each[:2] != (name, value)]
        self.commit.released.append((name, value))

    def get_unique_owner(self, name: str, value: str) -> UUID | None:
        for reserved_name, reserved_value, owner in self.commit.reservations:
            if (reserved_name, reserved_value) == (name, value):
                return owner
        if (name, value) in self.commit.released:
            return None
        return self.store.get_unique_owner(name, value)

    def schedule(self, at: datetime, aggregate_class: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002 (the library's name)
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
