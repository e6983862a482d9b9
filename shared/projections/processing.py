"""Update of one projection table, event by event."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import structlog

from shared.domain import Aggregate
from shared.event_codec import apply_event, decode_event, replay
from shared.projections.database import Database
from shared.projections.definition import Projection, ResourceProjection
from shared.projections.row_table import RowTable, position_text
from shared.projections.rows import Rows
from shared.store import RecordedEvent, StoreError
from shared.store.event_store import EventStore

CACHED_AGGREGATES = 2_000

log = structlog.get_logger()


class RowFailed(Exception):
    """Raised when the row of an aggregate cannot be computed."""


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


class _MethodApplier:
    """Applies events to rows by the methods of the projection."""

    def __init__(self, projection: type[Projection]) -> None:
        self._projection = projection()
        self._handlers = projection.event_handlers()

    def apply(self, happened: LazyEvent, rows: Rows, until: int) -> None:
        del until
        for each in self._handlers[happened.recorded.type]:
            each(self._projection, happened.event, rows)

    def finish(self, rows: Rows) -> None:
        """Do nothing: the rows are complete after each event."""

    def reset(self) -> None:
        """Do nothing: a projection keeps no state except its rows."""


class _AggregateApplier:
    """Writes one row per aggregate, as of its last event. Caches aggregates in use."""

    def __init__(self, projection: type[ResourceProjection], store: EventStore) -> None:
        self._projection = projection
        self._store = store
        self._cache: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._changed: dict[UUID, Aggregate] = {}

    def apply(self, happened: LazyEvent, rows: Rows, until: int) -> None:
        """Apply the event to its aggregate, which is loaded as of the position `until`."""
        recorded = happened.recorded
        known = self._changed.get(recorded.aggregate) or self._cache.get(recorded.aggregate)
        if known is None and recorded.version > 1:
            events = self._store.events(recorded.aggregate, until_position=until)
            known = replay(self._projection.aggregate_class, events)
        elif known is None or known.version < recorded.version:
            known = apply_event(happened.event, known)
        assert known is not None
        self._changed[recorded.aggregate] = known

    def finish(self, rows: Rows) -> None:
        """Write the rows after the last event of a batch."""
        for key, aggregate in self._changed.items():
            self._write_row(aggregate, rows)
            self._cache[key] = aggregate
            self._cache.move_to_end(key)
        self._changed.clear()
        while len(self._cache) > CACHED_AGGREGATES:
            self._cache.popitem(last=False)

    def _write_row(self, aggregate: Aggregate, rows: Rows) -> None:
        try:
            rows[aggregate.id] = self._projection.stored_row(aggregate)
        except Exception as broken:
            raise RowFailed(f"{type(aggregate).__name__} {aggregate.id}: {broken!r}") from broken

    def reset(self) -> None:
        """Discard cached state, since the batch may not be stored."""
        self._cache.clear()
        self._changed.clear()


class ProjectionTable:
    """One table of a projection, with its position and the code that updates it."""

    def __init__(self, projection: type[Projection], table: RowTable, database: Database, store: EventStore) -> None:
        self.projection = projection
        self.table = table
        self.event_names = frozenset(projection.event_names())
        self.rows = Rows(database, table)
        self.position = 0
        self.is_live = False
        self.error: str | None = None
        self._applier: _AggregateApplier | _MethodApplier
        if issubclass(projection, ResourceProjection):
            self._applier = _AggregateApplier(projection, store)
        else:
            self._applier = _MethodApplier(projection)

    def set_position(self, position: int, live: bool) -> "ProjectionTable":
        """Set the position from the database; discards cached rows if another worker advanced it."""
        if position != self.position:
            self.reset()
        self.position, self.is_live = position, live
        return self

    def apply(self, happened: Iterable[LazyEvent], until: int) -> bool:
        """Apply events and return whether all succeeded; if not, `error` is set and no change is kept."""
        each, types, apply = None, self.event_names, self._applier.apply
        try:
            for each in happened:
                if each.recorded.type in types:
                    self.rows.current_position = position_text(each.recorded.position)
                    apply(each, self.rows, until)
            each = None
            self._applier.finish(self.rows)
        except StoreError:
            raise
        except Exception as broken:
            self._stop(each, broken)
            return False
        return True

    def _stop(self, at: LazyEvent | None, broken: Exception) -> None:
        where = f"{at.recorded.type} at position {at.recorded.position}: " if at else ""
        self.error = f"{where}{broken!r}"[:500]
        self.reset()
        log.exception("projection stopped", projection=self.projection.name, reason=self.error)

    def reset(self) -> None:
        self.rows.reset()
        self._applier.reset()
