"""Update of all projections of one service from its log, batch by batch."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from shared.projections.database import Database, Session
from shared.projections.definition import Projection, ResourceProjection
from shared.projections.processing import LazyEvent, ProjectionTable, ResourceProjectionTable, TableGroup
from shared.projections.table_registry import (
    CREATE_TABLES,
    ProjectionPositionConflict,
    SharedPosition,
    TableRegistry,
    TableState,
)
from shared.store import RecordedEvent
from shared.store.event_store import EventStore

BATCH_SIZE = 500
UNKNOWN_REVISION = -1

Progress = Callable[[str, int, int], None] | None
"""Receives a projection's name, the position of its rows and the position to reach."""


class ProjectionUpdater:
    """Advances the tables of the projections together and lets completely built ones serve readers."""

    def __init__(self, store: EventStore, projections: Mapping[str, type[Projection]], database: Database) -> None:
        self.projections = projections
        self.registry = TableRegistry(database, store.service)
        self._store = store
        self._database = database
        self._tables: dict[str, ProjectionTable] = {}
        self._shared, self._own = TableGroup((), 0, is_shared=True), list[TableGroup]()
        self._revision, self._is_building = UNKNOWN_REVISION, True
        self._lock = threading.Lock()

    def schema_version(self, projection: type[Projection]) -> str:
        """Return what rows depend on: the projection's version, its columns, and the epoch of the log."""
        return f"{projection.version}/{projection.columns_digest()}/{self._store.epoch}"

    def migrate(self) -> None:
        self._database.prepare(*CREATE_TABLES)
        with self._database.transaction() as session:
            self.registry.prepare(session)
            for projection in self.projections.values():
                version = self.schema_version(projection)
                if version not in {each.schema_version for each in self.registry.list_for(session, projection.name)}:
                    self.registry.create_table(session, projection, version)
        self.activate_complete(self._store.head())

    def process_batch(self, limit: int = BATCH_SIZE, progress: Progress = None) -> bool:
        """Apply the next batch of the log to all projections; return whether more of it is waiting.

        A projection whose method raises stops, has its error in `status`, and is retried by the
        next process; the others continue.
        """
        with self._lock:
            head = self._store.head()
            try:
                is_more = self._process_step(head, limit, progress)
            except ProjectionPositionConflict:
                self._revision = UNKNOWN_REVISION
                return True
            if self._is_building:
                self.activate_complete(head)
        return is_more

    def process_until(self, until: int, progress: Progress = None) -> None:
        """Update all projections up to a position and not beyond."""
        while self._process_step(until, BATCH_SIZE, progress):
            pass

    def _process_step(self, until: int, limit: int, progress: Progress) -> bool:
        """Apply one batch to every group; the most advanced first, so that the others can join it."""
        self._refresh()
        reached = until
        groups = sorted((self._shared, *self._own), key=lambda group: -group.position)
        for group in groups:
            if group.position < until:
                reached = self._process_group(group, reached, limit)
                if progress is not None:
                    for table in group.tables:
                        progress(table.projection.name, group.position, until)
        self._share_position()
        return any(group.position < until for group in groups)

    def _process_group(self, group: TableGroup, until: int, limit: int) -> int:
        """Update the tables at one position together, reading the log once; return the new position."""
        recorded = self._read_log(group, until, limit)
        reached = recorded[-1].position if len(recorded) == limit else until
        try:
            changed = group.apply(map(LazyEvent, recorded), reached)
            self._commit(group, changed, reached)
        except BaseException:
            group.reset()
            raise
        return reached

    def _read_log(self, group: TableGroup, until: int, limit: int) -> list[RecordedEvent]:
        """Return the next events for a group; a few are read without looking for those that it handles."""
        names, after = group.event_names, group.position
        if not names:
            return []
        return self._store.log(after, limit, names if until - after > len(names) else None, until)

    def _commit(self, group: TableGroup, changed: Sequence[ProjectionTable], reached: int) -> None:
        """Store rows and position in one transaction. Raises ProjectionPositionConflict."""
        written = [table for table in changed if table.error is None]
        with self._database.transaction() as session:
            self._advance(session, group, reached)
            for table in written:
                table.rows.write_changes(session)
            for table in changed:
                if table.error is not None:
                    self.registry.record_failure(session, table.table.name, group.position, table.error)
        group.position = reached
        for table in written:
            table.rows.mark_written()

    def _advance(self, session: Session, group: TableGroup, reached: int) -> None:
        if group.is_shared:
            self.registry.advance_shared(session, SharedPosition(group.position, self._revision), reached)
        elif names := [table.table.name for table in group.tables if table.error is None]:
            self.registry.advance(session, names, group.position, reached)

    def _share_position(self) -> None:
        """Let tables that have caught up share the position of the others; once, as other code may not update them."""
        shared = SharedPosition(self._shared.position, self._revision)
        reached = [table for group in self._own if group.position == shared.position for table in group.tables]
        names = [table.table.name for table in reached if table.error is None and not table.has_shared_position]
        if names:
            with suppress(ProjectionPositionConflict), self._database.transaction() as session:
                self.registry.share(session, names, shared)  # after a conflict they keep their own positions
            self._revision = UNKNOWN_REVISION

    def activate_complete(self, head: int) -> None:
        """Let completely built tables serve readers."""
        for each in self.registry.list_all():
            if self._is_ours(each) and not each.is_live and each.position >= head:
                projection = self.projections[each.projection]
                self.registry.activate(projection.name, projection.row_table(each.name))

    def current_tables(self) -> list[ProjectionTable]:
        """Return the tables of this version of the code."""
        self._refresh()
        return list(self._tables.values())

    def _refresh(self) -> None:
        """Take the shared position from the database, and load the tables again if any of them has changed."""
        shared = self.registry.get_shared_position()
        if shared.revision != self._revision:
            self._load_tables()
        self._shared.move_to(shared.position)

    def _load_tables(self) -> None:
        with self._database.transaction() as session:
            states, self._revision = self.registry.take_over(session, self._is_ours)
        self._tables = {each.name: self._table_of(each) for each in states}
        self._is_building = not all(each.is_live for each in states)
        places: dict[int | None, list[ProjectionTable]] = {}
        for each in states:
            if self._tables[each.name].error is None:
                places.setdefault(None if each.is_shared else each.position, []).append(self._tables[each.name])
        self._shared = TableGroup(places.pop(None, ()), 0, is_shared=True)
        self._own = [TableGroup(tables, position or 0, is_shared=False) for position, tables in places.items()]

    def _table_of(self, state: TableState) -> ProjectionTable:
        """Return the table without cached rows, which another worker may have changed, as it may have mended it."""
        projection = self.projections[state.projection]
        table_class = ResourceProjectionTable if issubclass(projection, ResourceProjection) else ProjectionTable
        table = self._tables.get(state.name) or table_class(projection, state.name, self._database, self._store)
        table.reset()
        if state.is_shared:
            table.has_shared_position, table.error = True, None
        return table

    def _is_ours(self, state: TableState) -> bool:
        projection = self.projections.get(state.projection)
        return projection is not None and state.schema_version == self.schema_version(projection)
