"""The base of the four services: commands run in units of work, each once per idempotency key."""

import hmac
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from inspect import isfunction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from structlog import get_logger

from shared.bus.inbox import Inbox
from shared.codec import to_plain
from shared.domain import TYPES_BY_NAME, AccessDenied, Aggregate, InvalidInput, NotFound, PersonalData, ServiceSettings
from shared.event_codec import replay
from shared.key_store import KeyStore
from shared.ownership import has_access
from shared.parked_message import ParkedMessage
from shared.policies import Policies, PublishedEvents
from shared.settings import FirmSettings
from shared.store import (
    ConcurrencyConflict,
    DuplicateIdempotencyKey,
    IdempotencyRecord,
    InboxPositionConflict,
    NumberConflict,
    ParkedEntry,
    StoreError,
    Timer,
)
from shared.store.event_store import EventStore
from shared.unit_of_work import AggregateCache, CommandContext, StaleVersion, StoreUnitOfWork, effective_settings

if TYPE_CHECKING:
    from shared.chain import HashChain
    from shared.projections import Projection, ReadModels, ResourceProjection

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")

MAX_ATTEMPTS = 5
TIMER_RETRY_DELAY = timedelta(minutes=1)
TIME_ZONE_CACHE_SECONDS = 1.0

log = get_logger()


class IdempotencyKeyReused(Exception):
    """Raised when the idempotency key was used for a different request."""


class RetriesExhausted(Exception):
    """Raised when concurrent changes made every attempt fail; nothing is stored."""


class ProjectionBehind(Exception):
    """Raised when a projection is not up to date within the timeout; a retry may succeed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of a command or query; with `only_own` they can access only their own records."""

    actor: str
    roles: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    trace_id: str = ""
    traceparent: str | None = None
    only_own: bool = False


class Migratable(Protocol):
    """Storage of a service that `migrate` prepares."""

    def migrate(self) -> None:
        """Create or upgrade it."""
        ...


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The response of a command, stored with its idempotency key and returned again for the same key."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


_current_uow: ContextVar[StoreUnitOfWork | None] = ContextVar("uow", default=None)


def _in_unit_of_work(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def joined(self: "Service", *args: Any, **kwargs: Any) -> Any:
        uow = _current_uow.get()
        if uow is not None and uow.store is self.store:
            return method(self, *args, **kwargs)
        return self.run(lambda: method(self, *args, **kwargs))

    return joined


class Service:
    """One of the services: its public methods are its commands and queries.

    A public method joins the current unit of work; outside of one, it runs in a new one.
    """

    NAME: ClassVar[str]
    policies: ClassVar[Policies]
    published: ClassVar[PublishedEvents]
    projections: ClassVar[tuple[type["Projection"], ...]] = ()
    settings_class: ClassVar[type[ServiceSettings]] = ServiceSettings
    """The settings that the firm can change for this service."""
    additional_storage: tuple["Migratable", ...] = ()
    """Further storage of the service, for `migrate`."""

    def __init__(
        self,
        store: EventStore,
        key_store: KeyStore,
        *,
        read_models: "ReadModels | None" = None,
        chain: "HashChain | None" = None,
        secret: bytes = b"",
        start: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.store = store
        self.key_store = key_store
        self._read_models = read_models
        self._chain = chain
        self._secret = secret
        self._initial_settings = start
        self._cached_time_zone: tuple[ZoneInfo, float] | None = None
        self._cache = AggregateCache()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in list(vars(cls).items()):
            if isfunction(member) and not name.startswith("_"):
                setattr(cls, name, _in_unit_of_work(member))

    # -- for commands and queries

    @property
    def _uow(self) -> StoreUnitOfWork:
        uow = _current_uow.get()
        assert uow is not None, "outside a unit of work"
        return uow

    def get(self, aggregate_class: type[A], id: UUID) -> A:  # noqa: A002
        """Return the aggregate. Raises NotFound for an unknown id and for what the caller cannot access."""
        return self._accessible(self._uow.get(aggregate_class, id))

    def get_or_create(self, aggregate_class: type[A], **creation_arguments: Any) -> A:
        """Return the aggregate with the id that follows from the creation arguments. Raises NotFound as `get` does."""
        return self._accessible(self._uow.get_or_create(aggregate_class, **creation_arguments))

    def _accessible(self, aggregate: A) -> A:
        if not self._is_accessible(aggregate):
            raise NotFound(type(aggregate).__name__, aggregate.id)
        return aggregate

    def get_or_none(self, aggregate_class: type[A], id: UUID) -> A | None:  # noqa: A002
        aggregate = self._uow.get_or_none(aggregate_class, id)
        return aggregate if aggregate is not None and self._is_accessible(aggregate) else None

    def get_referenced(self, aggregate_class: type[A], id: UUID, *, field: str) -> A:  # noqa: A002
        """Return an aggregate that a command refers to in addition to its own.

        Raises InvalidInput for an unknown id; AccessDenied if callers are limited to their own records, known or not.
        """
        aggregate = self.get_or_none(aggregate_class, id)
        if aggregate is None:
            error_class = AccessDenied if self._uow.context.only_own else InvalidInput
            raise error_class(f"{aggregate_class.__name__.lower()} {id} not found", field=field)
        return aggregate

    def save(self, first: A, *others: Aggregate) -> A:
        """Add changed aggregates to the commit and return the first. Raises AccessDenied for other owners' records."""
        aggregates: tuple[Aggregate, ...] = (first, *others)
        for each in aggregates:
            if not self._has_access(each):
                raise AccessDenied(f"{type(each).__name__} {each.id} does not belong to you")
        self._uow.save(first, *others)
        return first

    def _has_access(self, aggregate: Aggregate) -> bool:
        return has_access(self._uow.context, aggregate, self.projections, self._uow)

    def _is_accessible(self, aggregate: Aggregate) -> bool:
        """Whether the caller has access. Raises StaleVersion if the aggregate changed after the caller read it."""
        if not self._has_access(aggregate):
            return False
        if hasattr(aggregate, "position"):
            self._uow.require_version(aggregate.version)
        return True

    def next_number(self, series: str) -> int:
        """Return the next number of a gapless series; it is used up only if the unit of work commits."""
        return self._uow.next_number(series)

    def reserve_unique(self, name: str, value: str, owner: UUID) -> None:
        """Reserve a unique value for an owner. Raises AlreadyTaken."""
        self._uow.reserve_unique(name, value, owner)

    def release_unique(self, name: str, value: str) -> None:
        self._uow.release_unique(name, value)

    def get_unique_owner(self, name: str, value: str) -> UUID | None:
        return self._uow.get_unique_owner(name, value)

    def schedule(self, at: datetime, aggregate_class: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002
        self._uow.schedule(at, aggregate_class, id, note)

    def require_unchanged(self, aggregate: Aggregate) -> None:
        """Make the commit fail if the aggregate, only read here, is changed concurrently."""
        self._uow.require_unchanged(aggregate)

    def join_correlation(self, aggregate: Aggregate) -> None:
        """Give the command the correlation id of this aggregate, whichever it changes first."""
        self._uow.metadata(aggregate)

    def new_correlation(self) -> None:
        """Give the command a new correlation id, whatever it changes."""
        self._uow.metadata(None)

    @property
    def effective_on(self) -> date:
        """The business date of the command: given by the caller, by default today in the firm's time zone."""
        return self._uow.context.effective_on

    @property
    def current_date(self) -> date:
        """Today in the firm's time zone, whatever business date the caller gave."""
        return self._date_of(datetime.now(UTC))

    @property
    def actor(self) -> str:
        """The user or service that issues the command."""
        return self._uow.context.actor

    @property
    def settings(self) -> Any:
        """The current settings of the firm for this service, an instance of `settings_class`."""
        return self._uow.get_settings(self.settings_class)

    @property
    def settings_version(self) -> int:
        """The version of the settings: 0 if they were never changed."""
        firm = self.get_or_none(FirmSettings, FirmSettings.create_id())
        return firm.version if firm else 0

    @_in_unit_of_work
    def change_settings(self, **decided: Any) -> None:
        """Change settings of the firm from now on."""
        self.new_correlation()
        self._uow.require_version(self.settings_version)
        firm = self.get_or_create(FirmSettings)
        current = self.settings
        firm.change(to_plain({name: each for name, each in decided.items() if each != getattr(current, name)}))
        self.save(firm)

    def encrypt(self, subject: UUID, text: str | None) -> PersonalData | None:
        """Return a personal field encrypted for storage."""
        return None if text is None else self.key_store.encrypt(subject, text)

    def erase(self, subject: UUID) -> None:
        """Destroy the person's key just before the commit, when no rule was broken."""
        self._uow.add_before_commit(lambda: self.key_store.erase(subject))

    def decrypt(self, subject: UUID, cipher: str) -> str | None:
        """Return a personal field as readable text, None once erased."""
        return self.key_store.decrypt(subject, cipher)

    # -- units of work

    def execute(
        self,
        command: Callable[[], StoredResponse],
        *,
        caller: Caller,
        key: str,
        request_digest: str,
        effective_on: date | None = None,
        expected_version: int | None = None,
    ) -> StoredResponse:
        """Run a command once per idempotency key; a repeated key returns the stored response.

        Raises IdempotencyKeyReused, StaleVersion, RetriesExhausted, StoreError and the errors of the command.
        """

        def attempt(uow: StoreUnitOfWork) -> StoredResponse:
            stored = self.store.get_idempotency_record(caller.actor, key)
            if stored is not None:
                return _replay_response(stored, request_digest)
            uow.expected_version = expected_version
            response = command()
            uow.finish(
                IdempotencyRecord(caller.actor, key, request_digest, response.status, response.headers, response.body)
            )
            return response

        try:
            return self._run_with_retries(self._context_of(caller, effective_on), attempt)
        except DuplicateIdempotencyKey:
            stored = self.store.get_idempotency_record(caller.actor, key)
            assert stored is not None
            return _replay_response(stored, request_digest)

    def run(self, command: Callable[[], T], context: CommandContext | None = None) -> T:
        """Run a command without an idempotency key: for policies, timers and callers in the same process."""

        def attempt(uow: StoreUnitOfWork) -> T:
            result = command()
            uow.finish()
            return result

        return self._run_with_retries(context or self._context_of(Caller(self.NAME)), attempt)

    def _run_with_retries(self, context: CommandContext, attempt: Callable[[StoreUnitOfWork], T]) -> T:
        for number in range(MAX_ATTEMPTS):
            try:
                with self.store.exclusive(), self.unit_of_work(context) as uow:
                    return attempt(uow)
            except (ConcurrencyConflict, NumberConflict) as conflict:
                last = conflict
                time.sleep(random.uniform(0, 0.005 * 2**number))  # noqa: S311 (jitter, not a secret)
        raise RetriesExhausted("the same records kept changing concurrently; try again") from last

    @contextmanager
    def unit_of_work(self, context: CommandContext) -> Iterator[StoreUnitOfWork]:
        """Open a unit of work for the code inside, which has to finish it."""
        uow = StoreUnitOfWork(self.store, self.published, self._cache, context, self._initial_settings)
        token = _current_uow.set(uow)
        try:
            with uow:
                yield uow
        finally:
            _current_uow.reset(token)

    @contextmanager
    def read_only(self, caller: Caller) -> Iterator[None]:
        """Open a unit of work for queries: they read committed data and change nothing."""
        with self.unit_of_work(self._context_of(caller)) as uow:
            yield
            uow.return_to_cache()

    def _date_of(self, moment: datetime) -> date:
        return moment.astimezone(self._time_zone()).date()

    def _time_zone(self) -> ZoneInfo:
        """Return the firm's time zone, cached for a second: every command needs it, and it rarely changes."""
        now = time.monotonic()
        if self._cached_time_zone is None or self._cached_time_zone[1] < now:
            firm = replay(FirmSettings, self.store.events(FirmSettings.create_id()))
            self._cached_time_zone = (
                ZoneInfo(effective_settings(ServiceSettings, self._initial_settings, firm).time_zone),
                now + TIME_ZONE_CACHE_SECONDS,
            )
        return self._cached_time_zone[0]

    @contextmanager
    def batch_item(self, effective_on: date | None = None) -> Iterator[None]:
        """Run one of several commands of a unit of work with its own correlation and date; undo only it if it fails."""
        uow = self._uow
        context = uow.context
        uow.set_context(replace(context, effective_on=effective_on or context.effective_on))
        try:
            with uow.savepoint():
                yield
        finally:
            uow.set_context(context)

    def _context_of(self, caller: Caller, effective_on: date | None = None) -> CommandContext:
        return CommandContext(
            caller.actor,
            f"command:{caller.trace_id or uuid4().hex}",
            effective_on or self.current_date,
            on_behalf_of=caller.on_behalf_of,
            traceparent=caller.traceparent,
            only_own=caller.only_own,
        )

    # -- queries of the web layer

    @property
    def read_models(self) -> "ReadModels":
        assert self._read_models is not None, "the service has no read models"
        return self._read_models

    @property
    def chain(self) -> "HashChain":
        """The hash chain, which proves that the log was not altered."""
        assert self._chain is not None, "the service has no hash chain"
        return self._chain

    def get_resource(self, collection: type["ResourceProjection"], id: UUID) -> Any:  # noqa: A002
        """Return the current aggregate of a resource."""
        return self.get(collection.aggregate_class, id)

    def reader_for(self, projection: type["Projection"], known_at: datetime | int | None = None) -> Any:
        """Return a reader of the projection's rows: current, or as known at a time or a position of the log.

        Callers limited to their own records read only those. Raises InvalidInput for a position after the log's end.
        """
        rows, uow = self.read_models.reader_for(projection), _current_uow.get()
        if uow is not None and uow.context.only_own:
            rows = rows.for_owner(uow.context.actor)
        return rows if known_at is None else rows.as_of_position(self._resolve_position(known_at))

    def _resolve_position(self, known_at: datetime | int) -> int:
        if isinstance(known_at, datetime):
            return self.store.position_at(known_at)
        head = self.store.head()
        if known_at > head:
            raise InvalidInput(f"must not be after position {head}, the end of the log", field="known_at")
        return known_at

    def wait_for_projection(self, projection: type["Projection"], timeout: float = 2.0) -> None:
        """Wait until the projection contains everything committed so far. Raises ProjectionBehind."""
        if not self.read_models.wait_until(projection, self.store.head(), timeout):
            raise ProjectionBehind(f"{projection.name} is not up to date yet; try again")

    def keyed_digest(self, content: bytes) -> str:
        """Return a digest that reveals nothing without the service's secret (HMAC-SHA256, hex)."""
        return hmac.digest(self._secret, content, "sha256").hex()

    # -- parked messages

    def parked(self) -> Sequence[ParkedEntry]:
        """Return the messages that could not be applied and wait for a user."""
        return self.store.parked_entries()

    def redrive(self, source: str) -> int:
        """Apply the parked messages of one source in order; return how many succeeded."""
        return Inbox(self, source).redrive()

    @_in_unit_of_work
    def discard(self, source: str, sequence: int, reason: str) -> None:
        """Discard a parked message, so that it is never applied. Raises NotFound if it is not parked."""
        messages = [each.message for each in self.store.parked_entries(source) if each.message.sequence == sequence]
        if not messages:
            raise NotFound("parked message", f"{source} {sequence}")
        parked = self.get(ParkedMessage, ParkedMessage.create_id(messages[0].id))
        parked.discard(reason)
        self._uow.commit.to_unpark.append((source, messages[0].epoch, sequence))
        self.save(parked)

    # -- timers

    def fire_due_timers(self, now: datetime) -> int:
        """Fire all due timers, each exactly once; return how many fired. A timer that fails is retried later."""
        due = self.store.due_timers(now)
        return sum(self._fire_timer(timer, now) for timer in due)

    def _fire_timer(self, timer: Timer, now: datetime) -> bool:
        try:
            with self._timer_unit_of_work(timer, now) as uow:
                aggregate: Any = uow.get(TYPES_BY_NAME[timer.kind], timer.aggregate)
                self.join_correlation(aggregate)
                aggregate.wake(timer.note)
                uow.save(aggregate)
        except (InboxPositionConflict, ConcurrencyConflict):
            return False
        except StoreError:
            raise
        except Exception:
            log.exception("timer failed; it is retried later", timer=timer.id, kind=timer.kind)
            with self._timer_unit_of_work(timer, now) as uow:
                uow.commit.timers.append((now + TIMER_RETRY_DELAY, timer.kind, timer.aggregate, timer.note))
            return False
        return True

    @contextmanager
    def _timer_unit_of_work(self, timer: Timer, now: datetime) -> Iterator[StoreUnitOfWork]:
        """Open a unit of work that removes the timer when it commits."""
        context = CommandContext(self.NAME, f"timer:{timer.id}", self._date_of(now))
        with self.store.exclusive(), self.unit_of_work(context) as uow:
            yield uow
            uow.commit.fired_timers.append(timer.id)
            uow.finish()


def _replay_response(stored: IdempotencyRecord, request: str) -> StoredResponse:
    if stored.request_digest != request:
        raise IdempotencyKeyReused("this idempotency key was used for a different request; use a new key")
    return StoredResponse(stored.status, stored.headers, stored.body)


__all__ = [
    "Caller",
    "IdempotencyKeyReused",
    "ProjectionBehind",
    "RetriesExhausted",
    "Service",
    "StaleVersion",
    "StoredResponse",
]
