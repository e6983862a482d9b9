"""State of an aggregate in the past: replayed from its events up to a version, a position or an instant."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from shared.domain import TYPES_BY_NAME, Aggregate, NotFound, PersonalData
from shared.event_codec import replay
from shared.money import Money, UnitPrice
from shared.openapi.shapes import COUNT, ID, INSTANT, TEXT, Doc, map_schema, object_schema
from shared.store import RecordedEvent
from shared.store.event_store import EventStore
from shared.web import fields
from shared.web.audit import InstantOrDay
from shared.web.problems import invalid_value
from shared.web.schema import Schema

TIME_PARAMETERS = ("version", "position", "at")
PLAIN_TYPES = (str, bytes, int, Decimal, date, UUID, Money, UnitPrice, Enum)
INTERNAL_ATTRIBUTES = frozenset(
    {"correlation_id", "position", "_id", "_version", "_created_on", "_modified_on", "_pending_events"}
)
"""Attributes of every aggregate; returned next to its state or not at all."""


PAST_STATE: Doc = object_schema(
    {
        "id": ID, "aggregate_type": TEXT, "version": COUNT, "position": COUNT, "recorded_at": INSTANT,
        "state": map_schema({}, "The members of the aggregate, by name; personal fields are masked."),
    }
)  # fmt: skip
"""The schema of `state_as_of`."""


class AsOfQuery(Schema):
    """Query of a state as of a version, a position or a time, at most one. `at` is a recorded time, inclusive."""

    version = fields.WholeNumberParameter(min=1, load_default=None)
    position = fields.WholeNumberParameter(load_default=None)
    at = InstantOrDay(load_default=None)


def state_as_of(store: EventStore, aggregate_id: UUID, query: dict[str, Any]) -> dict[str, Any]:
    """Return the full state, personal fields masked. Raises NotFound if the aggregate had no events at that time."""
    chosen = [name for name in TIME_PARAMETERS if query[name] is not None]
    if len(chosen) > 1:
        raise invalid_value(f"/{chosen[1]}", "given_twice", f"give only one of {', '.join(TIME_PARAMETERS)}")
    recorded = [each for each in store.events(aggregate_id) if _is_included(each, query)]
    if not recorded or (query["version"] or 0) > recorded[-1].version:
        raise NotFound("aggregate at that time with the id", aggregate_id)
    last, kind = recorded[-1], recorded[0].type.rpartition(".")[0]
    aggregate: Any = replay(TYPES_BY_NAME.get(kind, Aggregate), recorded)
    return {
        "id": aggregate_id,
        "aggregate_type": kind,
        "version": last.version,
        "position": last.position,
        "recorded_at": last.recorded_at,
        "state": _stored_state(aggregate) | _derived_state(aggregate),
    }


def _is_included(recorded: RecordedEvent, query: Mapping[str, Any]) -> bool:
    at: datetime | None = query["at"]
    return (
        recorded.version <= (query["version"] or recorded.version)
        and (query["position"] is None or recorded.position <= query["position"])
        and (at is None or recorded.recorded_at <= at)
    )


def _stored_state(aggregate: Any) -> dict[str, Any]:
    """Return the attributes of an object by their names in code."""
    return {
        name.lstrip("_"): _mask_personal_data(value)
        for name, value in vars(aggregate).items()
        if name not in INTERNAL_ATTRIBUTES
    }


def _derived_state(aggregate: Any) -> dict[str, Any]:
    """Return the public properties, such as status and total; a property that raises is omitted."""
    derived = {}
    for name, each in vars(type(aggregate)).items():
        if isinstance(each, property) and not name.startswith("_"):
            with suppress(Exception):
                derived[name] = _mask_personal_data(getattr(aggregate, name))
    return derived


def _mask_personal_data(value: Any) -> Any:
    """Return plain values at all levels; a personal field is replaced by its subject."""
    if isinstance(value, PersonalData):
        return {"masked": value.subject}
    if isinstance(value, Mapping):
        return {str(name): _mask_personal_data(each) for name, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(map(_mask_personal_data, value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, PLAIN_TYPES):
        return [_mask_personal_data(each) for each in value]
    return value if value is None or isinstance(value, PLAIN_TYPES) else _stored_state(value)
