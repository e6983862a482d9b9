"""What every aggregate is made of."""

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import Aggregate as LibraryAggregate
from eventsourcing.domain import CommandMethodDecorator, decorated_func_callers

from shared.domain.context import Meta, surrounding
from shared.domain.refusals import WrongStatus
from shared.domain.remembering import (
    AGGREGATE_OF,
    an_event,
    beginning,
    birth,
    create_id_names,
    give_name,
    judge_place,
    triggering,
    way,
)
from shared.domain.values import derived_id

UNSPOKEN = ("Event", "Created")
"""Event classes the library makes on every aggregate and nobody triggers: events are named for what happened."""


class Aggregate(LibraryAggregate):
    """A thing the business changes as a whole, kept as the list of what happened to it.

    A public method decides and may refuse; its private twin, named after the event, remembers.
    Stored names are `<service>.<Aggregate>.<Event>`, so files may move.
    """

    NAME: ClassVar[str]
    SHARED: ClassVar[bool] = False
    """Everybody asks it and hardly anybody changes it: there as soon as it is asked, and nobody takes turns."""
    BIRTH: ClassVar[Any] = None
    story: UUID
    position: int

    class Event(LibraryAggregate.Event):
        meta: Meta

        def mutate(self, aggregate: Any) -> Any:
            """Remember on the aggregate, as the library does, with what it takes looked up once a class."""
            if aggregate is None or (known := way(type(self))) is None:
                return super().mutate(aggregate)
            remember, names = known
            content = self.__dict__
            judge_place(content, aggregate)
            remember(aggregate, **{name: content[name] for name in names})
            aggregate._version, aggregate._modified_on = content["originator_version"], content["timestamp"]
            return aggregate

    class Created(Event, LibraryAggregate.Created):
        def mutate(self, aggregate: Any) -> Any:
            assert aggregate is None
            kind, begin, fields = birth(type(self))
            content = self.__dict__
            born = kind.__new__(kind)
            born.__base_init__(content["originator_id"], content["originator_version"], content["timestamp"])
            begin(born, **{name: content[field] for name, field in fields})
            return born

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        path = cls.__module__.split(".")
        service = path[1] if path[0] == "services" else path[0]
        cls.NAME = f"{service}.{cls.__name__}"
        give_name(cls, cls.NAME)
        for name, member in list(vars(cls).items()):
            if isinstance(member, type) and issubclass(member, LibraryAggregate.Event) and name not in UNSPOKEN:
                give_name(member, f"{cls.NAME}.{name}")
                AGGREGATE_OF[member] = cls
                if issubclass(member, LibraryAggregate.Created):
                    cls.BIRTH = member
            elif isinstance(member, CommandMethodDecorator) and member in decorated_func_callers:
                setattr(cls, name, triggering(decorated_func_callers[member], member.decorated_func))

    @classmethod
    def derive_id(cls, *parts: Hashable) -> UUID:
        """Return the id of the aggregate of this class that belongs to these parts: always the same."""
        return derived_id(cls.NAME, *parts)

    @classmethod
    def id_of(cls, born_with: Mapping[str, Any]) -> UUID:
        """The id of the one that is made with these arguments."""
        return cls.create_id(**{name: born_with[name] for name in create_id_names(cls)})

    @classmethod
    def born(cls, id: UUID, fields: Mapping[str, Any]) -> Self:  # noqa: A002 (the library's name)
        """One with this id, made with these arguments."""
        if fields.keys() != beginning(cls):
            return cls(**fields)
        return cls._create(cls.BIRTH, id=id, **fields)

    @classmethod
    def _create(cls, event_class: Any, *, id: UUID | None = None, **kwargs: Any) -> Self:  # noqa: A002 (the library's name)
        context = surrounding.get()
        meta = context.meta(None)
        happening = an_event(event_class, kwargs, id or cls.id_of(kwargs), 1, meta)
        happening.__dict__["originator_topic"] = cls.NAME
        created: Self = happening.mutate(None)
        created.story = meta.correlation_id
        created.pending_events.append(happening)
        context.happened(created, happening)
        return created

    def trigger_event(self, event_class: Any, **kwargs: Any) -> None:
        self._happens(event_class, kwargs)

    def _happens(self, event_class: Any, fields: dict[str, Any]) -> None:
        """Remember it and tell what surrounds it; the fields are the event's own from now on."""
        context, known = surrounding.get(), way(event_class)
        if known is not None:
            known[0](self, **fields)
        happening = an_event(event_class, fields, self._id, self._version + 1, context.meta(self))
        if known is None:
            happening.mutate(self)
        self._version, self._modified_on = happening.originator_version, happening.timestamp
        self._pending_events.append(happening)
        context.happened(self, happening)

    def _must_stay(self) -> None:
        """What is decided on this answer is stored only if nobody changes the aggregate first."""
        surrounding.get().unchanged(self)

    def _require(self, *allowed: Any) -> None:
        """Refused with WrongStatus unless the aggregate's `status` is one of these."""
        status = self.status  # type: ignore[attr-defined]
        if status not in allowed:
            wanted = " or ".join(str(each) for each in allowed)
            raise WrongStatus(f"{type(self).__name__} {self.id} is {status}, not {wanted}", field="status")
