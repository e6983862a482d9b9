"""What a commit takes besides its events, as its last event records it: numbers of series and unique values.

Both are tables that could be changed without a trace, as are inbox positions and parked messages; the log records what
must be in them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from shared import codec
from shared.domain import EventMetadata
from shared.parked_message import ParkedMessage
from shared.store import Commit, RecordedEvent, UniqueKey


class CommitMetadata(EventMetadata, frozen=True, kw_only=True):
    """Metadata of the last event of a commit: the first and the last number taken of each series, and by how many the
    reserved values of each namespace grew."""

    numbers: dict[str, tuple[int, int]] = {}
    unique_values: dict[str, int] = {}


class Effects(Struct):
    """Numbers and unique values that one commit takes."""

    numbers: dict[str, tuple[int, int]] = {}
    unique_values: dict[str, int] = {}


class _State(Struct):
    meta: Effects


_decoder = msgspec.json.Decoder(_State)
_MARKS = (b'"numbers":{', b'"unique_values":{')
_CAUSED_BY_MESSAGE = re.compile(rb'"causation_id":"([a-z0-9_-]+):([0-9a-f]{16})-([0-9]+)"')
_PARKED_CHANGES = {
    f"{ParkedMessage.NAME}.{name}": change for name, change in (("Parked", 1), ("Applied", -1), ("Discarded", -1))
}
_KNOWN = EventMetadata.__struct_fields__


def effects_of(commit: Commit, released: Iterable[UniqueKey]) -> Effects | None:
    """Return what a commit takes that releases these stored values; None for nothing."""
    grown: dict[str, int] = {}
    for name, _ in commit.reservations:
        grown[name] = grown.get(name, 0) + 1
    for name, _ in released:
        grown[name] = grown.get(name, 0) - 1
    numbers = {series: (before + 1, last) for series, (before, last) in commit.numbers.items()}
    unique_values = {name: change for name, change in grown.items() if change}
    return Effects(numbers, unique_values) if numbers or unique_values else None


def with_effects(meta: EventMetadata, effects: Effects | None) -> EventMetadata:
    """Return the metadata of the last event of a commit with these effects."""
    if effects is None:
        return meta
    known = [getattr(meta, name) for name in _KNOWN]
    return CommitMetadata(*known, numbers=effects.numbers, unique_values=effects.unique_values)


class ExpectedTables:
    """What the tables besides the log must contain, by the events read so far.

    These are the last numbers, the reserved values, the inbox positions (at least those of the messages that caused
    events) and the number of parked messages.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self.inbox_positions: dict[str, int] = {}
        self.parked = 0
        self.numbers: dict[str, int] = {}
        self.unique_values: Counter[str] = Counter()
        self.failures: list[str] = []

    def read(self, recorded: RecordedEvent) -> None:
        """Take the next event into account."""
        self.parked += _PARKED_CHANGES.get(recorded.type, 0)
        self._read_cause(recorded.state)
        if not any(mark in recorded.state for mark in _MARKS):
            return
        try:
            effects = _decoder.decode(recorded.state).meta
        except codec.DecodeError:
            return  # a changed event, which the hash chain finds
        self.unique_values.update(effects.unique_values)
        for series, (first, last) in effects.numbers.items():
            if first != self.numbers.get(series, 0) + 1:
                self.failures.append(f"event {recorded.position} took number {first} of {series} out of order")
            self.numbers[series] = last

    def _read_cause(self, state: bytes) -> None:
        """Take the message of another service into account that caused the event."""
        if found := _CAUSED_BY_MESSAGE.search(state):
            source, epoch, sequence = (each.decode() for each in found.groups())
            if source != self._service:
                log = f"{source}:{epoch}"
                self.inbox_positions[log] = max(int(sequence), self.inbox_positions.get(log, 0))

    def compare_inbox(self, found: Mapping[str, int]) -> list[str]:
        """Return which inbox positions are lower than by the events, or missing; a source may begin a new epoch."""
        sources = {each.partition(":")[0] for each in found}
        return [
            f"the inbox position of {log} is {found.get(log, 0)}, but {sequence} or higher by the events"
            for log, sequence in sorted(self.inbox_positions.items())
            if (log in found or log.partition(":")[0] not in sources) and found.get(log, 0) < sequence
        ]

    def compare_parked(self, found: int) -> list[str]:
        """Return whether the number of parked messages differs from that in the events."""
        text = f"{found} messages are parked, but {self.parked} by the events"
        return [text] if found != self.parked else []

    def compare_numbers(self, found: Mapping[str, int]) -> list[str]:
        """Return how the last numbers differ from those in the events."""
        text = "the last number of {} is {}, but {} by the events"
        return [*self.failures, *_differences(self.numbers, found, text)]

    def compare_values(self, found: Mapping[str, int]) -> list[str]:
        """Return how the numbers of reserved values differ from those in the events."""
        return _differences(self.unique_values, found, "{} has {} reserved values, but {} by the events")


def _differences(expected: Mapping[str, int], found: Mapping[str, int], text: str) -> list[str]:
    names = sorted(expected.keys() | found.keys())
    return [
        text.format(each, found.get(each, 0), expected.get(each, 0))
        for each in names
        if found.get(each, 0) != expected.get(each, 0)
    ]
