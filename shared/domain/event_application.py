"""Creation, naming and application of events: as in the library, with signatures cached per event class."""

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

AGGREGATE_BY_EVENT: "dict[type, type[Aggregate]]" = {}


@cache
def apply_method_of(event_class: type) -> tuple[Callable[..., None], tuple[str, ...]] | None:
    """Return the method that applies this event and the fields it takes; None if the event applies itself."""
    method = decorated_funcs.get(event_class)
    return method and (method, tuple(signature(method).parameters)[1:])


@cache
def creation_of(event_class: type) -> "tuple[type[Aggregate], Callable[..., None], tuple[tuple[str, str], ...]]":
    """Return the aggregate class of a creation event, its `__init__`, and the event field of each parameter."""
    aggregate_class = AGGREGATE_BY_EVENT[event_class]
    fields = tuple((name, "originator_id" if name == "id" else name) for name in _init_parameters(aggregate_class))
    return aggregate_class, aggregate_class.__init__, fields


@cache
def creation_parameters(aggregate_class: "type[Aggregate]") -> frozenset[str]:
    """Return the parameters that creation needs, without the id."""
    return frozenset(_init_parameters(aggregate_class)) - {"id"}


def _init_parameters(aggregate_class: "type[Aggregate]") -> tuple[str, ...]:
    return tuple(signature(aggregate_class.__init__).parameters)[1:]


def make_trigger(event_class: Any, apply_method: Callable[..., None]) -> Callable[..., None]:
    """Return the method that triggers the event: its arguments, bound in one step, become the event's fields."""
    method_signature = signature(apply_method)
    names = tuple(method_signature.parameters)[1:]
    required = frozenset(names)

    @wraps(apply_method)
    def trigger(self: "Aggregate", *args: Any, **kwargs: Any) -> None:
        fields = {**dict(zip(names, args, strict=False)), **kwargs} if args else kwargs
        if len(args) + len(kwargs) != len(names) or fields.keys() != required:
            bound = method_signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            fields = {name: bound.arguments[name] for name in names}
        self._apply_event(event_class, fields)

    return trigger


@cache
def create_id_parameters(aggregate_class: "type[Aggregate]") -> tuple[str, ...]:
    named = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, each in signature(aggregate_class.create_id).parameters.items() if each.kind in named)


@cache
def field_defaults(event_class: type) -> Mapping[str, Any]:
    """Return the values of fields that older stored events lack: the defaults of the parameters."""
    is_creation = issubclass(event_class, LibraryAggregate.Created)
    method: Any = AGGREGATE_BY_EVENT[event_class].__init__ if is_creation else decorated_funcs.get(event_class)
    parameters = signature(method).parameters if method else {}
    return {name: each.default for name, each in parameters.items() if each.default is not Parameter.empty}


def new_event(event_class: Any, fields: dict[str, Any], id: UUID, version: int, meta: Meta) -> Any:  # noqa: A002
    """Return a new event, created in one step. The event keeps `fields`: do not change them afterwards."""
    event = object.__new__(event_class)
    fields["originator_id"], fields["originator_version"] = id, version
    fields["timestamp"], fields["meta"] = datetime.now(UTC), meta
    object.__setattr__(event, "__dict__", fields)
    return event


def validate_version(fields: dict[str, Any], aggregate: Any) -> None:
    if fields["originator_id"] != aggregate._id:
        raise OriginatorIDError(fields["originator_id"], aggregate._id)
    if fields["originator_version"] != aggregate._version + 1:
        raise OriginatorVersionError(fields["originator_version"], aggregate._version + 1)


TYPES_BY_NAME: dict[str, type] = {}
"""Each aggregate class and event class by its stored name."""


def register_name(cls: Any, name: str) -> None:
    cls.TOPIC = name
    register_topic(name, cls)
    TYPES_BY_NAME[name] = cls
