"""The unit of work: load, decide, commit once. Everything a command changes becomes true together."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID, uuid4

from msgspec import Struct

from shared.codec import decode, encode, plainly
from shared.contracts import Contract
from shared.domain import Aggregate, AlreadyTaken, Meta, NotFound, within
from shared.events import encode_event, fold
from shared.message import Message, event_id
from shared.policy import Published
from shared.settings import FirmSettings, Settings
from shared.store import Answer, Commit, Heard, NewEvent, Recorded, Store

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=Settings)

CACHED_AGGREGATES = 2_000


class Unsaved(Exception):
    """A command changed an aggregate and did not save it: a mistake in the code, nothing is stored."""


class Cause(Struct, frozen=True):
    """Who or what makes this unit of work happen. `correlation` none = decided by the first event."""

    actor: str
    causation: str
    effective_on: date
    correlation: UUID | None = None
    on_behalf_of: str | None = None
    traceparent: str | None = None
    only_own: bool = False
    """Nothing may be seen or changed but what is the actor's."""

    @classmethod
    def of(cls, message: Message, service: str) -> "Cause":
        """A published event makes `service` react, for the person with whom it began."""
        person = message.on_behalf_of or message.actor
        return cls(service, message.id, message.effective_on, message.correlation_id, person, message.traceparent)


def settled(kind: type[K], start: Mapping[str, Any], firm: FirmSettings | None) -> K:
    """The settings that hold: as decided, else as at the start, else as the kind has them."""
    known = {each.name for each in fields(kind)}
    given = {**plainly(dict(start)), **(firm.decided if firm else {})}
    return replace(decode(encode({name: each for name, each in given.items() if name in known}), kind))


class Cache:
    """Aggregates kept between units of work: taken out for one, put back after, never copied."""

    def __init__(self, size: int = CACHED_AGGREGATES) -> None:
        self._size = size
        self._kept: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, id: UUID) -> Aggregate | None:  # noqa: A002
        with self._lock:
            return self._kept.pop(id, None)

    def put(self, aggregates: Sequence[Aggregate]) -> None:
        with self._lock:
            for each in aggregates:
                other = self._kept.pop(each.id, None)
                self._kept[each.id] = each if other is None or other.version <= each.version else other
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


class Unit:
    """One unit of work: the context of its events and the `Find` of its policies."""

    def __init__(
        self,
        store: Store,
        published: Published,
        cache: Cache,
        cause: Cause,
        start: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.store = store
        self.cause = cause
        self._start = start
        self.expected_version: int | None = None
        self.commit = Commit()
        self._published = published
        self._cache = cache
        self._found: dict[UUID, Aggregate] = {}
        self._saved: set[UUID] = set()
        self._happened: list[tuple[Aggregate, Any, Contract | None, str | None]] = []
        self._meta: Meta | None = None
        self._stored_meta: tuple[Meta | None, bytes] = None, b""
        self._before_commit: list[Any] = []

    # -- the context of events

    def meta(self, aggregate: Aggregate | None) -> Meta:
        """One story per unit of work: its cause's, else that of the first aggregate changed, else a new one."""
        if self._meta is None:
            cause, story, preceding = self.cause, self.cause.correlation, None
            if story is None and aggregate is not None:
                story, preceding = aggregate.story, self._last_event_of(aggregate)
            self._meta = Meta(
                cause.actor, story or uuid4(), cause.causation, cause.effective_on, preceding, cause.on_behalf_of
            )
        return self._meta

    def _last_event_of(self, aggregate: Aggregate) -> str | None:
        """None where it was born in this unit of work: no event of it has a place yet."""
        if not hasattr(aggregate, "position"):
            return None
        return event_id(self.store.service, self.store.epoch, aggregate.position)

    def happened(self, aggregate: Aggregate, happening: Any) -> None:
        saying = self._published.sayings.get(type(happening))
        said = saying(happening, aggregate) if saying else None
        self._happened.append((aggregate, happening, said, self.cause.traceparent))
        if happening.originator_version == aggregate.INITIAL_VERSION:
            self._found[aggregate.id] = aggregate

    def because(self, cause: Cause) -> None:
        """What follows has another cause: the next message of a batch."""
        self.cause, self._meta = cause, None

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What is done inside is taken back if it raises; what was done before stays."""
        happened, steps = len(self._happened), len(self._before_commit)
        commit, saved = self.commit.copied(), set(self._saved)
        try:
            yield
        except Exception:
            undone = {each.id: each for each, *_ in self._happened[happened:]}
            del self._happened[happened:], self._before_commit[steps:]
            self.commit, self._saved = commit, saved
            for each in undone.values():
                self._as_before(each)
            raise

    def _as_before(self, undone: Aggregate) -> None:
        """The aggregate from the store again, and what happened to it in this unit of work and stays."""
        self._found.pop(undone.id, None)
        kept = [place for place, (each, *_) in enumerate(self._happened) if each.id == undone.id]
        if not kept:
            return
        again: Any = fold(type(undone), self.store.events(undone.id))
        for place in kept:
            _, happening, *said = self._happened[place]
            again = happening.mutate(again)
            again.pending_events.append(happening)
            self._happened[place] = (again, happening, *said)
        again.story, self._found[again.id] = undone.story, again

    # -- Find

    @property
    def today(self) -> date:
        return self.cause.effective_on

    def __call__(self, kind: type[A], id: UUID | None = None, **born_with: Any) -> A:  # noqa: A002
        if id is not None:
            found = self.maybe(kind, id)
            if found is None:
                raise NotFound(kind.__name__, id)
            return found
        own = kind.id_of(born_with)
        return self.maybe(kind, own) or self._made(kind, own, born_with)

    def _made(self, kind: type[A], id: UUID, born_with: dict[str, Any]) -> A:  # noqa: A002
        made = kind.born(id, born_with)
        if kind.SHARED:
            self.save(made)
        return made

    def maybe(self, kind: type[A], id: UUID) -> A | None:  # noqa: A002
        known = self._found.get(id) or self._load(kind, id)
        if known is not None and not isinstance(known, kind):
            return None
        return known

    def settings(self, kind: type[K]) -> K:
        return settled(kind, self._start, self.maybe(FirmSettings, FirmSettings.create_id()))

    def _load(self, kind: type[A], id: UUID) -> A | None:  # noqa: A002
        if not kind.SHARED:
            self.store.guard(id)
        cached = self._cache.take(id)
        if cached is not None and not isinstance(cached, kind):
            return None
        newer = self.store.events(id, cached.version if cached else 0)
        aggregate = fold(Aggregate, newer, cached)
        if not isinstance(aggregate, kind):
            return None
        self._found[id] = aggregate
        return aggregate

    def judge_version(self, version: int) -> None:
        """What the command is about stands at this version. Raises Stale where its caller saw another."""
        expected, self.expected_version = self.expected_version, None
        if expected is not None and expected != version:
            raise Stale(version)

    def number(self, series: str) -> int:
        before, last = self.commit.numbers.get(series) or (self.store.last_number(series),) * 2
        self.commit.numbers[series] = (before, last + 1)
        return last + 1

    def claim(self, name: str, value: str, owner: UUID) -> None:
        holder = self.owner(name, value)
        if holder is None:
            self.commit.claims.append((name, value, owner))
        elif holder != owner:
            raise AlreadyTaken(f"{name} {value} is already taken", field=name.rpartition(".")[2])

    def release(self, name: str, value: str) -> None:
        mine = [each for each in self.commit.claims if each[:2] == (name, value)]
        for each in mine:
            self.commit.claims.remove(each)
        self.commit.releases.append((name, value))

    def owner(self, name: str, value: str) -> UUID | None:
        for claimed_name, claimed_value, owner in self.commit.claims:
            if (claimed_name, claimed_value) == (name, value):
                return owner
        if (name, value) in self.commit.releases:
            return None
        return self.store.owner(name, value)

    def wake(self, at: datetime, kind: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002
        self.commit.timers.append((at, kind.NAME, id, note))

    # -- the end

    def save(self, *aggregates: Aggregate) -> None:
        for each in aggregates:
            self._saved.add(each.id)

    def unchanged(self, aggregate: Aggregate) -> None:
        """One that is changed (or made) here is fenced by its own events: it only has to be saved."""
        if aggregate.pending_events:
            self.save(aggregate)
        elif (seen := (aggregate.id, aggregate.version)) not in self.commit.unchanged:
            self.commit.unchanged.append(seen)

    def before_commit(self, step: Any) -> None:
        """Do this when every rule has passed, just before the commit."""
        self._before_commit.append(step)

    def finish(
        self, answer: Answer | None = None, heard: Heard | None = None, heard_before: Heard | None = None
    ) -> list[Recorded]:
        """Commit all of it and keep the aggregates for the next one. Raises what `Store.commit` raises."""
        self._require_saved()
        if self.idle and not (answer or heard):
            self.leave()
            return []
        for step in self._before_commit:
            step()
        self.commit.events = [self._new_event(*each) for each in self._happened]
        self.commit.answer, self.commit.heard, self.commit.heard_before = answer, heard, heard_before
        recorded = self.store.commit(self.commit)
        for (aggregate, _, _, _), stored in zip(self._happened, recorded, strict=True):
            aggregate.position, aggregate._modified_on = stored.position, stored.recorded_at
            if stored.version == aggregate.INITIAL_VERSION:
                aggregate._created_on = stored.recorded_at
            aggregate._pending_events.clear()
        self.leave()
        return recorded

    def _require_saved(self) -> None:
        judged = None
        for aggregate, happening, _, _ in self._happened:
            if aggregate is not judged and aggregate.id not in self._saved:
                raise Unsaved(f"{type(happening).__qualname__} happened to {aggregate.id}, which was not saved")
            judged = aggregate

    @property
    def idle(self) -> bool:
        """Nothing would change."""
        commit = self.commit
        changes = commit.claims or commit.releases or commit.numbers or commit.timers or commit.fired
        return not (self._happened or changes or self._before_commit)

    def leave(self) -> None:
        """Give the aggregates back, those that were not changed or whose change is stored."""
        self._cache.put([each for each in self._found.values() if not each.pending_events])

    def _new_event(self, aggregate: Aggregate, event: Any, said: Contract | None, traceparent: str | None) -> NewEvent:
        meta = self._encoded(event.meta)
        new = aggregate.id, event.originator_version, type(event).TOPIC, encode_event(event, meta)
        story = event.meta.correlation_id
        if said is None:
            return NewEvent(*new, story=story)
        return NewEvent(*new, said.wire_type(), encode(said), meta, traceparent, story)

    def _encoded(self, meta: Meta) -> bytes:
        """Events of one cause share it, so it is encoded once."""
        if self._stored_meta[0] is not meta:
            self._stored_meta = meta, encode(meta)
        return self._stored_meta[1]

    def __enter__(self) -> "Unit":
        self._within = within(self)
        self._within.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._within.__exit__(*error)


class Stale(Exception):
    """The caller saw an older version than the current one."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the current version is {current}")
        self.current = current
