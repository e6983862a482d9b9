"""Events of a unit of work that are not stored yet."""

from collections.abc import Container, Sequence
from typing import Any, cast
from uuid import UUID

from shared.codec import encode
from shared.commit_effects import Effects, with_effects
from shared.contracts import PublishedEvent
from shared.domain import Aggregate, EventMetadata
from shared.event_codec import encode_event, replay
from shared.policies import PublishedEventMappings
from shared.store import NewEvent, RecordedEvent
from shared.store.event_store import EventStore

Entry = tuple[Aggregate, Any, PublishedEvent | None, str | None]


class UnsavedChangesError(Exception):
    """Raised when a command changed an aggregate but did not save it: an error in the code, nothing is stored."""


class EventsToStore:
    """The events of a unit of work that are not stored yet, in order, each with what is published for it."""

    def __init__(self, published: PublishedEventMappings) -> None:
        self._published = published
        self._entries: list[Entry] = []
        self._encoded_metadata: tuple[EventMetadata | None, bytes] = None, b""

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, aggregate: Aggregate, event: Any, traceparent: str | None) -> None:
        mapping = self._published.mappings.get(type(event))
        self._entries.append((aggregate, event, mapping(event, aggregate) if mapping else None, traceparent))

    def require_saved(self, saved: Container[UUID]) -> None:
        """Raise UnsavedChangesError for an aggregate that was changed and not saved."""
        checked = None
        for aggregate, event, _, _ in self._entries:
            if aggregate is not checked and aggregate.id not in saved:
                raise UnsavedChangesError(f"{type(event).__qualname__} changed {aggregate.id}, which was not saved")
            checked = aggregate

    def require_recorded(self, effects: Effects | None) -> None:
        """Raise UnsavedChangesError if a commit takes numbers or unique values without an event that records it."""
        if not self._entries and effects:
            raise UnsavedChangesError("numbers and unique values are taken together with an event")

    def new_events(self, effects: Effects | None) -> list[NewEvent]:
        """Return the events as they are stored and published; the last one records what else the commit takes."""
        events = [self._new_event(each, each[1].meta) for each in self._entries[:-1]]
        for last in self._entries[-1:]:
            events.append(self._new_event(last, with_effects(last[1].meta, effects)))
        return events

    def _new_event(self, entry: Entry, recorded_meta: EventMetadata) -> NewEvent:
        aggregate, event, published, traceparent = entry
        meta = self._encode_metadata(event.meta)
        stored_meta = meta if recorded_meta is event.meta else encode(recorded_meta)
        new = aggregate.id, event.originator_version, type(event).TOPIC, encode_event(event, stored_meta)
        correlation_id = event.meta.correlation_id
        if published is None:
            return NewEvent(*new, correlation_id=correlation_id)
        return NewEvent(*new, published.wire_type(), encode(published), meta, traceparent, correlation_id)

    def _encode_metadata(self, meta: EventMetadata) -> bytes:
        """Return the encoded metadata. Events of one context share it, so it is encoded once."""
        if self._encoded_metadata[0] is not meta:
            self._encoded_metadata = meta, encode(meta)
        return self._encoded_metadata[1]

    def mark_stored(self, recorded: Sequence[RecordedEvent]) -> None:
        """Give the aggregates the position and time of their stored events."""
        for (aggregate, _, _, _), stored in zip(self._entries, recorded, strict=True):
            aggregate.mark_stored(stored.version, stored.position, stored.recorded_at)

    def undo_after(self, count: int) -> list[Aggregate]:
        """Remove the events after the first `count`; return their aggregates."""
        undone = {each.id: each for each, *_ in self._entries[count:]}
        del self._entries[count:]
        return list(undone.values())

    def restore(self, undone: Aggregate, store: EventStore) -> Aggregate | None:
        """Return the aggregate loaded again, with its pending events that are kept; None if there are none."""
        kept = [index for index, (each, *_) in enumerate(self._entries) if each.id == undone.id]
        if not kept:
            return None
        restored: Any = replay(type(undone), store.events(undone.id))
        for index in kept:
            _, event, *rest = self._entries[index]
            restored = event.mutate(restored)
            restored.pending_events.append(event)
            self._entries[index] = (restored, event, *rest)
        restored.correlation_id = undone.correlation_id
        return cast("Aggregate", restored)
