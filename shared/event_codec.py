"""Encoding and decoding of stored events. Events newer than this code are refused."""

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec
from eventsourcing.domain import CanInitAggregate
from msgspec.structs import asdict

from shared import codec
from shared.domain import TYPES_BY_NAME, Aggregate, NotFound, event_field_defaults
from shared.store import RecordedEvent, UnsupportedEventVersion

A = TypeVar("A", bound=Aggregate)

_ENVELOPE_FIELDS = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})


@cache
def _stored_field_names(event_class: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(event_class) if each.name not in _ENVELOPE_FIELDS)


def stored_fields(event_class: type) -> list[tuple[str, Any]]:
    """Return the stored fields of an event class, each with its type."""
    types = get_type_hints(event_class)
    return [(name, types[name]) for name in _stored_field_names(event_class)]


@cache
def stored_form(event_class: type) -> type[msgspec.Struct]:
    """Return the stored form of an event class: its fields, with defaults if older events lack them, and `v`."""
    known = event_field_defaults(event_class)
    stored = [(name, hint, *([known[name]] if name in known else [])) for name, hint in stored_fields(event_class)]
    stored.append(("v", int, 1))
    return msgspec.defstruct(event_class.__qualname__, stored, forbid_unknown_fields=True, kw_only=True)


def encode_event(event: Any, meta: bytes) -> bytes:
    """Return the event's own fields and its already encoded metadata; id, version and time are columns of the store."""
    event_class: Any = type(event)
    content = event.__dict__
    state = {name: content[name] for name in _stored_field_names(event_class)}
    state["meta"] = msgspec.Raw(meta)
    version = getattr(event_class, "class_version", 1)
    if version > 1:
        state["v"] = version
    return codec.encode(state)


def decode_event(recorded: RecordedEvent) -> Any:
    """Return the event with its `position` and `timestamp` (= recorded time). Raises UnsupportedEventVersion."""
    event_class = TYPES_BY_NAME.get(recorded.type)
    if event_class is None:
        raise UnsupportedEventVersion(f"unknown event type {recorded.type} at position {recorded.position}")
    content = asdict(_decode_state(event_class, recorded))
    del content["v"]
    content["originator_id"] = recorded.aggregate
    content["originator_version"] = recorded.version
    content["timestamp"] = recorded.recorded_at
    content["position"] = recorded.position
    if issubclass(event_class, CanInitAggregate):
        content["originator_topic"] = recorded.type.rpartition(".")[0]
    event: Any = object.__new__(event_class)
    object.__setattr__(event, "__dict__", content)
    return event


def _decode_state(event_class: type, recorded: RecordedEvent) -> Any:
    struct: Any = stored_form(event_class)
    current = getattr(event_class, "class_version", 1)
    try:
        stored: Any = codec.decode(recorded.state, struct)
        failure = None
    except msgspec.ValidationError as error:
        stored, failure = None, error
    if stored and stored.v == current:
        return stored
    state = codec.decode_untyped(recorded.state)
    if (version := state.get("v", 1)) >= current:
        reason = failure or f"unknown version {version}"
        raise UnsupportedEventVersion(f"{recorded.type} at position {recorded.position}: {reason}") from failure
    return _upcast(event_class, state, current)


def _upcast(event_class: Any, state: dict[str, Any], wanted: int) -> Any:
    for version in range(state.get("v", 1), wanted):
        getattr(event_class, f"upcast_v{version}_v{version + 1}")(state)
    state["v"] = wanted
    return msgspec.convert(state, stored_form(event_class), dec_hook=codec.decode_custom)


def replay(aggregate_class: type[A], recorded: Iterable[RecordedEvent], aggregate: A | None = None) -> A | None:
    """Rebuild an aggregate from its events, or apply newer ones. Raises NotFound if it is of another class."""
    for each in recorded:
        aggregate = apply_event(decode_event(each), aggregate)
    if aggregate is not None and not isinstance(aggregate, aggregate_class):
        raise NotFound(aggregate_class, aggregate.id)
    return aggregate


def apply_event(event: Any, aggregate: A | None) -> A:
    """Apply one more event and return the aggregate."""
    changed: A = event.mutate(aggregate)
    if aggregate is None:
        changed.correlation_id, changed.effective_since = event.meta.correlation_id, event.meta.effective_on
    changed.position = event.position
    return changed
