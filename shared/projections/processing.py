"""Update of one projection table, event by event."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import structlog

from shared.aggregate_cache import AggregateCache
from shared.domain import Aggregate
from shared.event_codec import apply_event, decode_event, replay
from shared.projections.database import Database
from shared.projections.definition import Projection, ResourceProjection
from shared.projections.rows import Rows
from shared.store import RecordedEvent, StoreError
from shared.store.event_store import EventStore

log = structlog.get_logger()


class RowFailed(Exception):
    """Raised when the row of a resource cannot be computed from its aggregate."""


class LazyEvent:
    """A stored event, decoded at most once for all projections that read it."""

    __slots__ = ("_event", "recorded")

    def __init__(self, recorded: RecordedEvent) -> None:
        self.recorded = recorded
        self._event: Any = None

    @property
    def event(self) -> Any:
        if self._event is None:
            self._event = decode_event(self.recorded)
        return self._event


class ProjectionTable:
    """One table of a projection, with its position and the code that updates it."""

    def __init__(self, projection: type[Projection], name: str, database: Database, store: EventStore) -> None:
        self.projection, self.table = projection, projection.row_table(name)
        self.event_names = frozenset(projection.event_names())
        self.rows = Rows(database, self.table)
        self.position, self.is_live = 0, False
        self.error: str | None = None
        self._store, self._methods, self._handlers = store, projection(), projection.event_handlers()

    def set_position(self, position: int, live: bool) -> "ProjectionTable":
        """Set the position from the database; discards cached rows if another worker advanced it."""
        if position != self.position:
            self.reset()
        self.position, self.is_live = position, live
        return self

    def apply(self, happened: Iterable[LazyEvent], until: int) -> bool:
        """Apply events and return whether all succeeded; if not, `error` is set and no change is kept."""
        each, types = None, self.event_names
        try:
            for each in happened:
                if each.recorded.type in types:
                    self.rows.current_position = each.recorded.position
                    self._apply_event(each, until)
            each = None
            self._finish()
        except StoreError:
            raise
        except Exception as broken:
            where = f"{each.recorded.type} at position {each.recorded.position}: " if each else ""
            self.error = f"{where}{broken!r}"[:500]
            self.reset()
            log.exception("projection stopped", projection=self.projection.name, reason=self.error)
            return False
        return True

    def _apply_event(self, happened: LazyEvent, until: int) -> None:
        """Apply the event to the rows by the methods of the projection."""
        del until
        for each in self._handlers[happened.recorded.type]:
            each(self._methods, happened.event, self.rows)

    def _finish(self) -> None:
        """Do nothing: the rows are complete after each event."""

    def reset(self) -> None:
        """Discard cached state, since the batch may not be stored."""
        self.rows.reset()


class ResourceProjectionTable(ProjectionTable):
    """The table of a resource: one row per aggregate, as of its last event. Caches aggregates in use."""

    projection: type[ResourceProjection]

    def __init__(self, projection: type[Projection], name: str, database: Database, store: EventStore) -> None:
        super().__init__(projection, name, database, store)
        self._cache, self._changed = AggregateCache(), dict[UUID, Aggregate]()

    def _apply_event(self, happened: LazyEvent, until: int) -> None:
        """Apply the event to its aggregate, which is loaded as of the position `until`."""
        recorded = happened.recorded
        known = self._changed.get(recorded.aggregate) or self._cache.take(recorded.aggregate)
        if known is None and recorded.version > 1:
            events = self._store.events(recorded.aggregate, until_position=until)
            known = replay(self.projection.aggregate_class, events)
        elif known is None or known.version < recorded.version:
            known = apply_event(happened.event, known)
        assert known is not None
        self._changed[recorded.aggregate] = known

    def _finish(self) -> None:
        """Write the rows after the last event of a batch."""
        for each in self._changed.values():
            try:
                self.rows[each.id] = self.projection.stored_row(each)
            except Exception as broken:
                raise RowFailed(f"{type(each).__name__} {each.id}: {broken!r}") from broken
        self._cache.put(list(self._changed.values()))
        self._changed.clear()

    def reset(self) -> None:
        super().reset()
        self._cache, self._changed = AggregateCache(), {}
