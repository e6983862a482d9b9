"""The statements of a commit as data, the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shared import codec
from shared.domain import AlreadyTaken
from shared.store import (
    Commit,
    ConcurrencyConflict,
    DuplicateIdempotencyKey,
    IdempotencyRecord,
    InboxPositionConflict,
    NewEvent,
    NumberConflict,
    ParkedEntry,
    RecordedEvent,
)
from shared.store.sql import Values, from_micros, to_micros


@dataclass(frozen=True, slots=True)
class CommitStep:
    """A statement of a commit and its rows; `on_failure` makes the error to raise if a row is not written.

    Steps may be combined into one statement, except that the others have to see the effect of those that run first.
    """

    statement: str
    rows: Sequence[Values]
    on_failure: Callable[[], Exception] | None = None
    runs_first: bool = False


@dataclass(frozen=True, slots=True)
class PositionOfNth:
    """Placeholder in a row: the position of the nth event of the commit, counted from 1."""

    nth: int


@dataclass(frozen=True, slots=True)
class LastPublished:
    """Placeholder in a row: the position of the newest published event before the commit."""


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Placeholder in a row: this time, or that of the newest event if it is later."""

    micros: int


class LogEnd(Protocol):
    """The end of the log before the commit, and the values derived from it."""

    @property
    def published(self) -> Any:
        """The position of the newest published event."""
        ...

    def position_of(self, nth: int) -> Any:
        """Return the position of the nth event of the commit, counted from 1."""
        ...

    def not_before(self, micros: int) -> Any:
        """Return this time, or that of the newest event if it is later: recorded time never decreases."""
        ...


class UnknownLogEnd:
    """An end of the log that only the database will know: rows contain placeholders."""

    published = LastPublished()
    position_of, not_before = PositionOfNth, NotBefore


UNKNOWN_LOG_END = UnknownLogEnd()


@dataclass(frozen=True, slots=True)
class ResolvedLogEnd:
    """A known end of the log: the newest event, its recorded time and the newest published event."""

    position: int = 0
    recorded_at: int = 0
    published: int = 0

    def position_of(self, nth: int) -> int:
        return self.position + nth

    def not_before(self, micros: int) -> int:
        return max(micros, self.recorded_at)

    def resolve_row(self, row: Values) -> list[Any]:
        """Return the row with its placeholders replaced."""
        return [self._resolve(value) for value in row]

    def _resolve(self, value: Any) -> Any:
        match value:
            case PositionOfNth(nth):
                return self.position_of(nth)
            case LastPublished():
                return self.published
            case NotBefore(micros):
                return self.not_before(micros)
        return value


SELECT_LOG_END = """SELECT position, recorded_at, (SELECT coalesce(max(position), 0) FROM outbox) AS published
    FROM events ORDER BY position DESC LIMIT 1"""


@dataclass(frozen=True)
class CommitPlan:
    """The steps that write a commit at the end of the log."""

    commit: Commit
    now: datetime

    def recorded_events(self, log_end: ResolvedLogEnd) -> list[RecordedEvent]:
        """Return the events as stored after this end of the log."""
        at = from_micros(log_end.not_before(to_micros(self.now)))
        return [
            RecordedEvent(position, each.aggregate, each.version, each.type, at, each.state)
            for position, each in enumerate(self.commit.events, log_end.position + 1)
        ]

    def steps(self, end: LogEnd) -> Iterator[CommitStep]:
        """Yield the steps in order; if several fail, the first one decides the error."""
        commit = self.commit
        if commit.released:
            yield CommitStep("DELETE FROM unique_values WHERE kind=? AND value=?", commit.released, runs_first=True)
        if commit.idempotency_record:
            row = _idempotency_row(commit.idempotency_record)
            yield CommitStep(
                "INSERT INTO stored_responses VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                [row],
                DuplicateIdempotencyKey,
            )
        for aggregate, version in commit.unchanged:
            statement = "SELECT 1 WHERE (SELECT max(version) FROM events WHERE aggregate=?) = ?"
            conflict = _concurrency_conflict(f"{aggregate} is no longer at version {version}")
            yield CommitStep(statement, [(aggregate, version)], conflict)
        yield from self._number_steps()
        yield from self._inbox_steps()
        yield from self._event_steps(end)
        for reservation in commit.reservations:
            statement = "INSERT INTO unique_values VALUES (?,?,?) ON CONFLICT DO NOTHING"
            yield CommitStep(statement, [reservation], _already_taken(*reservation))
        yield from self._timer_steps()

    def _number_steps(self) -> Iterator[CommitStep]:
        for series, (before, after) in self.commit.numbers.items():
            conflict = _number_conflict(series)
            if before:
                statement = "UPDATE number_series SET last_number=? WHERE series=? AND last_number=?"
                yield CommitStep(statement, [(after, series, before)], conflict)
            else:
                statement = "INSERT INTO number_series VALUES (?,?) ON CONFLICT DO NOTHING"
                yield CommitStep(statement, [(series, after)], conflict)

    def _inbox_steps(self) -> Iterator[CommitStep]:
        after, before = self.commit.inbox_position, self.commit.previous_inbox_position
        if after and before:
            statement = """UPDATE inbox_positions SET epoch=?, position=?, stream_sequence=?
                WHERE source=? AND epoch=? AND position=?"""
            values = (after.epoch, after.position, after.hint, after.source, before.epoch, before.position)
            yield CommitStep(statement, [values], InboxPositionConflict)
        elif after:
            row = (after.source, after.epoch, after.position, after.hint)
            yield CommitStep(
                "INSERT INTO inbox_positions VALUES (?,?,?,?) ON CONFLICT DO NOTHING", [row], InboxPositionConflict
            )
        if self.commit.to_park:
            rows = [_parked_row(each) for each in self.commit.to_park]
            yield CommitStep(
                "INSERT INTO parked_messages VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                rows,
                InboxPositionConflict,
            )
        if self.commit.to_unpark:
            statement = "DELETE FROM parked_messages WHERE source=? AND epoch=? AND sequence=?"
            yield CommitStep(statement, self.commit.to_unpark, InboxPositionConflict)

    def _event_steps(self, end: LogEnd) -> Iterator[CommitStep]:
        if not self.commit.events:
            return
        at = end.not_before(to_micros(self.now))
        events = [
            (end.position_of(nth), each.aggregate, each.version, each.type, at, each.state)
            for nth, each in enumerate(self.commit.events, 1)
        ]
        conflict = _concurrency_conflict("another transaction changed the same aggregate first")
        yield CommitStep("INSERT INTO events VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING", events, conflict)
        if published := list(self._published_rows(end, at)):
            yield CommitStep("INSERT INTO outbox VALUES (?,?,?,?,?,?,?,?,?,?,?)", published)
        if correlations := list(self._correlation_rows(end)):
            yield CommitStep("INSERT INTO correlations VALUES (?,?,?)", correlations)

    def _published_rows(self, end: LogEnd, at: Any) -> Iterator[Values]:
        """Yield the rows of the outbox, each with the preceding position, so that gaps can be detected."""
        previous = end.published
        for nth, event in enumerate(self.commit.events, 1):
            if event.published_data is not None:
                position = end.position_of(nth)
                yield _published_row(event, event.published_data, position, previous, at)
                previous = position

    def _correlation_rows(self, end: LogEnd) -> Iterator[Values]:
        """Yield each run of events with one correlation id, by first and last position: one row for most commits."""
        events, first = self.commit.events, 1
        for nth, each in enumerate(events, 1):
            if nth == len(events) or events[nth].correlation_id != each.correlation_id:
                if each.correlation_id is not None:
                    yield each.correlation_id, end.position_of(first), end.position_of(nth)
                first = nth + 1

    def _timer_steps(self) -> Iterator[CommitStep]:
        commit = self.commit
        if commit.timers:
            rows = [(to_micros(at), kind, aggregate, note) for at, kind, aggregate, note in commit.timers]
            yield CommitStep("INSERT INTO timers (due_at, kind, aggregate, note) VALUES (?,?,?,?)", rows)
        if commit.fired_timers:
            yield CommitStep(
                "DELETE FROM timers WHERE id=?", [(each,) for each in commit.fired_timers], InboxPositionConflict
            )


def _concurrency_conflict(detail: str) -> Callable[[], Exception]:
    return lambda: ConcurrencyConflict(detail)


def _number_conflict(series: str) -> Callable[[], Exception]:
    return lambda: NumberConflict(f"another transaction took a number of {series} first")


def _already_taken(name: str, value: str, owner: UUID) -> Callable[[], Exception]:
    del owner
    return lambda: AlreadyTaken(f"{value} is already taken", field=name.rpartition(".")[2])


def _idempotency_row(record: IdempotencyRecord) -> Values:
    return (record.caller, record.key, record.request_digest, record.status, codec.encode(record.headers), record.body)


def _parked_row(parked: ParkedEntry) -> Values:
    message = parked.message
    return (message.source, message.epoch, message.sequence, codec.encode(message), parked.error,
            parked.fingerprint, parked.attempts, to_micros(parked.parked_at))  # fmt: skip


def _published_row(event: NewEvent, published: bytes, position: Any, previous: Any, at: Any) -> Values:
    aggregate_type = event.type.rpartition(".")[0]
    return (position, previous, event.published_type, aggregate_type, event.aggregate, event.version, at,
            event.meta, event.traceparent, codec.digest(published), published)  # fmt: skip
