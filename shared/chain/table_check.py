"""Check of the tables that are not in the log, compared with the events.

These are the numbers of series, unique values, inbox positions, parked messages, timers and the index of flows.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from shared.chain.correlation_check import CorrelationCheck
from shared.commit_effects import ExpectedTables
from shared.store import RecordedEvent, UniqueKey
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure

PAGE_SIZE = 500
FIRST_KEY: UniqueKey = ("", "")

T = TypeVar("T")


class TableCheck:
    """Reads the events of one pass over the log and compares the tables at its end."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._key, self._timer = FIRST_KEY, 0
        self._start_again()

    def _start_again(self) -> None:
        self._expected, self._position = ExpectedTables(self._store.service), 0
        self._correlations = CorrelationCheck(self._store)

    def read(self, recorded: RecordedEvent) -> None:
        """Take the next event, a genuine one, into account; events that were read before are skipped."""
        if recorded.position == self._position + 1:
            self._expected.read(recorded)
            self._correlations.read(recorded)
            self._position = recorded.position

    def _read_if_genuine(self, recorded: RecordedEvent) -> None:
        if self._store.is_genuine(recorded):
            self.read(recorded)
        elif recorded.position == self._position + 1:
            self._position = recorded.position

    def finish(self) -> list[str]:
        """Return how the tables differ from the events, and start again. No finding while events are missing."""
        findings = [*self._differences(), *self._unsealed_inbox()]
        self._start_again()
        return findings

    def _differences(self) -> Iterator[str]:
        """Yield how each table differs; it is read together with the head of the log, up to which events count."""
        store, expected = self._store, self._expected
        yield from self._compared(store.last_numbers, expected.compare_numbers)
        yield from self._compared(store.unique_value_counts, expected.compare_values)
        yield from self._compared(store.inbox_positions, expected.compare_inbox)
        yield from self._compared(store.parked_count, expected.compare_parked)
        yield from self._compared(store.correlated_count, self._correlations.compare)

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

    def verify_seals(self, limit: int) -> list[str]:
        """Verify the seals of the next reserved values and timers; after the last, start at the first."""
        return [*self._verify_values(limit), *self._verify_timers(limit)]

    def _verify_values(self, limit: int) -> Iterator[str]:
        keys = self._store.unique_keys(self._key, limit)
        for each in keys:
            yield from _failure_of(partial(self._store.get_unique_value, each))
        self._key = keys[-1] if keys else FIRST_KEY

    def _verify_timers(self, limit: int) -> list[str]:
        after, self._timer = self._timer, 0
        try:
            timers = self._store.timers(after, limit)
        except IntegrityFailure as failure:
            return [str(failure)]
        self._timer = timers[-1].id if timers else 0
        return []


def _failure_of(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except IntegrityFailure as failure:
        return [str(failure)]
    return []
