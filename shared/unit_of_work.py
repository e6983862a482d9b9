"""The unit of work: load, decide, commit. All changes of a command are stored in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

from msgspec.structs import replace

from shared.aggregate_cache import AggregateCache
from shared.command_context import CommandContext
from shared.commit_builder import CommitBuilder
from shared.commit_effects import effects_of
from shared.domain import (
    AccessDenied,
    Aggregate,
    EventMetadata,
    Firm,
    InvalidInput,
    NotFound,
    ServiceSettings,
    require_not_before,
)
from shared.domain.context import RecordingContext
from shared.domain.errors import class_words, record_words
from shared.event_codec import replay
from shared.events_to_store import EventsToStore
from shared.known_firm import KnownFirm
from shared.message import event_id
from shared.ownership import OwnerRules
from shared.policies import PublishedEventMappings
from shared.settings import FirmSettings, effective_settings
from shared.store import IdempotencyRecord, InboxPosition, RecordedEvent
from shared.store.event_store import EventStore
from shared.undo import UndoableDict

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=ServiceSettings)


class StaleVersion(Exception):
    """Raised when the caller's version is not the current one."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the record was changed: read it again; its current version is {current}")
        self.current_version = current


class StoreUnitOfWork(CommitBuilder, RecordingContext):
    """One unit of work: the `RecordingContext` of its events and the `UnitOfWork` of its policies and commands."""

    def __init__(
        self,
        store: EventStore,
        published: PublishedEventMappings,
        owner_rules: OwnerRules,
        cache: AggregateCache,
        firm: KnownFirm,
        context: CommandContext,
    ) -> None:
        super().__init__(store)
        self.context = context
        self.expected_version: int | None = None
        self._owner_rules, self._cache, self._known_firm = owner_rules, cache, firm
        self._loaded: dict[UUID, Aggregate] = {}
        self._absent: set[UUID] = set()
        self._saved = UndoableDict[UUID, None]()
        self._events_to_store = EventsToStore(published)
        self._metadata: EventMetadata | None = None

    # -- RecordingContext

    def metadata(self, aggregate: Aggregate | None) -> EventMetadata:
        """Return the events' metadata: correlation id of the context, else of the first changed aggregate, else new."""
        if self._metadata is None:
            context, correlation_id, preceding = self.context, self.context.correlation_id, None
            if correlation_id is None and aggregate is not None:
                correlation_id, preceding = aggregate.correlation_id, self._last_event_of(aggregate)
            self._metadata = EventMetadata(
                context.actor, correlation_id or uuid4(), context.causation_id, self.effective_on, preceding,
                context.on_behalf_of, context.request,
            )  # fmt: skip
        return self._metadata

    def _last_event_of(self, aggregate: Aggregate) -> str | None:
        """Return the id of the last stored event, or None for an aggregate created in this unit of work."""
        if not hasattr(aggregate, "position"):
            return None
        return event_id(self.store.service, self.store.epoch, aggregate.position)

    def join_correlation(self, aggregate: Aggregate) -> None:
        """Give the command the correlation id of this aggregate, whichever it changes first."""
        self.metadata(aggregate)

    def new_correlation(self) -> None:
        """Give the command a new correlation id, whatever it changes."""
        self.metadata(None)

    def record(self, aggregate: Aggregate, event: Any) -> None:
        self._events_to_store.add(aggregate, event, self.context.traceparent)
        if event.originator_version == aggregate.INITIAL_VERSION:
            self._loaded[aggregate.id] = aggregate

    def check_date(self, aggregate: Aggregate, what: str | None = None) -> None:
        """Require that a person who gave a business date did not date the command before the record, called `what`."""
        if self.context.date_field is not None:
            words = what or record_words(aggregate)
            require_not_before(self.effective_on, aggregate.dated_on, words, self.context.date_field)

    def date_by_default(self, day: date) -> date:
        """Date the command on this day unless its caller gave a date or it changed something. Returns its date."""
        if self.context.date_field is None and self._metadata is None:
            self.context = replace(self.context, effective_on=day)
        return self.effective_on

    def set_context(self, context: CommandContext) -> None:
        """Use another context from now on, as for the next message of a batch."""
        self.context, self._metadata = context, None

    def take_effect_on(self, day: date, date_field: str | None = None) -> None:
        """Set the business date of the command: that of the document it records; `date_field` gave it, if one did."""
        given = date_field or self.context.date_field
        self.set_context(replace(self.context, effective_on=day, date_field=given))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the changes made inside if an exception is raised; keep those made before."""
        events, saved, undo = len(self._events_to_store), self._saved.changes, self.mark()
        try:
            yield
        except Exception:  # whatever it was: it is raised again
            undo()
            self._saved.undo_after(saved)
            for each in self._events_to_store.undo_after(events):
                self._loaded.pop(each.id, None)
                if restored := self._events_to_store.restore(each, self.store):
                    self._loaded[each.id] = restored
            raise

    # -- UnitOfWork

    @property
    def effective_on(self) -> date:
        if self.context.effective_on is None:
            self.context = replace(self.context, effective_on=self._known_firm.current_date)
        assert self.context.effective_on is not None
        return self.context.effective_on

    def get(self, aggregate_class: type[A], id: UUID) -> A:
        aggregate = self.get_or_none(aggregate_class, id)
        if aggregate is None:
            raise NotFound(aggregate_class, id)
        return aggregate

    def get_or_none(self, aggregate_class: type[A], id: UUID) -> A | None:
        aggregate = self.load(aggregate_class, id)
        return aggregate if aggregate is not None and self._is_accessible(aggregate) else None

    def get_or_create(self, aggregate_class: type[A], **creation_arguments: Any) -> A:
        id_ = aggregate_class.id_for_creation(creation_arguments)
        aggregate = self.load(aggregate_class, id_) or self._create(aggregate_class, id_, creation_arguments)
        if not self._is_accessible(aggregate):
            raise NotFound(aggregate_class, id_)
        return aggregate

    def get_referenced(self, aggregate_class: type[A], id: UUID, *, field: str) -> A:
        """Return an aggregate that a command refers to in addition to its own.

        Raises InvalidInput for an unknown id; AccessDenied if callers are limited to their own records, known or not.
        """
        aggregate = self.get_or_none(aggregate_class, id)
        if aggregate is None:
            error_class = AccessDenied if self.context.only_own else InvalidInput
            raise error_class(f"{class_words(aggregate_class.__name__)} {id} not found", field=field)
        return aggregate

    def load(self, aggregate_class: type[A], id: UUID) -> A | None:
        """Return the aggregate of any owner, or None for an unknown id; the store is asked once for each."""
        aggregate = self._loaded.get(id)
        if aggregate is None and id not in self._absent:
            aggregate = self._load_from_store(aggregate_class, id)
        return aggregate if isinstance(aggregate, aggregate_class) else None

    def _load_from_store(self, aggregate_class: type[A], id: UUID) -> A | None:
        if not aggregate_class.IS_SHARED:
            self.store.lock_aggregate(id)
        cached = self._cache.take(id)
        if cached is not None and not isinstance(cached, aggregate_class):
            return None
        newer = self.store.events(id, cached.version if cached else 0)
        aggregate = replay(Aggregate, newer, cached)
        if not isinstance(aggregate, aggregate_class):
            if aggregate is None:
                self._absent.add(id)
            return None
        self._loaded[id] = aggregate
        return aggregate

    def _create(self, aggregate_class: type[A], id: UUID, creation_arguments: dict[str, Any]) -> A:
        created = aggregate_class.create_with_id(id, creation_arguments)
        if aggregate_class.IS_SHARED:
            self._saved[id] = None
        return created

    def _is_accessible(self, aggregate: Aggregate) -> bool:
        """Whether the caller has access. Raises StaleVersion if the aggregate changed after the caller read it."""
        if not self._has_access(aggregate):
            return False
        if self.expected_version is not None and hasattr(aggregate, "position"):
            self.require_version(aggregate.version)
        return True

    def _has_access(self, aggregate: Aggregate) -> bool:
        context = self.context
        return not context.only_own or self._owner_rules.owner_of(aggregate, self.load) == context.actor

    def get_settings(self, settings_class: type[K]) -> K:
        return effective_settings(settings_class, self.load(FirmSettings, FirmSettings.create_id()))

    @property
    def firm(self) -> Firm:
        """The main legal entity of the firm. Raises FirmUnknown before the service has received it."""
        return self._known_firm.load(self.load)

    def require_version(self, version: int) -> None:
        """Compare the version with the one the caller expects, once. Raises StaleVersion if they differ."""
        expected, self.expected_version = self.expected_version, None
        if expected is not None and expected != version:
            raise StaleVersion(version)

    # -- saving and committing

    def save(self, first: A, *others: Aggregate) -> A:
        """Add changed aggregates to the commit and return the first. Raises AccessDenied for other owners' records."""
        aggregates: tuple[Aggregate, ...] = (first, *others)
        for each in aggregates:
            if not self._has_access(each):
                raise AccessDenied(f"this {class_words(type(each).__name__)} does not belong to you")
            self._saved[each.id] = None
        return first

    def require_unchanged(self, aggregate: Aggregate) -> None:
        """Check the version at the commit; the events of an aggregate changed or created here do so by themselves."""
        if aggregate.pending_events:
            self._saved[aggregate.id] = None
        elif aggregate.id not in self.commit.unchanged:
            self.commit.unchanged[aggregate.id] = aggregate.version

    def finish(
        self,
        idempotency_record: IdempotencyRecord | None = None,
        inbox_position: InboxPosition | None = None,
        previous_inbox_position: InboxPosition | None = None,
    ) -> list[RecordedEvent]:
        """Commit all changes and return the aggregates to the cache. Raises the errors of `EventStore.commit`."""
        self._events_to_store.require_saved(self._saved)
        if not (len(self._events_to_store) or self.has_changes or idempotency_record or inbox_position):
            self.return_to_cache()
            return []
        for step in self._before_commit:
            step()
        commit = self.commit
        effects = effects_of(commit, self.stored_values_to_release())
        self._events_to_store.require_recorded(effects)
        commit.events = self._events_to_store.new_events(effects)
        commit.idempotency_record = idempotency_record
        commit.inbox_position, commit.previous_inbox_position = inbox_position, previous_inbox_position
        recorded = self.store.commit(commit)
        self._events_to_store.mark_stored(recorded)
        self.return_to_cache()
        return recorded

    def return_to_cache(self) -> None:
        """Return the aggregates without unstored changes to the cache."""
        self._cache.put([each for each in self._loaded.values() if not each.pending_events])
