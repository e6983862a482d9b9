"""Check of the tables that are not in the log, compared with the events.

These are the numbers of series, unique values, inbox positions and parked messages.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from shared.commit_effects import ExpectedTables
from shared.store import RecordedEvent, UniqueKey
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure

PAGE_SIZE = 500
FIRST_KEY: UniqueKey = ("", "")

T = TypeVar("T")


class TableCheck:
    """Reads the events of one pass over the log and compares both tables at its end."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._expected, self._position = ExpectedTables(store.service), 0
        self._key = FIRST_KEY

    def read(self, recorded: RecordedEvent) -> None:
        """Take the next event, a genuine one, into account; events that were read before are skipped."""
        if recorded.position == self._position + 1:
            self._expected.read(recorded)
            self._position = recorded.position

    def _read_if_genuine(self, recorded: RecordedEvent) -> None:
        if self._store.is_genuine(recorded):
            self.read(recorded)
        elif recorded.position == self._position + 1:
            self._position = recorded.position

    def finish(self) -> list[str]:
        """Return how the tables differ from the events, and start again. No finding while events are missing."""
        findings = [*self._differences(), *self._unsealed_inbox()]
        self._expected, self._position = ExpectedTables(self._store.service), 0
        return findings

    def _differences(self) -> Iterator[str]:
        """Yield how each table differs; it is read together with the head of the log, up to which events count."""
        store, expected = self._store, self._expected
        yield from self._compared(store.last_numbers, expected.compare_numbers)
        yield from self._compared(store.unique_value_counts, expected.compare_values)
        yield from self._compared(store.inbox_positions, expected.compare_inbox)
        yield from self._compared(store.parked_count, expected.compare_parked)

    def _compared(self, table: Callable[[], tuple[int, T]], compare: Callable[[T], list[str]]) -> list[str]:
        head, found = table()
        return compare(found) if self._read_to(head) else []

    def _unsealed_inbox(self) -> Iterator[str]:
        """Yield which inbox positions and parked messages the service did not write."""
        _, positions = self._store.inbox_positions()
        for source in (each.partition(":")[0] for each in positions):
            yield from _failure_of(partial(self._store.get_inbox_position, source))
        yield from _failure_of(self._store.parked_entries)

    def _read_to(self, position: int) -> bool:
        while self._position < position:
            page = self._store.log_as_stored(self._position, PAGE_SIZE, until=position)
            before = self._position
            for each in page:
                self._read_if_genuine(each)
            if self._position == before:
                return False
        return True

    def verify_values(self, limit: int) -> list[str]:
        """Verify the seals of the next reserved values; after the last, start at the first."""
        findings, keys = list[str](), self._store.unique_keys(self._key, limit)
        for each in keys:
            findings += _failure_of(partial(self._store.get_unique_value, each))
        self._key = keys[-1] if keys else FIRST_KEY
        return findings


def _failure_of(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except IntegrityFailure as failure:
        return [str(failure)]
    return []
