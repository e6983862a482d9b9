"""What the four services have in common: commands in units of work, each answered once per key."""

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

from shared.codec import plainly
from shared.domain import NAMES, Aggregate, InvalidInput, NotFound, NotYours, Personal
from shared.events import fold
from shared.hearing import Ear
from shared.ownership import may_touch
from shared.parking import ParkedMessage
from shared.policy import Policies, Published
from shared.settings import FirmSettings, Settings
from shared.store import AlreadyHeard, Answer, KeySeen, NumberTaken, Parked, Store, StoreError, Timer, VersionClash
from shared.unit import Cache, Cause, Stale, Unit, settled
from shared.vault import Vault

if TYPE_CHECKING:
    from shared.chain import Chain
    from shared.report import Collection, ReadModels, Report

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")

ATTEMPTS = 5
TIMER_AGAIN = timedelta(minutes=1)
ZONE_SECONDS = 1.0

log = get_logger()


class KeyReused(Exception):
    """The idempotency key came before with another request."""


class Conflict(Exception):
    """Others kept changing the same things; nothing is stored."""


class Behind(Exception):
    """The report has not caught up in time; ask again."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the gateway vouches for it; with `only_own`, nothing is there for him but what is his."""

    actor: str
    roles: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    trace_id: str = ""
    traceparent: str | None = None
    only_own: bool = False


class Kept(Protocol):
    """A place where a service keeps something."""

    def migrate(self) -> None:
        """Make it or bring it up to date."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command answers: stored with its key, given again when the key comes again."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


_unit: ContextVar[Unit | None] = ContextVar("unit", default=None)


def _in_a_unit(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def joined(self: "Service", *args: Any, **kwargs: Any) -> Any:
        unit = _unit.get()
        if unit is not None and unit.store is self.store:
            return method(self, *args, **kwargs)
        return self.run(lambda: method(self, *args, **kwargs))

    return joined


class Service:
    """One of the services: its commands and questions are its public methods.

    Called outside a unit of work a public method runs in one of its own; inside, it joins it.
    """

    NAME: ClassVar[str]
    policies: ClassVar[Policies]
    published: ClassVar[Published]
    reports: ClassVar[tuple[type["Report"], ...]] = ()
    decides: ClassVar[type[Settings]] = Settings
    """What the firm may decide for this service."""
    beside: tuple["Kept", ...] = ()
    """What else it keeps, for `migrate` to make."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        *,
        read_models: "ReadModels | None" = None,
        chain: "Chain | None" = None,
        secret: bytes = b"",
        start: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.store = store
        self.vault = vault
        self._read_models = read_models
        self._chain = chain
        self._secret = secret
        self._start = start
        self._zone: tuple[ZoneInfo, float] | None = None
        self._cache = Cache()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in list(vars(cls).items()):
            if isfunction(member) and not name.startswith("_"):
                setattr(cls, name, _in_a_unit(member))

    # -- for commands and questions

    @property
    def _work(self) -> Unit:
        unit = _unit.get()
        assert unit is not None, "outside a unit of work"
        return unit

    def find(self, kind: type[A], id: UUID | None = None, **born_with: Any) -> A:  # noqa: A002
        """The aggregate; NotFound for an unknown id; made on first news when creation arguments are given.

        What the caller may not touch is not there for him.
        """
        found = self._work(kind, id, **born_with)
        if not self._admits(found):
            raise NotFound(kind.__name__, id)
        return found

    def maybe(self, kind: type[A], id: UUID) -> A | None:  # noqa: A002
        found = self._work.maybe(kind, id)
        return found if found is not None and self._admits(found) else None

    def named(self, kind: type[A], id: UUID, *, field: str) -> A:  # noqa: A002
        """What a command names beside the thing it is about.

        Refused with InvalidInput where nobody knows it; with NotYours where the caller sees only his own, known or not.
        """
        found = self.maybe(kind, id)
        if found is None:
            refused = NotYours if self._work.cause.only_own else InvalidInput
            raise refused(f"no {kind.__name__.lower()} {id}", field=field)
        return found

    def save(self, first: A, *others: Aggregate) -> A:
        """These changes belong to the unit of work. Returns the first. Refused with NotYours for another's thing."""
        things: tuple[Aggregate, ...] = (first, *others)
        for each in things:
            if not self._may_touch(each):
                raise NotYours(f"{type(each).__name__} {each.id} is not yours")
        self._work.save(first, *others)
        return first

    def _may_touch(self, thing: Aggregate) -> bool:
        return may_touch(self._work.cause, thing, self.reports, self._work)

    def _admits(self, found: Aggregate) -> bool:
        """Whether the caller may touch it. If so, it has to be as he saw it."""
        if not self._may_touch(found):
            return False
        if hasattr(found, "position"):
            self._work.judge_version(found.version)
        return True

    def number(self, series: str) -> int:
        """The next of a gapless series; used only if the unit of work commits."""
        return self._work.number(series)

    def claim(self, name: str, value: str, owner: UUID) -> None:
        """Hold a value that only one may have. Refused with AlreadyTaken."""
        self._work.claim(name, value, owner)

    def release(self, name: str, value: str) -> None:
        self._work.release(name, value)

    def owner(self, name: str, value: str) -> UUID | None:
        return self._work.owner(name, value)

    def wake(self, at: datetime, kind: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002
        self._work.wake(at, kind, id, note)

    def unchanged(self, aggregate: Aggregate) -> None:
        """The commit fails if someone changes what was only read here."""
        self._work.unchanged(aggregate)

    def continues(self, aggregate: Aggregate) -> None:
        """The command belongs to the story of this aggregate, whatever else it changes first."""
        self._work.meta(aggregate)

    def begins_a_story(self) -> None:
        """The command belongs to no story there is, whatever it changes."""
        self._work.meta(None)

    @property
    def today(self) -> date:
        """The business date of the command: given by the caller, else today in the firm's time zone."""
        return self._work.cause.effective_on

    @property
    def clock_day(self) -> date:
        """Today by our own clock in the firm's time zone, whatever the caller says."""
        return self._day_of(datetime.now(UTC))

    @property
    def actor(self) -> str:
        """Who gives the command."""
        return self._work.cause.actor

    @property
    def settings(self) -> Any:
        """What the firm has decided for this service, as it holds now: of the kind it `decides`."""
        return self._work.settings(self.decides)

    @property
    def settings_version(self) -> int:
        """How often that was changed; 0 for never."""
        firm = self.maybe(FirmSettings, FirmSettings.create_id())
        return firm.version if firm else 0

    @_in_a_unit
    def change_settings(self, **decided: Any) -> None:
        """Decide anew, from now on."""
        self.begins_a_story()
        self._work.judge_version(self.settings_version)
        firm = self.find(FirmSettings)
        now = self.settings
        firm.decide(plainly({name: each for name, each in decided.items() if each != getattr(now, name)}))
        self.save(firm)

    def seal(self, subject: UUID, text: str | None) -> Personal | None:
        """A personal field as it may be stored."""
        return None if text is None else self.vault.seal(subject, text)

    def forget(self, subject: UUID) -> None:
        """Destroy the person's key when every rule of the command has passed."""
        self._work.before_commit(lambda: self.vault.forget(subject))

    def open(self, subject: UUID, cipher: str) -> str | None:
        """A personal field for people; None once erased."""
        return self.vault.open(subject, cipher)

    # -- units of work

    def perform(
        self,
        work: Callable[[], Outcome],
        *,
        caller: Caller,
        key: str,
        request: str,
        effective_on: date | None = None,
        expected_version: int | None = None,
    ) -> Outcome:
        """A command with its key: done once, answered the same ever after.

        Raises KeyReused, Stale, Conflict, whatever the command refuses with, and StoreError.
        """

        def once(unit: Unit) -> Outcome:
            stored = self.store.answer(caller.actor, key)
            if stored is not None:
                return _again(stored, request)
            unit.expected_version = expected_version
            outcome = work()
            unit.finish(Answer(caller.actor, key, request, outcome.status, outcome.headers, outcome.body))
            return outcome

        try:
            return self._attempt(self._cause(caller, effective_on), once)
        except KeySeen:
            stored = self.store.answer(caller.actor, key)
            assert stored is not None
            return _again(stored, request)

    def run(self, work: Callable[[], T], cause: Cause | None = None) -> T:
        """A unit of work without a key: for policies, timers and callers in the same process."""

        def once(unit: Unit) -> T:
            answer = work()
            unit.finish()
            return answer

        return self._attempt(cause or self._cause(Caller(self.NAME)), once)

    def _attempt(self, cause: Cause, once: Callable[[Unit], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with self.store.exclusive(), self.unit(cause) as unit:
                    return once(unit)
            except (VersionClash, NumberTaken) as clash:
                last = clash
                time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 (jitter, not a secret)
        raise Conflict("others kept changing the same things") from last

    @contextmanager
    def unit(self, cause: Cause) -> Iterator[Unit]:
        """A unit of work around what is done inside; the caller finishes it."""
        unit = Unit(self.store, self.published, self._cache, cause, self._start)
        token = _unit.set(unit)
        try:
            with unit:
                yield unit
        finally:
            _unit.reset(token)

    @contextmanager
    def reading(self, caller: Caller) -> Iterator[None]:
        """Questions inside see what is committed; nothing can be changed."""
        with self.unit(self._cause(caller)) as unit:
            yield
            unit.leave()

    def _day_of(self, moment: datetime) -> date:
        return moment.astimezone(self._time_zone()).date()

    def _time_zone(self) -> ZoneInfo:
        """The firm's, looked up again after a second: every command needs it, and it hardly ever changes."""
        now = time.monotonic()
        if self._zone is None or self._zone[1] < now:
            firm = fold(FirmSettings, self.store.events(FirmSettings.create_id()))
            self._zone = ZoneInfo(settled(Settings, self._start, firm).time_zone), now + ZONE_SECONDS
        return self._zone[0]

    @contextmanager
    def among_others(self, effective_on: date | None = None) -> Iterator[None]:
        """One of several commands in a unit of work: it has its own story and day, and is taken back alone."""
        unit = self._work
        cause = unit.cause
        unit.because(replace(cause, effective_on=effective_on or cause.effective_on))
        try:
            with unit.attempt():
                yield
        finally:
            unit.because(cause)

    def _cause(self, caller: Caller, effective_on: date | None = None) -> Cause:
        return Cause(
            caller.actor,
            f"command:{caller.trace_id or uuid4().hex}",
            effective_on or self.clock_day,
            on_behalf_of=caller.on_behalf_of,
            traceparent=caller.traceparent,
            only_own=caller.only_own,
        )

    # -- questions of the web layer

    @property
    def read_models(self) -> "ReadModels":
        assert self._read_models is not None, "made without read models"
        return self._read_models

    @property
    def chain(self) -> "Chain":
        """The proof that the log is what it was."""
        assert self._chain is not None, "made without a chain"
        return self._chain

    def one(self, collection: type["Collection"], id: UUID) -> Any:  # noqa: A002
        """The aggregate behind one resource, always current."""
        return self.find(collection.of, id)

    def rows_of(self, report: type["Report"], known_at: datetime | int | None = None) -> Any:
        """Asks the report's rows: as they are, or as they were known at a moment or a position of the log.

        Who sees only his own asks nothing but those. Refused with InvalidInput for a position that is not reached yet.
        """
        rows, unit = self.read_models.rows_of(report), _unit.get()
        if unit is not None and unit.cause.only_own:
            rows = rows.of(unit.cause.actor)
        return rows if known_at is None else rows.at(self._position(known_at))

    def _position(self, known_at: datetime | int) -> int:
        if isinstance(known_at, datetime):
            return self.store.position_at(known_at)
        head = self.store.head()
        if known_at > head:
            raise InvalidInput(f"the log ends at position {head}", field="known_at")
        return known_at

    def caught_up(self, report: type["Report"], timeout: float = 2.0) -> None:
        """Wait until the report shows everything committed before now. Raises Behind."""
        if not self.read_models.wait_for(report, self.store.head(), timeout):
            raise Behind(f"{report.name} is behind")

    def keyed_digest(self, content: bytes) -> str:
        """A digest that cannot be guessed back without the service's secret (HMAC-SHA256)."""
        return hmac.digest(self._secret, content, "sha256").hex()

    # -- parked messages

    def parked(self) -> Sequence[Parked]:
        """What could not be applied and waits for a person."""
        return self.store.parked()

    def redrive(self, source: str) -> int:
        """Apply what is parked from one source, in order; how many went through."""
        return Ear(self, source).redrive()

    @_in_a_unit
    def discard(self, source: str, sequence: int, reason: str) -> None:
        """Never apply one parked message. NotFound if it is not parked."""
        waiting = [each.message for each in self.store.parked(source) if each.message.sequence == sequence]
        if not waiting:
            raise NotFound("parked message", f"{source} {sequence}")
        aside = self.find(ParkedMessage, ParkedMessage.create_id(waiting[0].id))
        aside.discard(reason)
        self._work.commit.unpark.append((source, waiting[0].epoch, sequence))
        self.save(aside)

    # -- timers

    def fire_due(self, now: datetime) -> int:
        """Wake what is due, each exactly once; how many were. What cannot be woken is tried again later."""
        due = self.store.due(now)
        return sum(self._fire(timer, now) for timer in due)

    def _fire(self, timer: Timer, now: datetime) -> bool:
        try:
            with self._firing(timer, now) as unit:
                aggregate: Any = unit(NAMES[timer.kind], timer.aggregate)
                self.continues(aggregate)
                aggregate.wake(timer.note)
                unit.save(aggregate)
        except (AlreadyHeard, VersionClash):
            return False
        except StoreError:
            raise
        except Exception:
            log.exception("a timer cannot be fired; tried again later", timer=timer.id, kind=timer.kind)
            with self._firing(timer, now) as unit:
                unit.commit.timers.append((now + TIMER_AGAIN, timer.kind, timer.aggregate, timer.note))
            return False
        return True

    @contextmanager
    def _firing(self, timer: Timer, now: datetime) -> Iterator[Unit]:
        """A unit of work that uses the timer up."""
        cause = Cause(self.NAME, f"timer:{timer.id}", self._day_of(now))
        with self.store.exclusive(), self.unit(cause) as unit:
            yield unit
            unit.commit.fired.append(timer.id)
            unit.finish()


def _again(stored: Answer, request: str) -> Outcome:
    if stored.request != request:
        raise KeyReused("this idempotency key came before with another request")
    return Outcome(stored.status, stored.headers, stored.body)


__all__ = ["Behind", "Caller", "Conflict", "KeyReused", "Outcome", "Service", "Stale"]
