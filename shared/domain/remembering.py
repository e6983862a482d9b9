"""How events are made, named and remembered: what the library does, with what it takes looked up once a class."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.domain import Aggregate as LibraryAggregate
from eventsourcing.domain import OriginatorIDError, OriginatorVersionError, decorated_funcs
from eventsourcing.utils import register_topic

from shared.domain.context import Meta

if TYPE_CHECKING:
    from shared.domain.aggregate import Aggregate

AGGREGATE_OF: "dict[type, type[Aggregate]]" = {}


@cache
def way(event_class: type) -> tuple[Callable[..., None], tuple[str, ...]] | None:
    """The method that remembers this event, and which of its fields it takes; none where the event applies itself."""
    remember = decorated_funcs.get(event_class)
    return remember and (remember, tuple(signature(remember).parameters)[1:])


@cache
def birth(event_class: type) -> "tuple[type[Aggregate], Callable[..., None], tuple[tuple[str, str], ...]]":
    """What is born, its `__init__`, and which field of the event each parameter of that takes."""
    kind = AGGREGATE_OF[event_class]
    fields = tuple((name, "originator_id" if name == "id" else name) for name in _taken_by(kind))
    return kind, kind.__init__, fields


@cache
def beginning(kind: "type[Aggregate]") -> frozenset[str]:
    """What has to be known of one to be born, beside its id."""
    return frozenset(_taken_by(kind)) - {"id"}


def _taken_by(kind: "type[Aggregate]") -> tuple[str, ...]:
    return tuple(signature(kind.__init__).parameters)[1:]


def triggering(event_class: Any, remember: Callable[..., None]) -> Callable[..., None]:
    """The private twin as it is called: its arguments become the event's fields, bound here in one step."""
    form = signature(remember)
    names = tuple(form.parameters)[1:]
    wanted = frozenset(names)

    @wraps(remember)
    def trigger(self: "Aggregate", *args: Any, **kwargs: Any) -> None:
        fields = {**dict(zip(names, args, strict=False)), **kwargs} if args else kwargs
        if len(args) + len(kwargs) != len(names) or fields.keys() != wanted:
            bound = form.bind(self, *args, **kwargs)
            bound.apply_defaults()
            fields = {name: bound.arguments[name] for name in names}
        self._happens(event_class, fields)

    return trigger


@cache
def create_id_names(kind: "type[Aggregate]") -> tuple[str, ...]:
    named = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, each in signature(kind.create_id).parameters.items() if each.kind in named)


@cache
def defaults_of(event_class: type) -> Mapping[str, Any]:
    """What a field holds in events stored before there was one: the default of the parameter that takes it."""
    born = issubclass(event_class, LibraryAggregate.Created)
    remember: Any = AGGREGATE_OF[event_class].__init__ if born else decorated_funcs.get(event_class)
    taken = signature(remember).parameters if remember else {}
    return {name: each.default for name, each in taken.items() if each.default is not Parameter.empty}


def an_event(event_class: Any, fields: dict[str, Any], id: UUID, version: int, meta: Meta) -> Any:  # noqa: A002
    """An event as its class would make it, in one step; the fields are its own from now on."""
    happening = object.__new__(event_class)
    fields["originator_id"], fields["originator_version"] = id, version
    fields["timestamp"], fields["meta"] = datetime.now(UTC), meta
    object.__setattr__(happening, "__dict__", fields)
    return happening


def judge_place(content: dict[str, Any], aggregate: Any) -> None:
    if content["originator_id"] != aggregate._id:
        raise OriginatorIDError(content["originator_id"], aggregate._id)
    if content["originator_version"] != aggregate._version + 1:
        raise OriginatorVersionError(content["originator_version"], aggregate._version + 1)


NAMES: dict[str, type] = {}
"""Every aggregate and every event class by its stored name."""


def give_name(cls: Any, topic: str) -> None:
    cls.TOPIC = topic
    register_topic(topic, cls)
    NAMES[topic] = cls
