"""The base class of all aggregates."""

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import Aggregate as LibraryAggregate
from eventsourcing.domain import CommandMethodDecorator, decorated_func_callers

from shared.domain.context import Meta, current_context
from shared.domain.errors import WrongStatus
from shared.domain.event_application import (
    AGGREGATE_BY_EVENT,
    apply_method_of,
    create_id_parameters,
    creation_of,
    creation_parameters,
    make_trigger,
    new_event,
    register_name,
    validate_version,
)
from shared.domain.values import derived_id

LIBRARY_EVENT_NAMES = ("Event", "Created")
"""Base event classes that the library adds to every aggregate; they are never triggered."""


class Aggregate(LibraryAggregate):
    """An event-sourced aggregate: changed as a whole, stored as its events.

    A public method decides and may refuse; a private method named after the event applies it.
    Stored names are `<service>.<Aggregate>.<Event>`, so files may move.
    """

    NAME: ClassVar[str]
    IS_SHARED: ClassVar[bool] = False
    """Read by most commands and rarely changed: created on first use and read without a lock."""
    CREATED_EVENT: ClassVar[Any] = None
    correlation_id: UUID
    position: int

    class Event(LibraryAggregate.Event):
        meta: Meta

        def mutate(self, aggregate: Any) -> Any:
            """Apply the event to the aggregate as the library does, with the signature cached per event class."""
            if aggregate is None or (cached := apply_method_of(type(self))) is None:
                return super().mutate(aggregate)
            apply, names = cached
            content = self.__dict__
            validate_version(content, aggregate)
            apply(aggregate, **{name: content[name] for name in names})
            aggregate._version, aggregate._modified_on = content["originator_version"], content["timestamp"]
            return aggregate

    class Created(Event, LibraryAggregate.Created):
        def mutate(self, aggregate: Any) -> Any:
            assert aggregate is None
            aggregate_class, init, fields = creation_of(type(self))
            content = self.__dict__
            created = aggregate_class.__new__(aggregate_class)
            created.__base_init__(content["originator_id"], content["originator_version"], content["timestamp"])
            init(created, **{name: content[field] for name, field in fields})
            return created

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        path = cls.__module__.split(".")
        service = path[1] if path[0] == "services" else path[0]
        cls.NAME = f"{service}.{cls.__name__}"
        register_name(cls, cls.NAME)
        for name, member in list(vars(cls).items()):
            if (
                isinstance(member, type)
                and issubclass(member, LibraryAggregate.Event)
                and name not in LIBRARY_EVENT_NAMES
            ):
                register_name(member, f"{cls.NAME}.{name}")
                AGGREGATE_BY_EVENT[member] = cls
                if issubclass(member, LibraryAggregate.Created):
                    cls.CREATED_EVENT = member
            elif isinstance(member, CommandMethodDecorator) and member in decorated_func_callers:
                setattr(cls, name, make_trigger(decorated_func_callers[member], member.decorated_func))

    @classmethod
    def derive_id(cls, *parts: Hashable) -> UUID:
        """Return the id derived from the class name and these parts: always the same."""
        return derived_id(cls.NAME, *parts)

    @classmethod
    def id_for_creation(cls, arguments: Mapping[str, Any]) -> UUID:
        """Return the id of the aggregate that these creation arguments identify."""
        return cls.create_id(**{name: arguments[name] for name in create_id_parameters(cls)})

    @classmethod
    def create_with_id(cls, id: UUID, arguments: Mapping[str, Any]) -> Self:  # noqa: A002 (the library's name)
        """Create an aggregate with this id from the arguments."""
        if arguments.keys() != creation_parameters(cls):
            return cls(**arguments)
        return cls._create(cls.CREATED_EVENT, id=id, **arguments)

    @classmethod
    def _create(cls, event_class: Any, *, id: UUID | None = None, **kwargs: Any) -> Self:  # noqa: A002 (the library's name)
        context = current_context.get()
        meta = context.metadata(None)
        event = new_event(event_class, kwargs, id or cls.id_for_creation(kwargs), 1, meta)
        event.__dict__["originator_topic"] = cls.NAME
        created: Self = event.mutate(None)
        created.correlation_id = meta.correlation_id
        created.pending_events.append(event)
        context.record(created, event)
        return created

    def trigger_event(self, event_class: Any, **kwargs: Any) -> None:
        self._apply_event(event_class, kwargs)

    def _apply_event(self, event_class: Any, fields: dict[str, Any]) -> None:
        """Apply a new event and record it in the current context. The event keeps `fields`."""
        context, cached = current_context.get(), apply_method_of(event_class)
        if cached is not None:
            cached[0](self, **fields)
        event = new_event(event_class, fields, self._id, self._version + 1, context.metadata(self))
        if cached is None:
            event.mutate(self)
        self._version, self._modified_on = event.originator_version, event.timestamp
        self._pending_events.append(event)
        context.record(self, event)

    def _require_unchanged(self) -> None:
        """Make the commit fail if the aggregate is changed concurrently."""
        current_context.get().require_unchanged(self)

    def _require(self, *allowed: Any) -> None:
        """Raises WrongStatus unless the aggregate's `status` is one of these."""
        status = self.status  # type: ignore[attr-defined]
        if status not in allowed:
            wanted = " or ".join(str(each) for each in allowed)
            raise WrongStatus(f"{type(self).__name__} {self.id} is {status}, not {wanted}", field="status")
