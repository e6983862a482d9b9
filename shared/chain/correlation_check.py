"""Check of the index by which the events of one business flow are found, compared with the events."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct
from msgspec.json import Decoder

from shared import codec
from shared.store import RecordedEvent
from shared.store.event_store import EventStore


class _Metadata(Struct):
    correlation_id: UUID | None = None


class _State(Struct):
    meta: _Metadata


@dataclass(slots=True)
class _Run:
    """Consecutive events of one flow."""

    correlation_id: UUID
    first: int
    last: int


_decoder = Decoder(_State)


class CorrelationCheck:
    """Compares the index with the events of one pass over the log, run by run."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._run: _Run | None = None
        self._events, self._failures = 0, list[str]()

    def read(self, recorded: RecordedEvent) -> None:
        """Take the next event into account."""
        correlation_id = _correlation_of(recorded)
        if self._run and (self._run.correlation_id, self._run.last + 1) == (correlation_id, recorded.position):
            self._run.last = recorded.position
            return
        self._end_run()
        if correlation_id is not None:
            self._run = _Run(correlation_id, recorded.position, recorded.position)

    def compare(self, found: int) -> list[str]:
        """Return which events the index has not, and whether it has others; `found` is the number that it has."""
        self._end_run()
        text = f"the index of flows has {found} events, but {self._events} by the events"
        return [*self._failures, *([text] if found != self._events else [])]

    def _end_run(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        length = run.last - run.first + 1
        self._events += length
        if self._store.count_correlated(run.correlation_id, run.first, run.last) != length:
            self._failures.append(
                f"the index of flows is wrong for events {run.first} to {run.last} of {self._store.service}"
            )


def _correlation_of(recorded: RecordedEvent) -> UUID | None:
    try:
        return _decoder.decode(recorded.state).meta.correlation_id
    except codec.DecodeError:
        return None  # a changed event, which the hash chain finds
