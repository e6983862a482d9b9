"""Update of all projections of one service from its log, batch by batch."""

import threading
from collections.abc import Callable, Mapping

from shared.projections.database import Database
from shared.projections.definition import Projection, ResourceProjection
from shared.projections.processing import LazyEvent, ProjectionTable, ResourceProjectionTable
from shared.projections.table_registry import CREATE_TABLE, ProjectionPositionConflict, TableRegistry
from shared.store.event_store import EventStore

BATCH_SIZE = 500

Progress = Callable[[str, int, int], None]
"""Receives a projection's name, the position of its rows and the position to reach."""


def ignore_progress(projection: str, position: int, target: int) -> None:
    """Take a report of progress and do nothing with it."""


class ProjectionUpdater:
    """Advances the tables of the projections together and lets completely built ones serve readers."""

    def __init__(self, store: EventStore, projections: Mapping[str, type[Projection]], database: Database) -> None:
        self.projections = projections
        self.registry = TableRegistry(database, store.service)
        self._store = store
        self._database = database
        self._tables: dict[str, ProjectionTable] = {}
        self._lock = threading.Lock()

    def schema_version(self, projection: type[Projection]) -> str:
        """Return what rows depend on: the projection's version, its columns, and the epoch of the log."""
        return f"{projection.version}/{projection.columns_digest()}/{self._store.epoch}"

    def migrate(self) -> None:
        self._database.prepare(CREATE_TABLE)
        with self._database.transaction() as session:
            for projection in self.projections.values():
                version = self.schema_version(projection)
                if version not in {each.schema_version for each in self.registry.list_for(session, projection.name)}:
                    self.registry.create_table(session, projection, version)
        self.activate_complete(self.current_tables(), self._store.head())

    def process_batch(self, limit: int = BATCH_SIZE, progress: Progress = ignore_progress) -> bool:
        """Apply the next batch of the log to all projections; return whether more of it is waiting.

        A projection whose method raises stops, has its error in `status`, and is retried by the
        next process; the others continue.
        """
        with self._lock:
            head = self._store.head()
            try:
                running = self._process_step(head, limit, progress)
            except ProjectionPositionConflict:
                return True
            self.activate_complete(running, head)
        return any(model.position < head for model in running)

    def process_until(self, until: int, progress: Progress = ignore_progress) -> None:
        """Update all projections up to a position and not beyond."""
        while any(model.position < until for model in self._process_step(until, BATCH_SIZE, progress)):
            pass

    def _process_step(self, until: int, limit: int, progress: Progress) -> list[ProjectionTable]:
        """Apply one batch to every running projection; the most advanced first, so that the others can join them."""
        running = [model for model in self.current_tables() if not model.error]
        reached = until
        for position in sorted({model.position for model in running if model.position < until}, reverse=True):
            together = [model for model in running if model.position == position]
            reached = self._process_tables(together, reached, limit)
            for model in together:
                progress(model.projection.name, model.position, until)
        return [model for model in running if not model.error]

    def _process_tables(self, models: list[ProjectionTable], until: int, limit: int) -> int:
        """Update the tables at one position together, reading the log once; return the new position."""
        after = models[0].position
        types = sorted(frozenset[str]().union(*(model.event_names for model in models)))
        recorded = self._store.log(after, limit, types, until) if types else []
        reached = recorded[-1].position if len(recorded) == limit else until
        events = [LazyEvent(each) for each in recorded]
        try:
            self._commit([model for model in models if model.apply(events, reached)], after, reached)
        except BaseException:
            for model in models:
                model.reset()
            raise
        for model in models:
            if model.error:
                self.registry.record_failure(model.table.name, model.error)
        return reached

    def _commit(self, models: list[ProjectionTable], after: int, reached: int) -> None:
        """Store rows and position in one transaction. Raises ProjectionPositionConflict."""
        if not models:
            return
        with self._database.transaction() as session:
            self.registry.advance(session, [model.table.name for model in models], after, reached)
            for model in models:
                model.rows.write_changes(session)
        for model in models:
            model.position = reached
            model.rows.mark_written()

    def activate_complete(self, models: list[ProjectionTable], head: int) -> None:
        """Let completely built tables serve readers."""
        for model in models:
            if not model.is_live and model.position >= head:
                self.registry.activate(model.projection.name, model.table)

    def current_tables(self) -> list[ProjectionTable]:
        """Return the tables of this version of the code, with their position in the database."""
        found = []
        for each in self.registry.list_all():
            projection = self.projections.get(each.projection)
            if projection is not None and each.schema_version == self.schema_version(projection):
                table_class = ResourceProjectionTable if issubclass(projection, ResourceProjection) else ProjectionTable
                known = self._tables.get(each.name)
                table = known or table_class(projection, each.name, self._database, self._store)
                found.append(table.set_position(each.position, each.is_live))
        self._tables = {model.table.name: model for model in found}
        return found
