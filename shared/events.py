"""Between events in memory and events in the store. Refuses what is newer than this code."""

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from sys import modules
from typing import Any, TypeVar

import msgspec
from eventsourcing.domain import CanInitAggregate
from msgspec.structs import asdict

from shared import codec
from shared.domain import NAMES, Aggregate, NotFound, defaults_of
from shared.money import Money
from shared.store import FromTheFuture, Recorded

A = TypeVar("A", bound=Aggregate)

_ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})


@cache
def _own_fields(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name not in _ENVELOPE)


def own_shape(kind: type) -> list[tuple[str, Any]]:
    """The fields of an event class that are stored as its content, each with its type."""
    types = {each.name: each.type for each in fields(kind)}
    module = vars(modules[kind.__module__])
    return [(name, _resolved(types[name], module)) for name in _own_fields(kind)]


@cache
def _shape(kind: type) -> type[msgspec.Struct]:
    """The stored form of one event class: its content (or the default, if not stored) and, from version 2 on, `v`."""
    known = defaults_of(kind)
    stored = [(name, hint, *([known[name]] if name in known else [])) for name, hint in own_shape(kind)]
    return msgspec.defstruct(kind.__qualname__, [*stored, ("v", int, 1)], forbid_unknown_fields=True, kw_only=True)


def _resolved(annotation: Any, module: dict[str, Any]) -> Any:
    return eval(annotation, module) if isinstance(annotation, str) else annotation  # noqa: S307 (our own source)


def encode_event(event: Any, meta: bytes) -> bytes:
    """The event's own fields and its metadata, encoded before; id, version and time are columns of the store."""
    kind: Any = type(event)
    content = event.__dict__
    state = {name: content[name] for name in _own_fields(kind)}
    state["meta"] = msgspec.Raw(meta)
    version = getattr(kind, "class_version", 1)
    if version > 1:
        state["v"] = version
    return codec.encode(state)


def decode_event(recorded: Recorded) -> Any:
    """The event object, with `position` and `timestamp` (= recorded time). Raises FromTheFuture."""
    kind = NAMES.get(recorded.type)
    if kind is None:
        raise FromTheFuture(f"nobody knows the event {recorded.type} at position {recorded.position}")
    content = asdict(_read(kind, recorded))
    del content["v"]
    content["originator_id"] = recorded.aggregate
    content["originator_version"] = recorded.version
    content["timestamp"] = recorded.recorded_at
    content["position"] = recorded.position
    if issubclass(kind, CanInitAggregate):
        content["originator_topic"] = recorded.type.rpartition(".")[0]
    event: Any = object.__new__(kind)
    object.__setattr__(event, "__dict__", content)
    return event


def _read(kind: type, recorded: Recorded) -> Any:
    shape: Any = _shape(kind)
    wanted = getattr(kind, "class_version", 1)
    try:
        stored: Any = codec.decode(recorded.state, shape)
    except msgspec.ValidationError as unreadable:
        state = codec.decode_plain(recorded.state)
        if state.get("v", 1) >= wanted:
            raise FromTheFuture(f"{recorded.type} at position {recorded.position}: {unreadable}") from unreadable
        return _upcast(kind, state, wanted)
    if stored.v == wanted:
        return stored
    if stored.v > wanted:
        raise FromTheFuture(f"{recorded.type} at position {recorded.position} is version {stored.v}")
    return _upcast(kind, codec.decode_plain(recorded.state), wanted)


def _upcast(kind: Any, state: dict[str, Any], wanted: int) -> Any:
    for version in range(state.get("v", 1), wanted):
        getattr(kind, f"upcast_v{version}_v{version + 1}")(state)
    state["v"] = wanted
    return msgspec.convert(state, _shape(kind), dec_hook=_money)


def _money(kind: type, stored: Any) -> Any:
    if kind is Money:
        return Money(stored["amount"], stored["currency"])
    raise NotImplementedError(kind)


def fold(kind: type[A], recorded: Iterable[Recorded], aggregate: A | None = None) -> A | None:
    """The aggregate these events make, or bring up to date. Raises NotFound if they are of another kind."""
    for each in recorded:
        event = decode_event(each)
        aggregate = apply(event, aggregate)
    if aggregate is not None and not isinstance(aggregate, kind):
        raise NotFound(kind.__name__, aggregate.id)
    return aggregate


def apply(event: Any, aggregate: A | None) -> A:
    """The aggregate after one more event."""
    changed: A = event.mutate(aggregate)
    if aggregate is None:
        changed.story = event.meta.correlation_id
    changed.position = event.position
    return changed
