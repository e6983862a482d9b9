"""The event store of one service: one transaction for everything that a command writes, one log without gaps."""

import secrets
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from shared import codec
from shared.domain import EventMetadata, UniqueValue
from shared.message import Message
from shared.store import (
    GENERATION,
    Commit,
    IdempotencyRecord,
    InboxPosition,
    ParkedEntry,
    RecordedEvent,
    StoreError,
    Timer,
    UniqueKey,
    UnsupportedGeneration,
)
from shared.store.sql import Values, from_micros, to_micros
from shared.store.write_probe import WriteProbe


class EventStore(ABC):
    """The event store of one service, on SQLite or PostgreSQL; both pass one conformance suite.

    Positions start at 1, ascend in commit order and have no gaps. Thread-safe.
    """

    COLUMNS: ClassVar[str]
    """Selects the columns of a table by its name; no rows for an unknown table."""
    service: str
    location: str
    on_commit: Callable[[], object] = staticmethod(lambda: None)
    """Called after each commit that stored events: wakes the worker."""

    # -- preparing

    @abstractmethod
    def migrate(self) -> None:
        """Create or upgrade all tables; no other method does."""

    @abstractmethod
    def check(self) -> None:
        """Raises StoreError, with what to do, for an unsafe or unprepared database."""

    def require_writable(self) -> None:
        """Raises StoreError unless a commit can succeed now (readiness): once in a while it commits."""
        self._write_probe.require_success()

    @cached_property
    def _write_probe(self) -> WriteProbe:
        return WriteProbe(self._write_nothing)

    @abstractmethod
    def _write_nothing(self, *, commits: bool) -> None:
        """Change a row to what it is; then commit, or roll back, which costs little. Raises StoreError."""

    @abstractmethod
    def close(self) -> None: ...

    def _identity(self) -> Values:
        """Return the values of `IDENTITY` for a new store."""
        return secrets.token_hex(8), self.service, GENERATION

    def _check_identity(self) -> None:
        """Raises StoreError unless the tables belong to this service and generation."""
        self._check_generation()
        owner = self._fetch_one("SELECT service FROM store_identity")
        if owner is None or owner[0] != self.service:
            raise StoreError(f"this is the event store of {owner and owner[0]}, not of {self.service}")

    def _check_generation(self) -> None:
        """Raises UnsupportedGeneration if the tables are of another generation."""
        written = self._written_generation()
        if written not in (None, GENERATION):
            raise UnsupportedGeneration(
                f"The event store of {self.service} in {self.location} was written by schema generation {written}; "
                f"this version reads generation {GENERATION}. "
                "Start with another SIHE_HOME, or use the version that wrote it."
            )

    def _written_generation(self) -> int | None:
        """Return the generation of the tables, None without tables. The first one did not store its number."""
        if self._fetch_all(self.COLUMNS, ("incarnation",)):
            return 1
        if ("generation",) not in map(tuple, self._fetch_all(self.COLUMNS, ("store_identity",))):
            return 1 if self._fetch_all(self.COLUMNS, ("events",)) else None
        row = self._fetch_one("SELECT generation FROM store_identity")
        return row and int(row[0])

    @cached_property
    def epoch(self) -> str:
        """The id of this store, 16 hex digits; a restored store gets a new one."""
        return str(self._fetch_one("SELECT epoch FROM store_identity")[0])

    # -- writing

    @abstractmethod
    def exclusive(self) -> AbstractContextManager[None]:
        """Open the re-entrant section for load, decide and commit. SQLite: one at a time for all processes."""

    def lock_aggregate(self, aggregate: UUID) -> None:  # noqa: B027 (SQLite serialises all commands)
        """Inside `exclusive`: lock the aggregate until the section ends."""

    @abstractmethod
    def commit(self, commit: Commit) -> list[RecordedEvent]:
        """Store all changes or none; return the events with their positions and recorded time, which never decreases.

        Raises ConcurrencyConflict, InboxPositionConflict, DuplicateIdempotencyKey, NumberSeriesConflict, AlreadyTaken
        and StoreError.
        """

    def now(self) -> datetime:
        """Return the time that new events are recorded with."""
        return datetime.now(UTC)

    # -- reading

    @abstractmethod
    def _fetch_all(self, statement: str, values: Values = ()) -> list[Any]:
        """Return the rows of a query. `?` stands for a value; ids are passed as UUID."""

    @staticmethod
    @abstractmethod
    def _decode_id(stored: Any) -> UUID:
        """Return an id as read from the database."""

    def _fetch_one(self, statement: str, values: Values = ()) -> Any:
        rows = self._fetch_all(statement, values)
        return rows[0] if rows else None

    def events(self, aggregate: UUID, after_version: int = 0, until_position: int | None = None) -> list[RecordedEvent]:
        """Return the events of one aggregate in order."""
        statement = "SELECT position, version, type, recorded_at, state FROM events WHERE aggregate=? AND version>?"
        values: list[Any] = [aggregate, after_version]
        if until_position is not None:
            statement += " AND position<=?"
            values.append(until_position)
        return [
            RecordedEvent(position, aggregate, version, kind, from_micros(at), state)
            for position, version, kind, at, state in self._fetch_all(f"{statement} ORDER BY version", values)
        ]

    def log(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return events in order after a position, limited to `types` if given."""
        statement, values = "SELECT * FROM events WHERE position>?", list[Any]([after])
        if until is not None:
            statement += " AND position<=?"
            values.append(until)
        if types is not None:
            statement += f" AND type IN ({','.join('?' * len(types)) or 'NULL'})"
            values.extend(types)
        return self._decode_events(self._fetch_all(f"{statement} ORDER BY position LIMIT ?", [*values, limit]))

    def correlated_events(self, correlation_id: UUID, after: int, limit: int, until: int) -> list[RecordedEvent]:
        """Return the events with this correlation id in order, after a position."""
        statement = """SELECT events.* FROM correlations
            JOIN events ON position BETWEEN first_position AND last_position
            WHERE correlation_id=? AND position>? AND position<=? ORDER BY position LIMIT ?"""
        return self._decode_events(self._fetch_all(statement, (correlation_id, after, until, limit)))

    def _decode_events(self, rows: Sequence[Any]) -> list[RecordedEvent]:
        return [
            RecordedEvent(position, self._decode_id(aggregate), version, kind, from_micros(at), state)
            for position, aggregate, version, kind, at, state in rows
        ]

    def head(self) -> int:
        """Return the position of the newest event, 0 for none."""
        return self._fetch_one("SELECT max(position) FROM events")[0] or 0

    def position_at(self, moment: datetime) -> int:
        """Return the position of the newest event recorded at or before the moment, 0 for none."""
        return bisect_right(range(1, self.head() + 1), moment, key=lambda each: self.log(each - 1, 1)[0].recorded_at)

    def published_events(self, after: int, limit: int) -> list[Message]:
        """Return the published events in order, after a position."""
        rows = self._fetch_all("SELECT * FROM outbox WHERE position>? ORDER BY position LIMIT ?", (after, limit))
        return [self._decode_message(row) for row in rows]

    def _decode_message(self, row: Any) -> Message:
        position, previous, wire_type, kind, aggregate, version, at, stored_meta, traceparent, digest, data = row
        meta = codec.decode(stored_meta, EventMetadata)
        return Message(
            self.service, self.epoch, position, previous, wire_type, kind, self._decode_id(aggregate), version,
            meta.actor, meta.correlation_id, meta.causation_id, from_micros(at), meta.effective_on, data, digest,
            traceparent, meta.on_behalf_of,
        )  # fmt: skip

    def published_head(self) -> int:
        """Return the position of the newest published event, 0 for none."""
        return self._fetch_one("SELECT max(position) FROM outbox")[0] or 0

    def get_idempotency_record(self, caller: str, key: str) -> IdempotencyRecord | None:
        statement = "SELECT request_digest, status, headers, body FROM stored_responses WHERE caller=? AND key=?"
        row = self._fetch_one(statement, (caller, key))
        return row and IdempotencyRecord(caller, key, row[0], row[1], codec.decode(row[2], dict[str, str]), row[3])

    def get_unique_value(self, key: UniqueKey) -> UniqueValue | None:
        """Return the value with this key as it was written, or None."""
        row = self._fetch_one("SELECT value, aggregate_id FROM unique_values WHERE kind=? AND folded=?", key)
        return row and UniqueValue(row[0], self._decode_id(row[1]))

    def last_number(self, series: str) -> int:
        row = self._fetch_one("SELECT last_number FROM number_series WHERE series=?", (series,))
        return row[0] if row else 0

    def get_inbox_position(self, source: str) -> InboxPosition | None:
        row = self._fetch_one("SELECT * FROM inbox_positions WHERE source=?", (source,))
        return row and InboxPosition(*row)

    def parked_entries(self, source: str | None = None) -> list[ParkedEntry]:
        statement = "SELECT * FROM parked_messages WHERE source=coalesce(?, source) ORDER BY source, epoch, sequence"
        rows = self._fetch_all(statement, (source,))
        return [ParkedEntry(codec.decode(row[3], Message), row[4], row[5], row[6], from_micros(row[7])) for row in rows]

    def due_timers(self, now: datetime, limit: int = 100) -> list[Timer]:
        statement = "SELECT * FROM timers WHERE due_at<=? ORDER BY due_at, id LIMIT ?"
        rows = self._fetch_all(statement, (to_micros(now), limit))
        return [Timer(row[0], from_micros(row[1]), row[2], self._decode_id(row[3]), row[4]) for row in rows]

    def next_timer_at(self) -> datetime | None:
        micros = self._fetch_one("SELECT min(due_at) FROM timers")[0]
        return None if micros is None else from_micros(micros)
