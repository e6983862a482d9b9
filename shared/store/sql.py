"""Every question to an event store, the same on SQLite and PostgreSQL."""

import secrets
from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from shared import codec
from shared.domain import Meta
from shared.message import Message
from shared.store import GENERATION, Answer, Heard, Parked, Recorded, Store, StoreError, Timer, UnsupportedGeneration

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


Values = Sequence[Any]


def to_micros(at: datetime) -> int:
    return (at - BEGINNING) // MICROSECOND


@lru_cache(maxsize=1024)
def from_micros(micros: int) -> datetime:
    return BEGINNING + micros * MICROSECOND


class SqlStore(Store):
    """Every question to an event store; how it is put to the database and how a commit is made is the dialect's."""

    COLUMNS: ClassVar[str]
    """Selects the columns of a table by its name; no rows where there is no such table."""
    location: str
    _epoch: str | None = None

    @abstractmethod
    def _all(self, question: str, values: Values = ()) -> list[Any]:
        """The rows of an answer. `?` stands for a value; ids are given as UUID."""

    @staticmethod
    @abstractmethod
    def _id(stored: Any) -> UUID:
        """An id as it comes back."""

    def _one(self, question: str, values: Values = ()) -> Any:
        rows = self._all(question, values)
        return rows[0] if rows else None

    def now(self) -> datetime:
        """The clock that stamps events."""
        return datetime.now(UTC)

    def _identity(self) -> Values:
        """Return the values of `IDENTITY` for a store that is created now."""
        return secrets.token_hex(8), self.service, GENERATION

    def _check_identity(self) -> None:
        """Raises StoreError unless the tables are those of this service and generation."""
        self._check_generation()
        owner = self._one("SELECT service FROM store_identity")
        if owner is None or owner[0] != self.service:
            raise StoreError(f"this is the event store of {owner and owner[0]}, not of {self.service}")

    def _check_generation(self) -> None:
        """Raises UnsupportedGeneration if there are tables of another generation."""
        written = self._written_generation()
        if written not in (None, GENERATION):
            raise UnsupportedGeneration(
                f"The event store of {self.service} in {self.location} was written by schema generation {written}; "
                f"this version reads generation {GENERATION}. "
                "Start with another SIHE_HOME, or use the version that wrote it."
            )

    def _written_generation(self) -> int | None:
        """Return the generation of the tables, none where there are none. The first one was not stored."""
        if self._all(self.COLUMNS, ("incarnation",)):
            return 1
        if ("generation",) not in map(tuple, self._all(self.COLUMNS, ("store_identity",))):
            return 1 if self._all(self.COLUMNS, ("events",)) else None
        row = self._one("SELECT generation FROM store_identity")
        return row and int(row[0])

    @property
    def epoch(self) -> str:
        if self._epoch is None:
            row = self._one("SELECT epoch FROM store_identity")
            assert row is not None
            self._epoch = str(row[0])
        return self._epoch

    def events(self, aggregate: UUID, after_version: int = 0, until_position: int | None = None) -> list[Recorded]:
        question = "SELECT position, version, type, recorded_at, state FROM events WHERE aggregate=? AND version>?"
        values: list[Any] = [aggregate, after_version]
        if until_position is not None:
            question += " AND position<=?"
            values.append(until_position)
        return [
            Recorded(position, aggregate, version, kind, from_micros(at), state)
            for position, version, kind, at, state in self._all(f"{question} ORDER BY version", values)
        ]

    def log(
        self, after: int, limit: int, types: Sequence[str] | None = None, until: int | None = None
    ) -> list[Recorded]:
        question, wanted = "SELECT * FROM events WHERE position>?", list[Any]([after])
        if until is not None:
            question += " AND position<=?"
            wanted.append(until)
        if types is not None:
            question += f" AND type IN ({','.join('?' * len(types)) or 'NULL'})"
            wanted.extend(types)
        return self._recorded(self._all(f"{question} ORDER BY position LIMIT ?", [*wanted, limit]))

    def story(self, story: UUID, after: int, limit: int, until: int) -> list[Recorded]:
        question = """SELECT events.* FROM correlations JOIN events ON position BETWEEN first_position AND last_position
            WHERE correlation_id=? AND position>? AND position<=? ORDER BY position LIMIT ?"""
        return self._recorded(self._all(question, (story, after, until, limit)))

    def _recorded(self, rows: Sequence[Any]) -> list[Recorded]:
        return [
            Recorded(position, self._id(aggregate), version, kind, from_micros(at), state)
            for position, aggregate, version, kind, at, state in rows
        ]

    def head(self) -> int:
        return self._one("SELECT max(position) FROM events")[0] or 0

    def published(self, after: int, limit: int) -> list[Message]:
        rows = self._all("SELECT * FROM outbox WHERE position>? ORDER BY position LIMIT ?", (after, limit))
        return [self._message(row) for row in rows]

    def _message(self, row: Any) -> Message:
        position, previous, wire_type, kind, aggregate, version, at, stored_meta, traceparent, digest, data = row
        meta = codec.decode(stored_meta, Meta)
        return Message(
            self.service, self.epoch, position, previous, wire_type, kind, self._id(aggregate), version,
            meta.actor, meta.correlation_id, meta.causation_id, from_micros(at), meta.effective_on, data, digest,
            traceparent, meta.on_behalf_of,
        )  # fmt: skip

    def published_head(self) -> int:
        return self._one("SELECT max(position) FROM outbox")[0] or 0

    def answer(self, caller: str, key: str) -> Answer | None:
        question = "SELECT request_digest, status, headers, body FROM stored_responses WHERE caller=? AND key=?"
        row = self._one(question, (caller, key))
        return row and Answer(caller, key, row[0], row[1], codec.decode(row[2], dict[str, str]), row[3])

    def owner(self, name: str, value: str) -> UUID | None:
        row = self._one("SELECT aggregate_id FROM unique_values WHERE kind=? AND value=?", (name, value))
        return row and self._id(row[0])

    def last_number(self, series: str) -> int:
        row = self._one("SELECT last_number FROM number_series WHERE series=?", (series,))
        return row[0] if row else 0

    def heard(self, source: str) -> Heard | None:
        row = self._one("SELECT * FROM inbox_positions WHERE source=?", (source,))
        return row and Heard(*row)

    def parked(self, source: str | None = None) -> list[Parked]:
        rows = self._all(
            "SELECT * FROM parked_messages WHERE source=coalesce(?, source) ORDER BY source, epoch, sequence", (source,)
        )
        return [Parked(codec.decode(row[3], Message), row[4], row[5], row[6], from_micros(row[7])) for row in rows]

    def due(self, now: datetime, limit: int = 100) -> list[Timer]:
        rows = self._all("SELECT * FROM timers WHERE due_at<=? ORDER BY due_at, id LIMIT ?", (to_micros(now), limit))
        return [Timer(id_, from_micros(at), kind, self._id(key), note) for id_, at, kind, key, note in rows]

    def next_due(self) -> datetime | None:
        micros = self._one("SELECT min(due_at) FROM timers")[0]
        return None if micros is None else from_micros(micros)
