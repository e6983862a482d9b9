"""What every aggregate and every stored value is made of."""

from collections.abc import Callable, Hashable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache, wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar, dataclass_transform
from uuid import UUID, uuid4, uuid5

from eventsourcing.domain import Aggregate as LibraryAggregate
from eventsourcing.domain import (
    CommandMethodDecorator,
    OriginatorIDError,
    OriginatorVersionError,
    decorated_func_callers,
    decorated_funcs,
)
from eventsourcing.domain import event as event
from eventsourcing.utils import register_topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.settings import Settings

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """A value of the business: compared by content, never changed."""
    return dataclass(frozen=True)(cls)


class Refused(Exception):
    """A rule of the business said no. Subclasses are named after the broken rule.

    `field` points at the input that is to blame, where one is; `code` is stable for programs.
    """

    field: str | None = None

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field or self.field

    @property
    def code(self) -> str:
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class NotFound(Exception):
    """Nobody knows this id."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind, self.key = kind, key


class WrongStatus(Refused):
    """The thing is not in a state that allows this."""


class InvalidInput(Refused):
    """A value that the caller gave cannot be meant. Always names its `field`."""


class AlreadyTaken(Refused):
    """Another one has this code or number."""


class NeedsAnother(Refused):
    """Somebody else has to do this: nobody agrees to what he asked for himself."""


class NotYetKnown(Refused):
    """Another service has said it, but the news has not arrived here; asking again soon will do."""


@value
class Personal:
    """A personal field as it is stored: cipher text under the key of one person (`shared.vault`)."""

    subject: UUID
    cipher: str


@value
class Meta:
    """Who, why, and when in business time: part of every stored event.

    `causation` and `follows` name what led here, as an event id (`crm:<epoch>-<position>`) or
    a command (`command:<id>`); `correlation` is the story both belong to.
    """

    actor: str
    correlation: UUID
    causation: str
    effective_on: date
    follows: str | None = None
    on_behalf_of: str | None = None


class Context(Protocol):
    """What surrounds a change: gives an event its metadata, hears of it when it happened."""

    def meta(self, aggregate: "Aggregate | None") -> Meta: ...

    def happened(self, aggregate: "Aggregate", happening: Any) -> None: ...

    def unchanged(self, aggregate: "Aggregate") -> None: ...


class _Nobody:
    """Outside any unit of work, as in a unit test of an aggregate."""

    def meta(self, aggregate: "Aggregate | None") -> Meta:
        del aggregate
        return Meta("nobody", uuid4(), "nothing", datetime.now(UTC).date())

    def happened(self, aggregate: "Aggregate", happening: Any) -> None:
        """Nobody listens."""

    def unchanged(self, aggregate: "Aggregate") -> None:
        """Nobody else is there."""


_context: ContextVar[Context] = ContextVar("context", default=_Nobody())  # noqa: B039 (it has no state)


@contextmanager
def within(context: Context) -> "Iterator[None]":
    """Changes made inside belong to this context."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


UNSPOKEN = ("Event", "Created")
"""Event classes the library makes on every aggregate and nobody triggers: events are named for what happened."""

DERIVED = UUID("6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000")


@lru_cache(maxsize=8192, typed=True)
def derived_id(kind: str, *parts: Hashable) -> UUID:
    """The id of something that follows from another: the same parts always give the same id."""
    return uuid5(DERIVED, "/".join([kind, *map(str, parts)]))


class Aggregate(LibraryAggregate):
    """A thing the business changes as a whole, kept as the list of what happened to it.

    A public method decides and may refuse; its private twin, named after the event, remembers.
    Stored names are `<service>.<Aggregate>.<Event>`, so files may move.
    """

    NAME: ClassVar[str]
    SHARED: ClassVar[bool] = False
    """Everybody asks it and hardly anybody changes it: there as soon as it is asked, and nobody takes turns."""
    story: UUID
    position: int

    class Event(LibraryAggregate.Event):
        meta: Meta

        def mutate(self, aggregate: Any) -> Any:
            """Remember on the aggregate, as the library does, with what it takes looked up once a class."""
            if aggregate is None or (way := _way(type(self))) is None:
                return super().mutate(aggregate)
            remember, names = way
            content = self.__dict__
            _judge_place(content, aggregate)
            remember(aggregate, **{name: content[name] for name in names})
            aggregate._version, aggregate._modified_on = content["originator_version"], content["timestamp"]
            return aggregate

    class Created(Event, LibraryAggregate.Created):
        def mutate(self, aggregate: Any) -> Any:
            assert aggregate is None
            kind, fields = _birth(type(self))
            content = self.__dict__
            born = kind.__new__(kind)
            born.__base_init__(content["originator_id"], content["originator_version"], content["timestamp"])
            kind.__init__(born, **{name: content[field] for name, field in fields})
            return born

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        path = cls.__module__.split(".")
        service = path[1] if path[0] == "services" else path[0]
        cls.NAME = f"{service}.{cls.__name__}"
        _name(cls, cls.NAME)
        for name, member in list(vars(cls).items()):
            if isinstance(member, type) and issubclass(member, LibraryAggregate.Event) and name not in UNSPOKEN:
                _name(member, f"{cls.NAME}.{name}")
                _aggregate_of[member] = cls
            elif isinstance(member, CommandMethodDecorator) and member in decorated_func_callers:
                setattr(cls, name, _triggering(decorated_func_callers[member], member.decorated_func))

    @classmethod
    def id_of(cls, born_with: Mapping[str, Any]) -> UUID:
        """The id of the one that is made with these arguments."""
        return cls.create_id(**{name: born_with[name] for name in _create_id_names(cls)})

    @classmethod
    def _create(cls, event_class: Any, *, id: UUID | None = None, **kwargs: Any) -> Self:  # noqa: A002 (the library's name)
        context = _context.get()
        meta = context.meta(None)
        birth = _event(event_class, kwargs, id or cls.id_of(kwargs), 1, meta)
        birth.__dict__["originator_topic"] = cls.NAME
        created: Self = birth.mutate(None)
        created.story = meta.correlation
        created.pending_events.append(birth)
        context.happened(created, birth)
        return created

    def trigger_event(self, event_class: Any, **kwargs: Any) -> None:
        context = _context.get()
        happening = _event(event_class, kwargs, self._id, self._version + 1, context.meta(self))
        happening.mutate(self)
        self._pending_events.append(happening)
        context.happened(self, happening)

    def _must_stay(self) -> None:
        """What is decided on this answer is stored only if nobody changes the aggregate first."""
        _context.get().unchanged(self)

    def _require(self, *allowed: Any) -> None:
        """Refused with WrongStatus unless the aggregate's `status` is one of these."""
        status = self.status  # type: ignore[attr-defined]
        if status not in allowed:
            wanted = " or ".join(str(each) for each in allowed)
            raise WrongStatus(f"{type(self).__name__} {self.id} is {status}, not {wanted}", field="status")


_aggregate_of: dict[type, type[Aggregate]] = {}


@cache
def _way(event_class: type) -> tuple[Callable[..., None], tuple[str, ...]] | None:
    """The method that remembers this event, and which of its fields it takes; none where the event applies itself."""
    remember = decorated_funcs.get(event_class)
    return remember and (remember, tuple(signature(remember).parameters)[1:])


@cache
def _birth(event_class: type) -> tuple[type[Aggregate], tuple[tuple[str, str], ...]]:
    """What is born, and which field of the event each parameter of its `__init__` takes."""
    kind = _aggregate_of[event_class]
    names = tuple(signature(kind.__init__).parameters)[1:]
    return kind, tuple((name, "originator_id" if name == "id" else name) for name in names)


def _triggering(event_class: Any, remember: Callable[..., None]) -> Callable[..., None]:
    """The private twin as it is called: its arguments become the event's fields, bound here in one step."""
    form = signature(remember)
    names = tuple(form.parameters)[1:]
    wanted = frozenset(names)

    @wraps(remember)
    def trigger(self: Aggregate, *args: Any, **kwargs: Any) -> None:
        fields = {**dict(zip(names, args, strict=False)), **kwargs}
        if len(args) + len(kwargs) != len(names) or fields.keys() != wanted:
            bound = form.bind(self, *args, **kwargs)
            bound.apply_defaults()
            fields = {name: bound.arguments[name] for name in names}
        self.trigger_event(event_class, **fields)

    return trigger


@cache
def _create_id_names(kind: type[Aggregate]) -> tuple[str, ...]:
    named = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, each in signature(kind.create_id).parameters.items() if each.kind in named)


@cache
def defaults_of(event_class: type) -> Mapping[str, Any]:
    """What a field holds in events stored before there was one: the default of the parameter that takes it."""
    born = issubclass(event_class, LibraryAggregate.Created)
    remember: Any = _aggregate_of[event_class].__init__ if born else decorated_funcs.get(event_class)
    taken = signature(remember).parameters if remember else {}
    return {name: each.default for name, each in taken.items() if each.default is not Parameter.empty}


def _event(event_class: Any, fields: dict[str, Any], id: UUID, version: int, meta: Meta) -> Any:  # noqa: A002
    """An event as its class would make it, in one step."""
    happening = object.__new__(event_class)
    envelope = {"originator_id": id, "originator_version": version, "timestamp": datetime.now(UTC), "meta": meta}
    object.__setattr__(happening, "__dict__", fields | envelope)
    return happening


def _judge_place(content: dict[str, Any], aggregate: Any) -> None:
    if content["originator_id"] != aggregate._id:
        raise OriginatorIDError(content["originator_id"], aggregate._id)
    if content["originator_version"] != aggregate._version + 1:
        raise OriginatorVersionError(content["originator_version"], aggregate._version + 1)


NAMES: dict[str, type] = {}
"""Every aggregate and every event class by its stored name."""


def _name(cls: Any, topic: str) -> None:
    cls.TOPIC = topic
    register_topic(topic, cls)
    NAMES[topic] = cls


A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound="Settings")


class Find(Protocol):
    """How a policy reaches its own service's aggregates inside the unit of work."""

    def __call__(self, kind: type[A], id: UUID | None = None, **born_with: Any) -> A:  # noqa: A002
        """The aggregate with this id; or, given creation arguments, the one derived from them, made on first news."""
        ...

    @property
    def today(self) -> date:
        """The business date of what is being done: the command's, or that of the event heard."""
        ...

    def maybe(self, kind: type[A], id: UUID) -> A | None:  # noqa: A002
        """The aggregate, or None where nobody knows the id."""
        ...

    def settings(self, kind: type[K]) -> K:
        """What the firm has decided, as it holds now."""
        ...

    def unchanged(self, aggregate: Aggregate) -> None:
        """The commit fails if someone changes what was only read here."""
        ...

    def number(self, series: str) -> int:
        """The next number of a gapless series: 1, 2, 3 … used only if the unit of work commits."""
        ...

    def claim(self, name: str, value: str, owner: UUID) -> None:
        """Hold a value that only one may have, from this commit on; refused with AlreadyTaken."""
        ...

    def owner(self, name: str, value: str) -> UUID | None:
        """Who holds the value."""
        ...

    def wake(self, at: datetime, kind: type[Aggregate], id: UUID, note: str) -> None:  # noqa: A002
        """Have `aggregate.wake(note)` called once, at or after this recorded time."""
        ...
