"""Vocabulary of aggregate tests: `given` builds a past, `new_events` returns what happened since."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from shared.domain import Aggregate

A = TypeVar("A", bound=Aggregate)

_ENVELOPE = {"originator_id", "originator_version", "timestamp", "originator_topic", "meta"}


def given(aggregate: A, *steps: Callable[[A], Any]) -> A:
    """Return the aggregate after these steps, without pending events."""
    for step in steps:
        step(aggregate)
    aggregate.pending_events.clear()
    return aggregate


def end_of(day: date) -> datetime:
    """Return the last instant of a day in UTC: that of a stock movement of an earlier day that names none."""
    return datetime.combine(day, time.max, UTC)


def new_events(aggregate: Aggregate) -> list[tuple[str, dict[str, Any]]]:
    """Return the pending events: their names and their own fields."""
    return [(type(each).__name__, _event_fields(each)) for each in aggregate.pending_events]


def _event_fields(event: Any) -> dict[str, Any]:
    return {each.name: getattr(event, each.name) for each in fields(event) if each.name not in _ENVELOPE}
