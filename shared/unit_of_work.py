"""The unit of work: load, decide, commit. All changes of a command are stored in one transaction."""

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

from shared.codec import decode, encode, to_plain
from shared.contracts import Contract
from shared.domain import Aggregate, AlreadyTaken, Meta, NotFound, ServiceSettings, use_context
from shared.event_codec import encode_event, replay
from shared.message import Message, event_id
from shared.policies import PublishedEvents
from shared.settings import FirmSettings
from shared.store import Commit, IdempotencyRecord, InboxPosition, NewEvent, RecordedEvent
from shared.store.event_store import EventStore

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=ServiceSettings)

CACHED_AGGREGATES = 2_000


class UnsavedChanges(Exception):
    """Raised when a command changed an aggregate but did not save it: an error in the code, nothing is stored."""


class CommandContext(Struct, frozen=True):
    """Actor, cause and business date of a unit of work. Without `correlation_id` the first event decides it."""

    actor: str
    causation_id: str
    effective_on: date
    correlation_id: UUID | None = None
    on_behalf_of: str | None = None
    traceparent: str | None = None
    only_own: bool = False
    """The actor can read and change only their own records."""

    @classmethod
    def from_message(cls, message: Message, service: str) -> "CommandContext":
        """Return the context of a reaction of `service` to an event, on behalf of the user who started the flow."""
        user = message.on_behalf_of or message.actor
        return cls(service, message.id, message.effective_on, message.correlation_id, user, message.traceparent)


def effective_settings(settings_class: type[K], initial: Mapping[str, Any], firm: FirmSettings | None) -> K:
    """Return the current settings: as changed by the firm, else the initial ones, else the defaults of the class."""
    known = {each.name for each in fields(settings_class)}
    given = {**to_plain(dict(initial)), **(firm.decided if firm else {})}
    return replace(decode(encode({name: each for name, each in given.items() if name in known}), settings_class))


class AggregateCache:
    """Aggregates cached between units of work: removed for one and put back afterwards, never copied."""

    def __init__(self, size: int = CACHED_AGGREGATES) -> None:
        self._size = size
        self._aggregates: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, id: UUID) -> Aggregate | None:  # noqa: A002
        with self._lock:
            return self._aggregates.pop(id, None)

    def put(self, aggregates: Sequence[Aggregate]) -> None:
        with self._lock:
            for each in aggregates:
                other = self._aggregates.pop(each.id, None)
                self._aggregates[each.id] = each if other is None or other.version <= each.version else other
            while len(self._aggregates) > self._size:
                self._aggregates.popitem(last=False)


class StoreUnitOfWork:
    """One unit of work: the `EventContext` of its events and the `UnitOfWork` of its policies."""

    def __init__(
        self,
        store: EventStore,
        published: PublishedEvents,
        cache: AggregateCache,
        context: CommandContext,
        start: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.store = store
        self.context = context
        self._initial_settings = start
        self.expected_version: int | None = None
        self.commit = Commit()
        self._published = published
        self._cache = cache
        self._loaded: dict[UUID, Aggregate] = {}
        self._saved: set[UUID] = set()
        self._pending: list[tuple[Aggregate, Any, Contract | None, str | None]] = []
        self._metadata: Meta | None = None
        self._encoded_metadata: tuple[Meta | None, bytes] = None, b""
        self._before_commit: list[Any] = []

    # -- EventContext

    def metadata(self, aggregate: Aggregate | None) -> Meta:
        """Return the events' metadata: correlation id of the context, else of the first changed aggregate, else new."""
        if self._metadata is None:
            context, correlation_id, preceding = self.context, self.context.correlation_id, None
            if correlation_id is None and aggregate is not None:
                correlation_id, preceding = aggregate.correlation_id, self._last_event_of(aggregate)
            self._metadata = Meta(
                context.actor, correlation_id or uuid4(), context.causation_id, context.effective_on, preceding,
                context.on_behalf_of,
            )  # fmt: skip
        return self._metadata

    def _last_event_of(self, aggregate: Aggregate) -> str | None:
        """Return the id of the last stored event, or None for an aggregate created in this unit of work."""
        if not hasattr(aggregate, "position"):
            return None
        return event_id(self.store.service, self.store.epoch, aggregate.position)

    def record(self, aggregate: Aggregate, event: Any) -> None:
        mapping = self._published.mappings.get(type(event))
        published = mapping(event, aggregate) if mapping else None
        self._pending.append((aggregate, event, published, self.context.traceparent))
        if event.originator_version == aggregate.INITIAL_VERSION:
            self._loaded[aggregate.id] = aggregate

    def set_context(self, context: CommandContext) -> None:
        """Use another context from now on, as for the next message of a batch."""
        self.context, self._metadata = context, None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the changes made inside if an exception is raised; keep those made before."""
        events, steps = len(self._pending), len(self._before_commit)
        commit, saved = self.commit.copy(), set(self._saved)
        try:
            yield
        except Exception:
            undone = {each.id: each for each, *_ in self._pending[events:]}
            del self._pending[events:], self._before_commit[steps:]
            self.commit, self._saved = commit, saved
            for each in undone.values():
                self._restore(each)
            raise

    def _restore(self, undone: Aggregate) -> None:
        """Load the aggregate again and apply its pending events that are kept."""
        self._loaded.pop(undone.id, None)
        kept = [index for index, (each, *_) in enumerate(self._pending) if each.id == undone.id]
        if not kept:
            return
        restored: Any = replay(type(undone), self.store.events(undone.id))
        for index in kept:
            _, event, *rest = self._pending[index]
            restored = event.mutate(restored)
            restored.pending_events.append(event)
            self._pending[index] = (restored, event, *rest)
        restored.correlation_id, self._loaded[restored.id] = undone.correlation_id, restored

    # -- UnitOfWork

    @property
    def effective_on(self) -> date:
        return self.context.effective_on

    def get(self, aggregate_class: type[A], id: UUID) -> A:  # noqa: A002
        aggregate = self.get_or_none(aggregate_class, id)
        if aggregate is None:
            raise NotFound(aggregate_class.__name__, id)
        return aggregate

    def get_or_create(self, aggregate_class: type[A], **creation_arguments: Any) -> A:
        id_ = aggregate_class.id_for_creation(creation_arguments)
        return self.get_or_none(aggregate_class, id_) or self._create(aggregate_class, id_, creation_arguments)

    def _create(self, aggregate_class: type[A], id: UUID, creation_arguments: dict[str, Any]) -> A:  # noqa: A002
        created = aggregate_class.create_with_id(id, creation_arguments)
        if aggregate_class.IS_SHARED:
            self.save(created)
        return created

    def get_or_none(self, aggregate_class: type[A], id: UUID) -> A | None:  # noqa: A002
        aggregate = self._loaded.get(id) or self._load(aggregate_class, id)
        if aggregate is not None and not isinstance(aggregate, aggregate_class):
            return None
        return aggregate

    def get_settings(self, settings_class: type[K]) -> K:
        return effective_settings(
            settings_class, self._initial_settings, self.get_or_none(FirmSettings, FirmSettings.create_id())
        )

    def _load(self, aggregate_class: type[A], id: UUID) -> A | None:  # noqa: A002
        if not aggregate_class.IS_SHARED:
            self.store.lock_aggregate(id)
        cached = self._cache.take(id)
        if cached is not None and not isinstance(cached, aggregate_class):
            return None
        newer = self.store.events(id, cached.version if cached else 0)
        aggregate = replay(Aggregate, newer, cached)
        if not isinstance(aggregate, aggregate_class):
            return None
        self._loaded[id] = aggregate
        return aggregate

    def require_version(self, version: int) -> None:
        """Compare the version with the one the caller expects, once. Raises StaleVersion if they differ."""
        expected, self.expected_version = self.expected_version, None
        if expected is not None and expected != version:
            raise StaleVersion(version)

    def next_number(self, series: str) -> int:
        before, last = self.commit.numbers.get(series) or (self.store.last_number(series),) * 2
        self.commit.numbers[series] = (before, last + 1)
        return last + 1

    def reserve_unique(self, name: str, value: str, owner: UUID) -> None:
        holder = self.get_unique_owner(name, value)
        if holder is None:
            self.commit.reservations.append((name, value, owner))
        elif holder != owner:
            raise AlreadyTaken(f"{name} {value} is already taken", field=name.rpartition(".")[2])

    def release_unique(self, name: str, value: str) -> None:
        own = [each for each in self.commit.reservations if each[:2] == (name, value)]
        for each in own:
            self.commit.reservations.remove(each)
        self.commit.released.append((name, value))

    def get_unique_owner(self, name: str, value: str) -> UUID | None:
        for reserved_name, reserved_value, owner in self.commit.reservations:
            if (reserved_name, reserved_value) == (name, value):
                return owner
        if (name, value) in self.commit.released:
            return None
        return self.store.get_unique_owner(name, value)

    def schedule(self, at: datetime, aggregate_class: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002
        self.commit.timers.append((at, aggregate_class.NAME, id, note))

    # -- saving and committing

    def save(self, *aggregates: Aggregate) -> None:
        for each in aggregates:
            self._saved.add(each.id)

    def require_unchanged(self, aggregate: Aggregate) -> None:
        """Check the version at the commit; the events of an aggregate changed or created here do so by themselves."""
        if aggregate.pending_events:
            self.save(aggregate)
        elif (seen := (aggregate.id, aggregate.version)) not in self.commit.unchanged:
            self.commit.unchanged.append(seen)

    def add_before_commit(self, step: Any) -> None:
        """Run a step just before the commit, when no rule was broken."""
        self._before_commit.append(step)

    def finish(
        self,
        idempotency_record: IdempotencyRecord | None = None,
        inbox_position: InboxPosition | None = None,
        previous_inbox_position: InboxPosition | None = None,
    ) -> list[RecordedEvent]:
        """Commit all changes and return the aggregates to the cache. Raises the errors of `EventStore.commit`."""
        self._require_saved()
        if self.is_empty and not (idempotency_record or inbox_position):
            self.return_to_cache()
            return []
        for step in self._before_commit:
            step()
        self.commit.events = [self._new_event(*each) for each in self._pending]
        self.commit.idempotency_record, self.commit.inbox_position, self.commit.previous_inbox_position = (
            idempotency_record,
            inbox_position,
            previous_inbox_position,
        )
        recorded = self.store.commit(self.commit)
        for (aggregate, _, _, _), stored in zip(self._pending, recorded, strict=True):
            aggregate.mark_stored(stored.version, stored.position, stored.recorded_at)
        self.return_to_cache()
        return recorded

    def _require_saved(self) -> None:
        checked = None
        for aggregate, event, _, _ in self._pending:
            if aggregate is not checked and aggregate.id not in self._saved:
                raise UnsavedChanges(f"{type(event).__qualname__} changed {aggregate.id}, which was not saved")
            checked = aggregate

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        commit = self.commit
        changes = commit.reservations or commit.released or commit.numbers or commit.timers or commit.fired_timers
        return not (self._pending or changes or self._before_commit)

    def return_to_cache(self) -> None:
        """Return the aggregates without unstored changes to the cache."""
        self._cache.put([each for each in self._loaded.values() if not each.pending_events])

    def _new_event(
        self, aggregate: Aggregate, event: Any, published: Contract | None, traceparent: str | None
    ) -> NewEvent:
        meta = self._encode_metadata(event.meta)
        new = aggregate.id, event.originator_version, type(event).TOPIC, encode_event(event, meta)
        correlation_id = event.meta.correlation_id
        if published is None:
            return NewEvent(*new, correlation_id=correlation_id)
        return NewEvent(*new, published.wire_type(), encode(published), meta, traceparent, correlation_id)

    def _encode_metadata(self, meta: Meta) -> bytes:
        """Return the encoded metadata. Events of one context share it, so it is encoded once."""
        if self._encoded_metadata[0] is not meta:
            self._encoded_metadata = meta, encode(meta)
        return self._encoded_metadata[1]

    def __enter__(self) -> "StoreUnitOfWork":
        self._active_context = use_context(self)
        self._active_context.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._active_context.__exit__(*error)


class StaleVersion(Exception):
    """Raised when the caller's version is not the current one."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the record was changed; its current version is {current}")
        self.current_version = current
