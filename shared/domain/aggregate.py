"""The base class of all aggregates. No other file uses private parts of the eventsourcing library."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from functools import cache, wraps
from inspect import Parameter, signature
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing import domain as library

from shared.domain.context import EventMetadata, current_context
from shared.domain.event_classes import (
    AGGREGATE_BY_EVENT,
    aggregate_constructor_for_event,
    aggregate_creation_parameters,
    copy_of_method,
    new_event,
    parameters_of_create_id,
    register_name,
)
from shared.domain.state_table import state_rule_of
from shared.domain.values import derived_id

LIBRARY_EVENT_NAMES = ("Event", "Created")
"""Base event classes that the library adds to every aggregate; they are never triggered."""


class Aggregate(library.Aggregate):
    """An event-sourced aggregate: changed as a whole, stored as its events.

    A public method decides and may refuse; a private method named after the event applies it.
    Stored names are `<service>.<Aggregate>.<Event>`, so files may move.
    """

    NAME: ClassVar[str]
    IS_SHARED: ClassVar[bool] = False
    """Read by most commands and rarely changed: created on first use and read without a lock."""
    CREATED_EVENT: ClassVar[Any] = None
    correlation_id: UUID
    effective_since: date
    """The business date of its first event."""
    position: int

    @property
    def dated_on(self) -> date:
        """The date of the record: nothing that continues or reverses it is dated before. Documents name their own."""
        return self.effective_since

    class Event(library.Aggregate.Event):
        meta: EventMetadata

        def mutate(self, aggregate: Any) -> Any:
            """Apply the event to the aggregate as the library does, with the signature cached per event class."""
            if aggregate is None or (cached := apply_method_of(type(self))) is None:
                return super().mutate(aggregate)
            apply, names = cached
            content = self.__dict__
            id_, version = content["originator_id"], content["originator_version"]
            if id_ != aggregate._id:
                raise library.OriginatorIDError(id_, aggregate._id)
            if version != aggregate._version + 1:
                raise library.OriginatorVersionError(version, aggregate._version + 1)
            apply(aggregate, **{name: content[name] for name in names})
            aggregate._version, aggregate._modified_on = version, content["timestamp"]
            return aggregate

    class Created(Event, library.Aggregate.Created):
        def mutate(self, aggregate: Any) -> Any:
            assert aggregate is None
            aggregate_class, init, fields = aggregate_constructor_for_event(type(self))
            content = self.__dict__
            created = aggregate_class.__new__(aggregate_class)
            created.__base_init__(content["originator_id"], content["originator_version"], content["timestamp"])
            init(created, **{name: content[field] for name, field in fields})
            return created

    def __init_subclass__(cls, *, is_abstract: bool = False, **kwargs: Any) -> None:
        if not is_abstract:
            _declare_events_of_bases(cls)
        super().__init_subclass__(**kwargs)
        if is_abstract:
            return
        path = cls.__module__.split(".")
        service = path[1] if path[0] == "services" else path[0]
        cls.NAME = f"{service}.{cls.__name__}"
        register_name(cls, cls.NAME)
        for name, member in list(vars(cls).items()):
            if _is_event_class(member) and name not in LIBRARY_EVENT_NAMES:
                register_name(member, f"{cls.NAME}.{name}")
                AGGREGATE_BY_EVENT[member] = cls
                if issubclass(member, library.Aggregate.Created):
                    cls.CREATED_EVENT = member
            elif isinstance(member, library.CommandMethodDecorator) and member in library.decorated_func_callers:
                setattr(cls, name, _make_trigger(library.decorated_func_callers[member], member.decorated_func))

    @classmethod
    def derive_id(cls, *parts: Hashable) -> UUID:
        """Return the id derived from the class name and these parts: always the same."""
        return derived_id(cls.NAME, *parts)

    @classmethod
    def id_for_creation(cls, arguments: Mapping[str, Any]) -> UUID:
        """Return the id of the aggregate that these creation arguments identify."""
        return cls.create_id(**{name: arguments[name] for name in parameters_of_create_id(cls) if name in arguments})

    @classmethod
    def create_with_id(cls, id: UUID, arguments: Mapping[str, Any]) -> Self:
        """Create an aggregate with this id from the arguments."""
        if arguments.keys() != aggregate_creation_parameters(cls.CREATED_EVENT):
            return cls(**arguments)
        return cls._create(cls.CREATED_EVENT, id=id, **arguments)

    @classmethod
    def _create(cls, event_class: Any, *, id: UUID | None = None, **kwargs: Any) -> Self:
        context = current_context.get()
        meta = context.metadata(None)
        event = new_event(event_class, kwargs, id or cls.id_for_creation(kwargs), 1, meta)
        event.__dict__["originator_topic"] = cls.NAME
        created: Self = event.mutate(None)
        created.correlation_id, created.effective_since = meta.correlation_id, meta.effective_on
        created.pending_events.append(event)
        context.record(created, event)
        return created

    def trigger_event(self, event_class: Any, **fields: Any) -> None:
        """Apply a new event with these fields and record it in the current context."""
        context, cached = current_context.get(), apply_method_of(event_class)
        if cached is not None:
            cached[0](self, **fields)
        event = new_event(event_class, fields, self._id, self._version + 1, context.metadata(self))
        if cached is None:
            event.mutate(self)
        self._version, self._modified_on = event.originator_version, event.timestamp
        self._pending_events.append(event)
        context.record(self, event)

    def mark_stored(self, version: int, position: int, recorded_at: datetime) -> None:
        """Take position and time of a stored event; no event is pending any more."""
        self.position, self._modified_on, self._pending_events = position, recorded_at, []
        if version == self.INITIAL_VERSION:
            self._created_on = recorded_at

    def _require_unchanged(self) -> None:
        """Make the commit fail if the aggregate is changed concurrently."""
        current_context.get().require_unchanged(self)

    def _require_allowed(self, command: str) -> None:
        """Raises WrongStatus unless this command is allowed in the current state, for a check ahead of the command."""
        state_rule_of(type(self), command).check(self)


def _declare_events_of_bases(cls: type[Aggregate]) -> None:
    """Give a class events of its own for those that its abstract base classes declare."""
    for base in cls.__mro__[1:]:
        for name, member in vars(base).items():
            if isinstance(member, library.CommandMethodDecorator) and name not in vars(cls):
                copied = copy_of_method(member.decorated_func, cls)
                setattr(cls, name, library.CommandMethodDecorator(member.event_cls_name, copied))


def _is_event_class(member: Any) -> bool:
    """Return whether a member of an aggregate class is an event class."""
    return isinstance(member, type) and issubclass(member, library.Aggregate.Event)


@cache
def apply_method_of(event_class: type) -> tuple[Callable[..., None], tuple[str, ...]] | None:
    """Return the method that applies this event and the fields it takes; None if the event applies itself."""
    method = library.decorated_funcs.get(event_class)
    return method and (method, tuple(signature(method).parameters)[1:])


@cache
def event_field_defaults(event_class: Any) -> Mapping[str, Any]:
    """Return the default values of an event's fields, for older stored events that lack them."""
    is_creation = issubclass(event_class, library.Aggregate.Created)
    method: Any = AGGREGATE_BY_EVENT[event_class].__init__ if is_creation else library.decorated_funcs.get(event_class)
    parameters = signature(method).parameters if method else {}
    return {name: each.default for name, each in parameters.items() if each.default is not Parameter.empty}


def _make_trigger(event_class: Any, apply_method: Callable[..., None]) -> Callable[..., None]:
    """Return the method that triggers the event: its arguments, bound in one step, become the event's fields."""
    method_signature = signature(apply_method)
    names = tuple(method_signature.parameters)[1:]
    required = frozenset(names)

    @wraps(apply_method)
    def trigger(self: Aggregate, *args: Any, **kwargs: Any) -> None:
        fields = {**dict(zip(names, args, strict=False)), **kwargs} if args else kwargs
        if len(args) + len(kwargs) != len(names) or fields.keys() != required:
            bound = method_signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            fields = {name: bound.arguments[name] for name in names}
        self.trigger_event(event_class, **fields)

    return trigger
