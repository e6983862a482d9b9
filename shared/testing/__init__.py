"""Words to tell a test with: given what was, when it is asked, what happened."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from shared.domain import Aggregate

A = TypeVar("A", bound=Aggregate)

_ENVELOPE = {"originator_id", "originator_version", "timestamp", "originator_topic", "meta"}


def given(aggregate: A, *steps: Callable[[A], Any]) -> A:
    """An aggregate to which all this has already happened."""
    for step in steps:
        step(aggregate)
    aggregate.pending_events.clear()
    return aggregate


def happened(aggregate: Aggregate) -> list[tuple[str, dict[str, Any]]]:
    """What has happened to it since: the events' names and their own fields."""
    return [(type(each).__name__, _told(each)) for each in aggregate.pending_events]


def _told(happening: Any) -> dict[str, Any]:
    return {each.name: getattr(happening, each.name) for each in fields(happening) if each.name not in _ENVELOPE}
