"""Update of one projection table, event by event, and of all tables at one position together."""

from collections.abc import Iterable, Sequence
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
    """One table of a projection and the code that updates it; `error` is what stopped that."""

    def __init__(self, projection: type[Projection], name: str, database: Database, store: EventStore) -> None:
        self.projection, self.table = projection, projection.row_table(name)
        self.event_names = projection.event_names()
        self.rows = Rows(database, self.table)
        self.has_shared_position = False
        self.error: str | None = None
        self._store, self._methods, self._handlers = store, projection(), projection.event_handlers()

    def apply(self, happened: LazyEvent, until: int) -> None:
        """Apply an event; if that fails, `error` is set and no change is kept."""
        recorded = happened.recorded
        try:
            self.rows.current_position = recorded.position
            self._apply_event(happened, until)
        except StoreError:
            raise
        except Exception as broken:
            self._fail(f"{recorded.type} at position {recorded.position}: {broken!r}")

    def finish(self) -> None:
        """Complete the rows after the last event of a batch; if that fails, `error` is set and no change is kept."""
        try:
            self._finish()
        except StoreError:
            raise
        except Exception as broken:
            self._fail(repr(broken))

    def _fail(self, error: str) -> None:
        self.error = error[:500]
        self.reset()
        log.exception("projection stopped", projection=self.projection.name, reason=self.error)

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
    """The table of a resource: one row per aggregate, as of its last event. Caches aggregates in use.

    With history the row is also written after each event before the last of a batch.
    """

    projection: type[ResourceProjection]

    def __init__(self, projection: type[Projection], name: str, database: Database, store: EventStore) -> None:
        super().__init__(projection, name, database, store)
        self._cache, self._changed = AggregateCache(), dict[UUID, Aggregate]()

    def _apply_event(self, happened: LazyEvent, until: int) -> None:
        """Apply the event to its aggregate, which is loaded as of the position `until`, or of the event for history."""
        recorded = happened.recorded
        keeps_history = self.projection.has_history
        known = self._changed.get(recorded.aggregate) or self._cache.take(recorded.aggregate)
        if known is None and recorded.version > 1:
            last = recorded.position if keeps_history else until
            events = self._store.events(recorded.aggregate, until_position=last)
            known = replay(self.projection.aggregate_class, events)
        elif known is None or known.version < recorded.version:
            known = apply_event(happened.event, known)
        assert known is not None
        self._changed[recorded.aggregate] = known
        if keeps_history:
            self._write_row(known)

    def _finish(self) -> None:
        """Write the rows after the last event of a batch."""
        if not self.projection.has_history:
            for each in self._changed.values():
                self._write_row(each)
        self._cache.put(list(self._changed.values()))
        self._changed.clear()

    def _write_row(self, aggregate: Aggregate) -> None:
        try:
            self.rows[aggregate.id] = self.projection.stored_row(aggregate)
        except Exception as broken:
            raise RowFailed(f"{type(aggregate).__name__} {aggregate.id}: {broken!r}") from broken

    def reset(self) -> None:
        super().reset()
        self._cache, self._changed = AggregateCache(), {}


class TableGroup:
    """Tables at one position: each event is read once for all of them, and concerns only those that handle it."""

    def __init__(self, tables: Sequence[ProjectionTable], position: int, is_shared: bool) -> None:
        self.tables, self.position, self.is_shared = tables, position, is_shared
        self._by_event: dict[str, list[ProjectionTable]] = {}
        for table in tables:
            for name in table.event_names:
                self._by_event.setdefault(name, []).append(table)
        self.event_names = sorted(self._by_event)

    def move_to(self, position: int) -> None:
        """Take the position from the database; discards cached rows if another worker advanced the tables."""
        if position != self.position:
            self.reset()
        self.position = position

    def apply(self, happened: Iterable[LazyEvent], until: int) -> list[ProjectionTable]:
        """Apply events to the tables that handle them, and return these tables."""
        changed: dict[ProjectionTable, None] = {}
        for each in happened:
            for table in self._by_event.get(each.recorded.type, ()):
                if table.error is None:
                    changed[table] = None
                    table.apply(each, until)
        for table in changed:
            if table.error is None:
                table.finish()
        return list(changed)

    def reset(self) -> None:
        """Discard cached state and errors, since the batch may not be stored."""
        for table in self.tables:
            table.error = None
            table.reset()
