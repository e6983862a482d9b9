"""The event store of one service: one transaction for everything that a command writes, one log without gaps."""

import secrets
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from shared import codec
from shared.domain import UniqueValue
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
from shared.store.integrity import NOT_PUBLISHED, WHOLE_STORE, EventSealer, IntegrityFailure, IntegrityKey
from shared.store.outbox import OutboxRow
from shared.store.sql import Values, from_micros, to_micros
from shared.store.write_probe import WriteProbe

SUSPENDED_CACHE_SECONDS = 1.0


class EventStore(ABC):
    """The event store of one service, on SQLite or PostgreSQL; both pass one conformance suite.

    Positions start at 1, ascend in commit order and have no gaps. Thread-safe.
    """

    COLUMNS: ClassVar[str]
    """Selects the columns of a table by its name; no rows for an unknown table."""
    service: str
    location: str
    integrity_key: IntegrityKey
    _suspended: Mapping[UUID, str] = MappingProxyType({})
    _suspended_until = 0.0
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
        self.require_not_suspended()
        self._write_probe.require_success()

    @cached_property
    def _write_probe(self) -> WriteProbe:
        return WriteProbe(self._write_nothing)

    @abstractmethod
    def _write_nothing(self, *, commits: bool) -> None:
        """Change a row to what it is; then commit, or roll back, which costs little. Raises StoreError."""

    @abstractmethod
    def checkpoint(self, *, is_last: bool = False) -> None:
        """Copy commits that are only in a write-ahead log to the database file, where the database leaves that to us.

        `is_last` at a clean stop: the log is emptied.
        """

    @property
    @abstractmethod
    def pages_to_checkpoint(self) -> int:
        """The number of pages that `checkpoint` would copy."""

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

    @cached_property
    def _sealer(self) -> EventSealer:
        return EventSealer(self.service, self.epoch, self.integrity_key)

    def _is_new(self) -> bool:
        """Return whether the store has no events yet."""
        return not (self._fetch_all(self.COLUMNS, ("events",)) and self.head())

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
        """Return the events of one aggregate in order. Raises IntegrityFailure if one is changed, forged or missing."""
        self.require_not_suspended(aggregate)
        found = self.events_as_stored(aggregate, after_version, until_position)
        for expected, each in enumerate(found, after_version + 1):
            self._require_sealed(each)
            if each.version != expected:
                raise IntegrityFailure(f"version {expected} of {aggregate} in {self.service} is missing", aggregate)
        return found

    def events_as_stored(
        self, aggregate: UUID, after_version: int = 0, until_position: int | None = None
    ) -> list[RecordedEvent]:
        """Return the events of one aggregate as the database has them, genuine or not: for auditors."""
        statement = """SELECT position, version, type, recorded_at, state, published_digest, mac FROM events
            WHERE aggregate=? AND version>?"""
        values: list[Any] = [aggregate, after_version]
        if until_position is not None:
            statement += " AND position<=?"
            values.append(until_position)
        return [
            RecordedEvent(position, aggregate, version, kind, from_micros(at), *content)
            for position, version, kind, at, *content in self._fetch_all(f"{statement} ORDER BY version", values)
        ]

    def log(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return events in order after a position, limited to `types` if given.

        Raises IntegrityFailure if the service did not write one of them.
        """
        found = self.log_as_stored(after, limit, types, until)
        for each in found:
            self._require_sealed(each)
        return found

    def log_as_stored(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[RecordedEvent]:
        """Return events as the database has them, genuine or not: for the hash chain and auditors."""
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
            RecordedEvent(position, self._decode_id(aggregate), version, kind, from_micros(at), *content)
            for position, aggregate, version, kind, at, *content in rows
        ]

    def head(self) -> int:
        """Return the position of the newest event, 0 for none."""
        return self._fetch_one("SELECT max(position) FROM events")[0] or 0

    def count_aggregates(self, types: Sequence[str], until: int) -> int:
        """Return the number of aggregates whose first event is of one of these types, up to a position."""
        marks = ",".join("?" * len(types)) or "NULL"
        statement = f"SELECT count(*) FROM events WHERE version=1 AND position<=? AND type IN ({marks})"  # noqa: S608 (marks)
        return int(self._fetch_one(statement, (until, *types))[0])

    def position_at(self, moment: datetime) -> int:
        """Return the position of the newest event recorded at or before the moment, 0 for none."""
        return bisect_right(range(1, self.head() + 1), moment, key=self.recorded_at)

    def recorded_at(self, position: int) -> datetime:
        """Return when the event at a position was recorded."""
        return self.log_as_stored(position - 1, 1)[0].recorded_at

    def published_events(self, after: int, limit: int) -> list[Message]:
        """Return the published events in order, after a position.

        The page ends before a message that the service did not write. Raises IntegrityFailure if that is the first one.
        """
        self.require_not_suspended()
        messages, preceding = list[Message](), range(after + 1)
        for recorded, row in self._published_rows(after, limit):
            if row.previous_position not in preceding or not self._is_message_of(recorded, row):
                if not messages:
                    reason = self._not_written(f"message {row.position}, or one before it,")
                    raise IntegrityFailure(reason, recorded.aggregate if recorded else None)
                break
            messages.append(row.message(self.service, self.epoch, self._decode_id(row.aggregate)))
            preceding = range(row.position, row.position + 1)
        return messages

    def _published_rows(self, after: int, limit: int) -> Iterator[tuple[RecordedEvent | None, OutboxRow]]:
        """Yield the rows of the outbox, each with the event at its position."""
        statement = """SELECT outbox.*, events.* FROM outbox LEFT JOIN events ON events.position=outbox.position
            WHERE outbox.position>? ORDER BY outbox.position LIMIT ?"""
        columns = len(OutboxRow._fields)
        for row in self._fetch_all(statement, (after, limit)):
            event = row[columns:]
            yield (self._decode_events([event])[0] if event[0] is not None else None), OutboxRow(*row[:columns])

    def _is_message_of(self, recorded: RecordedEvent | None, row: OutboxRow) -> bool:
        """Return whether a genuine event published this."""
        if recorded is None or not self._sealer.is_sealed(recorded):
            return False
        return row.is_published_by(recorded, self._decode_id(row.aggregate))

    def verify_outbox(self, recorded: Sequence[RecordedEvent]) -> None:
        """Compare consecutive events with the outbox. Raises IntegrityFailure for a forged or missing message."""
        if not recorded:
            return
        statement = "SELECT * FROM outbox WHERE position BETWEEN ? AND ?"
        rows = self._fetch_all(statement, (recorded[0].position, recorded[-1].position))
        messages = {row[0]: OutboxRow(*row) for row in rows}
        for each in recorded:
            found, is_published = messages.get(each.position), each.published_digest != NOT_PUBLISHED
            if is_published != (found is not None) or (found and not self._is_message_of(each, found)):
                raise IntegrityFailure(self._not_written(f"message {each.position}"), each.aggregate)

    # -- integrity

    def is_genuine(self, recorded: RecordedEvent) -> bool:
        """Return whether this service wrote the event as it is stored."""
        return self._sealer.is_sealed(recorded)

    def _require_sealed(self, recorded: RecordedEvent) -> None:
        if not self._sealer.is_sealed(recorded):
            raise IntegrityFailure(self._not_written(f"event {recorded.position}"), recorded.aggregate)

    def _not_written(self, row: str) -> str:
        return f"{row} of {self.service} was not written by the service or was changed since"

    def require_not_suspended(self, aggregate: UUID = WHOLE_STORE) -> None:
        """Raises IntegrityFailure once a check has found a change of the aggregate or that events are missing."""
        now = monotonic()
        if now >= self._suspended_until:
            self._suspended = self._read_suspended()
            self._suspended_until = now + SUSPENDED_CACHE_SECONDS
        if reason := self._suspended.get(aggregate) or self._suspended.get(WHOLE_STORE):
            raise IntegrityFailure(reason, aggregate)

    def _read_suspended(self) -> dict[UUID, str]:
        rows = self._fetch_all("SELECT aggregate, reason FROM suspended_aggregates")
        return {self._decode_id(id_): reason for id_, reason in rows}

    def suspend(self, reasons: Mapping[UUID, str], *, only: bool = False) -> None:
        """Suspend aggregates until an operator decides; with `only` no others, since all others were found genuine."""
        suspended = self._read_suspended()
        insert = "INSERT INTO suspended_aggregates VALUES (?,?) ON CONFLICT DO NOTHING"
        added = [(insert, row) for row in reasons.items() if row[0] not in suspended]
        delete, resumed = "DELETE FROM suspended_aggregates WHERE aggregate=?", suspended.keys() - reasons.keys()
        removed = [(delete, (each,)) for each in resumed] if only else []
        if added or removed:
            self.write_all([*removed, *added])
            self._suspended_until = 0.0

    @abstractmethod
    def write_all(self, statements: Sequence[tuple[str, Values]]) -> None:
        """Run these statements in one transaction."""

    # -- what else a commit writes

    def published_head(self) -> int:
        """Return the position of the newest published event, 0 for none."""
        return self._fetch_one("SELECT max(position) FROM outbox")[0] or 0

    def get_idempotency_record(self, caller: str, key: str) -> IdempotencyRecord | None:
        """Return the stored response of a command. Raises IntegrityFailure if the service did not write it."""
        statement = "SELECT request_digest, status, headers, body, mac FROM stored_responses WHERE caller=? AND key=?"
        row = self._fetch_one(statement, (caller, key))
        if row is None:
            return None
        digest, status, headers, body, mac = row
        if not type(headers) is type(body) is bytes:
            raise IntegrityFailure(self._not_written("a stored response"))
        record = IdempotencyRecord(caller, key, digest, status, codec.decode(headers, dict[str, str]), body)
        if self._sealer.mac_of_response(record, headers) != mac:
            raise IntegrityFailure(self._not_written("a stored response"))
        return record

    def get_unique_value(self, key: UniqueKey) -> UniqueValue | None:
        """Return the value with this key as it was written, or None. Raises IntegrityFailure for a forged one."""
        row = self._fetch_one("SELECT value, aggregate_id, mac FROM unique_values WHERE kind=? AND folded=?", key)
        if row is None:
            return None
        unique = UniqueValue(row[0], self._decode_id(row[1]))
        if self._sealer.mac_of_unique(key, unique) != row[2]:
            raise IntegrityFailure(self._not_written(f"the reserved value {key[1]} of {key[0]}"))
        return unique

    def unique_keys(self, after: UniqueKey, limit: int) -> list[UniqueKey]:
        """Return the keys of reserved values in order, after a key."""
        statement = "SELECT kind, folded FROM unique_values WHERE (kind, folded) > (?, ?) ORDER BY kind, folded LIMIT ?"
        return [(kind, folded) for kind, folded in self._fetch_all(statement, (*after, limit))]

    def unique_value_counts(self) -> tuple[int, dict[str, int]]:
        """Return the number of reserved values of each namespace, as of the head of the log."""
        return self._figures("SELECT kind AS name, count(*) AS figure FROM unique_values GROUP BY kind")

    def last_numbers(self) -> tuple[int, dict[str, int]]:
        """Return the last number of each series, as of the head of the log."""
        return self._figures("SELECT series AS name, last_number AS figure FROM number_series")

    def _figures(self, query: str) -> tuple[int, dict[str, int]]:
        log = "(SELECT coalesce(max(position), 0) AS head FROM events) AS log"
        rows = self._fetch_all(f"SELECT head, name, figure FROM {log} LEFT JOIN ({query}) AS figures ON true")  # noqa: S608 (the code's own)
        return rows[0][0], {name: figure for _, name, figure in rows if name is not None}

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
