"""Check of the tables that are not in the log: numbers of series and unique values, compared with the events."""

from shared.commit_effects import ExpectedTables
from shared.store import RecordedEvent, UniqueKey
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure

PAGE_SIZE = 500
FIRST_KEY: UniqueKey = ("", "")


class TableCheck:
    """Reads the events of one pass over the log and compares both tables at its end."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._expected, self._position = ExpectedTables(), 0
        self._key = FIRST_KEY

    def read(self, recorded: RecordedEvent) -> None:
        """Take the next event into account; events that were read before are skipped."""
        if recorded.position == self._position + 1:
            if self._store.is_genuine(recorded):
                self._expected.read(recorded)
            self._position = recorded.position

    def finish(self) -> list[str]:
        """Return how the tables differ from the events, and start again. No finding while events are missing."""
        findings = self._differences()
        self._expected, self._position = ExpectedTables(), 0
        return findings

    def _differences(self) -> list[str]:
        numbers_at, numbers = self._store.last_numbers()
        if not self._read_to(numbers_at):
            return []
        differences = self._expected.compare_numbers(numbers)
        values_at, values = self._store.unique_value_counts()
        return differences + self._expected.compare_values(values) if self._read_to(values_at) else differences

    def _read_to(self, position: int) -> bool:
        while self._position < position:
            page = self._store.log_as_stored(self._position, PAGE_SIZE, until=position)
            before = self._position
            for each in page:
                self.read(each)
            if self._position == before:
                return False
        return True

    def verify_values(self, limit: int) -> list[str]:
        """Verify the seals of the next reserved values; after the last, start at the first."""
        findings, keys = [], self._store.unique_keys(self._key, limit)
        for each in keys:
            try:
                self._store.get_unique_value(each)
            except IntegrityFailure as failure:
                findings.append(str(failure))
        self._key = keys[-1] if keys else FIRST_KEY
        return findings
