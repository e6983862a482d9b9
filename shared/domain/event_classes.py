"""Event classes: their stored names, their aggregates and the parameters that create those, cached per class."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from inspect import Parameter, signature
from typing import Any
from uuid import UUID

from eventsourcing.utils import register_topic

from shared.domain.context import EventMetadata

TYPES_BY_NAME: dict[str, type] = {}
"""Each aggregate class and event class by its stored name."""

AGGREGATE_BY_EVENT: dict[Any, Any] = {}
"""The aggregate class of each event class."""


def register_name(cls: Any, name: str) -> None:
    """Register an aggregate or event class under the name by which it is stored."""
    cls.TOPIC = name
    register_topic(name, cls)
    TYPES_BY_NAME[name] = cls


@cache
def aggregate_constructor_for_event(event_class: type) -> tuple[Any, Callable[..., None], tuple[tuple[str, str], ...]]:
    """Return how an event creates its aggregate: the class, its `__init__`, and the event field of each parameter."""
    aggregate_class = AGGREGATE_BY_EVENT[event_class]
    names = tuple(signature(aggregate_class.__init__).parameters)[1:]
    fields = tuple((name, "originator_id" if name == "id" else name) for name in names)
    return aggregate_class, aggregate_class.__init__, fields


@cache
def aggregate_creation_parameters(event_class: type) -> frozenset[str]:
    """Return the parameters, without the id, with which a creation event creates its aggregate."""
    return frozenset(name for name, _ in aggregate_constructor_for_event(event_class)[2]) - {"id"}


@cache
def parameters_of_create_id(aggregate_class: Any) -> tuple[str, ...]:
    """Return the names of the parameters of an aggregate's `create_id`."""
    named = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, each in signature(aggregate_class.create_id).parameters.items() if each.kind in named)


def copy_of_method(method: Any, cls: type) -> Any:
    """Return a copy of a method of a base class for one class, which decides how its events are stored."""
    copied = type(method)(method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__)
    copied.__annotations__ = dict(method.__annotations__)
    copied.__qualname__, copied.__module__ = f"{cls.__qualname__}.{method.__name__}", cls.__module__
    return copied


def new_event(event_class: Any, fields: dict[str, Any], id: UUID, version: int, meta: EventMetadata) -> Any:
    """Return a new event of a class, created in one step. The event keeps `fields`: do not change them afterwards."""
    event = object.__new__(event_class)
    fields["originator_id"], fields["originator_version"] = id, version
    fields["timestamp"], fields["meta"] = datetime.now(UTC), meta
    object.__setattr__(event, "__dict__", fields)
    return event
