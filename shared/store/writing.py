"""A commit as data: the statements that write it, the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shared import codec
from shared.domain import AlreadyTaken
from shared.store import AlreadyHeard, Answer, Commit, KeySeen, NewEvent, NumberTaken, Parked, Recorded, VersionClash
from shared.store.sql import Values, from_micros, to_micros


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
class Placed:
    """In a row: the position of the nth event of the commit, counted from 1."""

    nth: int


@dataclass(frozen=True, slots=True)
class LastPublished:
    """In a row: the position of the newest published event before the commit."""


@dataclass(frozen=True, slots=True)
class NotBefore:
    """In a row: this instant, or that of the newest event if that is later."""

    micros: int


class End(Protocol):
    """Where the log ends before the commit, and what follows from that."""

    @property
    def published(self) -> Any:
        """The position of the newest published event."""
        ...

    def placed(self, nth: int) -> Any:
        """The position of the nth event of the commit, counted from 1."""
        ...

    def not_before(self, micros: int) -> Any:
        """This instant, or that of the newest event if that is later. Recorded time never goes back."""
        ...


class Unseen:
    """Only the database will know: marks stand in the rows for what depends on the end of the log."""

    published = LastPublished()
    placed, not_before = Placed, NotBefore


UNSEEN = Unseen()


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest event, when it was recorded, the newest published event."""

    position: int = 0
    recorded_at: int = 0
    published: int = 0

    def placed(self, nth: int) -> int:
        return self.position + nth

    def not_before(self, micros: int) -> int:
        return max(micros, self.recorded_at)

    def place(self, row: Values) -> list[Any]:
        """The row, with its marks filled in."""
        return [self._known(value) for value in row]

    def _known(self, value: Any) -> Any:
        match value:
            case Placed(nth):
                return self.placed(nth)
            case LastPublished():
                return self.published
            case NotBefore(micros):
                return self.not_before(micros)
        return value


NEWEST = """SELECT position, recorded_at, (SELECT coalesce(max(position), 0) FROM outbox) AS published
    FROM events ORDER BY position DESC LIMIT 1"""


@dataclass(frozen=True)
class Writing:
    """A commit as the steps that write it at the end of the log, wherever that will be."""

    commit: Commit
    now: datetime

    def stored(self, newest: Newest) -> list[Recorded]:
        """The events as they are stored where the log ended so."""
        at = from_micros(newest.not_before(to_micros(self.now)))
        return [
            Recorded(position, each.aggregate, each.version, each.type, at, each.state)
            for position, each in enumerate(self.commit.events, newest.position + 1)
        ]

    def steps(self, end: End) -> Iterator[Step]:
        """In order; of several that find no place the first one counts."""
        commit = self.commit
        if commit.releases:
            yield Step("DELETE FROM unique_values WHERE kind=? AND value=?", commit.releases, before=True)
        if commit.answer:
            row = _answer_row(commit.answer)
            yield Step("INSERT INTO stored_responses VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING", [row], KeySeen)
        for aggregate, version in commit.unchanged:
            statement = "SELECT 1 WHERE (SELECT max(version) FROM events WHERE aggregate=?) = ?"
            yield Step(statement, [(aggregate, version)], _clash(f"{aggregate} is no longer at version {version}"))
        yield from self._numbers()
        yield from self._heard()
        yield from self._events(end)
        for claim in commit.claims:
            yield Step("INSERT INTO unique_values VALUES (?,?,?) ON CONFLICT DO NOTHING", [claim], _taken(*claim))
        yield from self._timers()

    def _numbers(self) -> Iterator[Step]:
        for series, (before, after) in self.commit.numbers.items():
            taken = _number_taken(series)
            if before:
                statement = "UPDATE number_series SET last_number=? WHERE series=? AND last_number=?"
                yield Step(statement, [(after, series, before)], taken)
            else:
                statement = "INSERT INTO number_series VALUES (?,?) ON CONFLICT DO NOTHING"
                yield Step(statement, [(series, after)], taken)

    def _heard(self) -> Iterator[Step]:
        heard, before = self.commit.heard, self.commit.heard_before
        if heard and before:
            statement = """UPDATE inbox_positions SET epoch=?, position=?, stream_sequence=?
                WHERE source=? AND epoch=? AND position=?"""
            values = (heard.epoch, heard.position, heard.hint, heard.source, before.epoch, before.position)
            yield Step(statement, [values], AlreadyHeard)
        elif heard:
            row = (heard.source, heard.epoch, heard.position, heard.hint)
            yield Step("INSERT INTO inbox_positions VALUES (?,?,?,?) ON CONFLICT DO NOTHING", [row], AlreadyHeard)
        if self.commit.park:
            rows = [_parked_row(each) for each in self.commit.park]
            yield Step(
                "INSERT INTO parked_messages VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", rows, AlreadyHeard
            )
        if self.commit.unpark:
            statement = "DELETE FROM parked_messages WHERE source=? AND epoch=? AND sequence=?"
            yield Step(statement, self.commit.unpark, AlreadyHeard)

    def _events(self, end: End) -> Iterator[Step]:
        if not self.commit.events:
            return
        at = end.not_before(to_micros(self.now))
        events = [
            (end.placed(nth), each.aggregate, each.version, each.type, at, each.state)
            for nth, each in enumerate(self.commit.events, 1)
        ]
        changed = _clash("another one changed the same aggregate first")
        yield Step("INSERT INTO events VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING", events, changed)
        if published := list(self._published(end, at)):
            yield Step("INSERT INTO outbox VALUES (?,?,?,?,?,?,?,?,?,?,?)", published)
        if stories := list(self._stories(end)):
            yield Step("INSERT INTO correlations VALUES (?,?,?)", stories)

    def _published(self, end: End, at: Any) -> Iterator[Values]:
        """Each with the position of the one before, so that a hole shows."""
        previous = end.published
        for nth, event in enumerate(self.commit.events, 1):
            if event.said is not None:
                place = end.placed(nth)
                yield _published_row(event, event.said, place, previous, at)
                previous = place

    def _stories(self, end: End) -> Iterator[Values]:
        """Each run of events of one story, by its first and last position: one row for most commits."""
        events, first = self.commit.events, 1
        for nth, each in enumerate(events, 1):
            if nth == len(events) or events[nth].story != each.story:
                if each.story is not None:
                    yield each.story, end.placed(first), end.placed(nth)
                first = nth + 1

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


def _published_row(event: NewEvent, said: bytes, place: Any, previous: Any, at: Any) -> Values:
    kind = event.type.rpartition(".")[0]
    return (place, previous, event.said_type, kind, event.aggregate, event.version, at,
            event.meta, event.traceparent, codec.digest(said), said)  # fmt: skip
