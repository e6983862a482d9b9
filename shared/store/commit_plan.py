"""The statements of a commit as data, the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from shared import codec
from shared.domain import AlreadyTaken
from shared.store import (
    Commit,
    ConcurrencyConflict,
    DuplicateIdempotencyKey,
    IdempotencyRecord,
    InboxPosition,
    InboxPositionConflict,
    NewEvent,
    NumberSeriesConflict,
    ParkedEntry,
    RecordedEvent,
)
from shared.store.integrity import INBOX_POSITION, PARKED_MESSAGE, TIMER, EventSealer, published_digest_of
from shared.store.log_end import KnownLogEnd, LogEnd
from shared.store.sql import Values, from_micros, to_micros


@dataclass(frozen=True, slots=True)
class SqlStep:
    """One SQL statement of a commit and its rows; `on_failure` makes the error to raise if a row is not written.

    Steps may be combined into one statement, except that the others have to see the effect of those that run first.
    """

    statement: str
    rows: Sequence[Values]
    on_failure: Callable[[], Exception] | None = None
    runs_first: bool = False


@dataclass(frozen=True)
class CommitPlan:
    """The steps that write a commit at the end of the log."""

    commit: Commit
    now: datetime
    sealer: EventSealer

    @cached_property
    def sealed_events(self) -> list[tuple[NewEvent, bytes, bytes]]:
        """Each event with the digest of what it publishes, and its MAC."""
        published = ((each, published_digest_of(each)) for each in self.commit.events)
        return [(each, digest, self.sealer.mac_of(each, digest)) for each, digest in published]

    def recorded_events(self, log_end: KnownLogEnd) -> list[RecordedEvent]:
        """Return the events as stored after this end of the log."""
        at = from_micros(log_end.not_before(to_micros(self.now)))
        return [
            RecordedEvent(position, each.aggregate, each.version, each.type, at, each.state, *seal)
            for position, (each, *seal) in enumerate(self.sealed_events, log_end.position + 1)
        ]

    def steps(self, end: LogEnd) -> Iterator[SqlStep]:
        """Yield the steps in order; if several fail, the first one decides the error."""
        commit = self.commit
        if commit.released:
            statement = "DELETE FROM unique_values WHERE kind=? AND folded=? AND value=?"
            yield SqlStep(statement, [(*key, value) for key, value in commit.released], runs_first=True)
        if commit.idempotency_record:
            statement = "INSERT INTO stored_responses VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"
            yield SqlStep(statement, [self._idempotency_row(commit.idempotency_record)], DuplicateIdempotencyKey)
        for aggregate, version in commit.unchanged.items():
            statement = "SELECT 1 WHERE (SELECT max(version) FROM events WHERE aggregate=?) = ?"
            conflict = partial(ConcurrencyConflict, f"{aggregate} is no longer at version {version}")
            yield SqlStep(statement, [(aggregate, version)], conflict)
        yield from self._number_steps()
        yield from self._inbox_steps()
        yield from self._event_steps(end)
        for (name, folded), unique in commit.reservations.items():
            statement = "INSERT INTO unique_values VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING"
            mac = self.sealer.mac_of_unique((name, folded), unique)
            taken = partial(AlreadyTaken.of, name, unique.value)
            yield SqlStep(statement, [(name, folded, unique.value, unique.owner, mac)], taken)
        yield from self._timer_steps()

    def _idempotency_row(self, record: IdempotencyRecord) -> Values:
        headers = codec.encode(record.headers)
        mac = self.sealer.mac_of_response(record, headers)
        return record.caller, record.key, record.request_digest, record.status, headers, record.body, mac

    def _number_steps(self) -> Iterator[SqlStep]:
        for series, (before, after) in self.commit.numbers.items():
            conflict = partial(NumberSeriesConflict, f"another transaction took a number of {series} first")
            if before:
                statement = "UPDATE number_series SET last_number=? WHERE series=? AND last_number=?"
                yield SqlStep(statement, [(after, series, before)], conflict)
            else:
                statement = "INSERT INTO number_series VALUES (?,?) ON CONFLICT DO NOTHING"
                yield SqlStep(statement, [(series, after)], conflict)

    def _inbox_steps(self) -> Iterator[SqlStep]:
        after, before = self.commit.inbox_position, self.commit.previous_inbox_position
        if after and before:
            statement = """UPDATE inbox_positions SET epoch=?, position=?, stream_sequence=?, mac=?
                WHERE source=? AND epoch=? AND position=?"""
            source, *reached = self._inbox_row(after)
            values = (*reached, source, before.epoch, before.position)
            yield SqlStep(statement, [values], InboxPositionConflict)
        elif after:
            statement = "INSERT INTO inbox_positions VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING"
            yield SqlStep(statement, [self._inbox_row(after)], InboxPositionConflict)
        if self.commit.to_park:
            statement = "INSERT INTO parked_messages VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"
            rows = [self.sealer.sealed_row(PARKED_MESSAGE, _parked_row(each)) for each in self.commit.to_park]
            yield SqlStep(statement, rows, InboxPositionConflict)
        if self.commit.to_unpark:
            statement = "DELETE FROM parked_messages WHERE source=? AND epoch=? AND sequence=?"
            yield SqlStep(statement, self.commit.to_unpark, InboxPositionConflict)

    def _inbox_row(self, reached: InboxPosition) -> Values:
        row = (reached.source, reached.epoch, reached.position, reached.hint)
        return self.sealer.sealed_row(INBOX_POSITION, row)

    def _event_steps(self, end: LogEnd) -> Iterator[SqlStep]:
        if not self.commit.events:
            return
        at = end.not_before(to_micros(self.now))
        events = [
            (end.position_of(nth), each.aggregate, each.version, each.type, at, each.state, *seal)
            for nth, (each, *seal) in enumerate(self.sealed_events, 1)
        ]
        conflict = partial(ConcurrencyConflict, "another transaction changed the same aggregate first")
        yield SqlStep("INSERT INTO events VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", events, conflict)
        if published := list(self._published_rows(end, at)):
            yield SqlStep("INSERT INTO outbox VALUES (?,?,?,?,?,?,?,?,?,?,?)", published)
        if correlations := list(self._correlation_rows(end)):
            yield SqlStep("INSERT INTO correlations VALUES (?,?,?)", correlations)

    def _published_rows(self, end: LogEnd, at: Any) -> Iterator[Values]:
        """Yield the rows of the outbox, each with the preceding position, so that gaps can be detected."""
        previous: Any = end.published
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

    def _timer_steps(self) -> Iterator[SqlStep]:
        commit = self.commit
        if commit.timers:
            rows = [self.sealer.sealed_row(TIMER, (to_micros(at), *timer)) for at, *timer in commit.timers]
            yield SqlStep("INSERT INTO timers (due_at, kind, aggregate, note, mac) VALUES (?,?,?,?,?)", rows)
        if commit.fired_timers:
            fired = [(each,) for each in commit.fired_timers]
            yield SqlStep("DELETE FROM timers WHERE id=?", fired, InboxPositionConflict)


def _parked_row(parked: ParkedEntry) -> Values:
    message = parked.message
    return (message.source, message.epoch, message.sequence, codec.encode(message), parked.error,
            parked.fingerprint, parked.attempts, to_micros(parked.parked_at))  # fmt: skip


def _published_row(event: NewEvent, published: bytes, position: Any, previous: Any, at: Any) -> Values:
    aggregate_type = event.type.rpartition(".")[0]
    return (position, previous, event.published_type, aggregate_type, event.aggregate, event.version, at,
            event.meta, event.traceparent, codec.digest(published), published)  # fmt: skip
