"""What the event stores on SQLite and PostgreSQL have in common: the steps of a commit, and every question."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from uuid import UUID

from shared import codec
from shared.domain import AlreadyTaken, Meta
from shared.message import Message
from shared.store import (
    AlreadyHeard,
    Answer,
    Commit,
    Heard,
    KeySeen,
    NewEvent,
    NumberTaken,
    Parked,
    Recorded,
    Store,
    Timer,
    VersionClash,
)

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Values = Sequence[Any]


def to_micros(at: datetime) -> int:
    return (at - BEGINNING) // MICROSECOND


@lru_cache(maxsize=1024)
def from_micros(micros: int) -> datetime:
    return BEGINNING + micros * MICROSECOND


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a commit with the rows it runs for; `otherwise` is what it means if one finds no place.

    The steps of a commit may be taken together, except that what is done `before` is seen by the others.
    """

    statement: str
    rows: Sequence[Values]
    otherwise: Callable[[], Exception] | None = None
    before: bool = False


@dataclass(frozen=True, slots=True)
class Newest:
    """Where the log ends: the newest event, when it was recorded, and the newest published event."""

    position: int = 0
    recorded_at: int = 0
    published: int = 0


NEWEST = """SELECT position, recorded_at, (SELECT coalesce(max(position), 0) FROM published)
    FROM events ORDER BY position DESC LIMIT 1"""


@dataclass
class Writing:
    """A commit as the steps that write it, and the events as they will be stored."""

    commit: Commit
    newest: Newest
    now: datetime
    stored: list[Recorded] = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """In order; of several that find no place the first one counts."""
        commit = self.commit
        if commit.releases:
            yield Step("DELETE FROM claims WHERE name=? AND value=?", commit.releases, before=True)
        if commit.answer:
            row = _answer_row(commit.answer)
            yield Step("INSERT INTO answers VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING", [row], KeySeen)
        for aggregate, version in commit.unchanged:
            statement = "SELECT 1 WHERE (SELECT max(version) FROM events WHERE aggregate=?) = ?"
            yield Step(statement, [(aggregate, version)], _clash(f"{aggregate} is no longer at version {version}"))
        yield from self._numbers()
        yield from self._heard()
        yield from self._events()
        for claim in commit.claims:
            yield Step("INSERT INTO claims VALUES (?,?,?) ON CONFLICT DO NOTHING", [claim], _taken(*claim))
        yield from self._timers()

    def _numbers(self) -> Iterator[Step]:
        for series, (before, after) in self.commit.numbers.items():
            taken = _number_taken(series)
            if before:
                yield Step("UPDATE numbers SET last=? WHERE series=? AND last=?", [(after, series, before)], taken)
            else:
                yield Step("INSERT INTO numbers VALUES (?,?) ON CONFLICT DO NOTHING", [(series, after)], taken)

    def _heard(self) -> Iterator[Step]:
        heard, before = self.commit.heard, self.commit.heard_before
        if heard and before:
            statement = "UPDATE heard SET epoch=?, position=?, hint=? WHERE source=? AND epoch=? AND position=?"
            values = (heard.epoch, heard.position, heard.hint, heard.source, before.epoch, before.position)
            yield Step(statement, [values], AlreadyHeard)
        elif heard:
            row = (heard.source, heard.epoch, heard.position, heard.hint)
            yield Step("INSERT INTO heard VALUES (?,?,?,?) ON CONFLICT DO NOTHING", [row], AlreadyHeard)
        if self.commit.park:
            rows = [_parked_row(each) for each in self.commit.park]
            yield Step("INSERT INTO parked VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", rows, AlreadyHeard)
        if self.commit.unpark:
            statement = "DELETE FROM parked WHERE source=? AND epoch=? AND sequence=?"
            yield Step(statement, self.commit.unpark, AlreadyHeard)

    def _events(self) -> Iterator[Step]:
        if not self.commit.events:
            return
        at = max(to_micros(self.now), self.newest.recorded_at)
        events, published, previous = [], [], self.newest.published
        for position, event in enumerate(self.commit.events, self.newest.position + 1):
            events.append((position, event.aggregate, event.version, event.type, at, event.state))
            self.stored.append(
                Recorded(position, event.aggregate, event.version, event.type, from_micros(at), event.state)
            )
            if event.said is not None:
                published.append(_published_row(event, position, previous, at))
                previous = position
        yield Step(
            "INSERT INTO events VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            events,
            _clash("another one changed the same aggregate first"),
        )
        if published:
            yield Step("INSERT INTO published VALUES (?,?,?,?,?,?,?,?,?,?,?)", published)
        if stories := list(self._stories()):
            yield Step("INSERT INTO stories VALUES (?,?,?)", stories)

    def _stories(self) -> Iterator[Values]:
        """Each run of events of one story, by its first and last position: one row for most commits."""
        placed = enumerate(self.commit.events, self.newest.position + 1)
        for story, run in groupby(placed, key=lambda each: each[1].story):
            positions = [position for position, _ in run]
            if story is not None:
                yield story, positions[0], positions[-1]

    def _timers(self) -> Iterator[Step]:
        commit = self.commit
        if commit.timers:
            rows = [(to_micros(at), kind, aggregate, note) for at, kind, aggregate, note in commit.timers]
            yield Step("INSERT INTO timers (due_at, kind, aggregate, note) VALUES (?,?,?,?)", rows)
        if commit.fired:
            yield Step("DELETE FROM timers WHERE id=?", [(each,) for each in commit.fired], AlreadyHeard)


def _clash(detail: str) -> Callable[[], Exception]:
    return lambda: VersionClash(detail)


def _number_taken(series: str) -> Callable[[], Exception]:
    return lambda: NumberTaken(f"another one took a number of {series} first")


def _taken(name: str, value: str, owner: UUID) -> Callable[[], Exception]:
    del owner
    return lambda: AlreadyTaken(f"{value} is already taken", field=name.rpartition(".")[2])


def _answer_row(answer: Answer) -> Values:
    return (answer.caller, answer.key, answer.request, answer.status, codec.encode(answer.headers), answer.body)


def _parked_row(parked: Parked) -> Values:
    message = parked.message
    return (message.source, message.epoch, message.sequence, codec.encode(message), parked.error,
            parked.fingerprint, parked.attempts, to_micros(parked.parked_at))  # fmt: skip


def _published_row(event: NewEvent, position: int, previous: int, at: int) -> Values:
    assert event.said is not None
    return (position, previous, event.said_type, event.type.rpartition(".")[0], event.aggregate, event.version, at,
            event.meta, event.traceparent, codec.digest(event.said), event.said)  # fmt: skip


class SqlStore(Store):
    """Every question to an event store; how it is put to the database and how a commit is made is the dialect's."""

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

    @property
    def epoch(self) -> str:
        if self._epoch is None:
            row = self._one("SELECT epoch FROM incarnation")
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
        question, values = "SELECT * FROM events WHERE position>?", [after]
        wanted: list[Any] = list(values)
        if until is not None:
            question += " AND position<=?"
            wanted.append(until)
        if types is not None:
            question += f" AND type IN ({','.join('?' * len(types)) or 'NULL'})"
            wanted.extend(types)
        return self._recorded(self._all(f"{question} ORDER BY position LIMIT ?", [*wanted, limit]))

    def story(self, story: UUID, after: int, limit: int, until: int) -> list[Recorded]:
        question = """SELECT events.* FROM stories JOIN events ON position BETWEEN first AND last
            WHERE story=? AND position>? AND position<=? ORDER BY position LIMIT ?"""
        return self._recorded(self._all(question, (story, after, until, limit)))

    def _recorded(self, rows: Sequence[Any]) -> list[Recorded]:
        return [
            Recorded(position, self._id(aggregate), version, kind, from_micros(at), state)
            for position, aggregate, version, kind, at, state in rows
        ]

    def head(self) -> int:
        return self._one("SELECT max(position) FROM events")[0] or 0

    def published(self, after: int, limit: int) -> list[Message]:
        rows = self._all("SELECT * FROM published WHERE position>? ORDER BY position LIMIT ?", (after, limit))
        return [self._message(row) for row in rows]

    def _message(self, row: Any) -> Message:
        position, previous, wire_type, kind, aggregate, version, at, stored_meta, traceparent, digest, data = row
        meta = codec.decode(stored_meta, Meta)
        return Message(
            self.service, self.epoch, position, previous, wire_type, kind, self._id(aggregate), version,
            meta.actor, meta.correlation, meta.causation, from_micros(at), meta.effective_on, data, digest, traceparent,
        )  # fmt: skip

    def published_head(self) -> int:
        return self._one("SELECT max(position) FROM published")[0] or 0

    def answer(self, caller: str, key: str) -> Answer | None:
        row = self._one("SELECT request, status, headers, body FROM answers WHERE caller=? AND key=?", (caller, key))
        return row and Answer(caller, key, row[0], row[1], codec.decode(row[2], dict[str, str]), row[3])

    def owner(self, name: str, value: str) -> UUID | None:
        row = self._one("SELECT owner FROM claims WHERE name=? AND value=?", (name, value))
        return row and self._id(row[0])

    def last_number(self, series: str) -> int:
        row = self._one("SELECT last FROM numbers WHERE series=?", (series,))
        return row[0] if row else 0

    def heard(self, source: str) -> Heard | None:
        row = self._one("SELECT * FROM heard WHERE source=?", (source,))
        return row and Heard(*row)

    def parked(self, source: str | None = None) -> list[Parked]:
        rows = self._all(
            "SELECT * FROM parked WHERE source=coalesce(?, source) ORDER BY source, epoch, sequence", (source,)
        )
        return [Parked(codec.decode(row[3], Message), row[4], row[5], row[6], from_micros(row[7])) for row in rows]

    def due(self, now: datetime, limit: int = 100) -> list[Timer]:
        rows = self._all("SELECT * FROM timers WHERE due_at<=? ORDER BY due_at, id LIMIT ?", (to_micros(now), limit))
        return [Timer(id_, from_micros(at), kind, self._id(key), note) for id_, at, kind, key, note in rows]

    def next_due(self) -> datetime | None:
        micros = self._one("SELECT min(due_at) FROM timers")[0]
        return None if micros is None else from_micros(micros)
