"""Read models of one service: created by `migrate`, updated by the worker, read by the API."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path

from shared.projections.comparison import Comparison, compare
from shared.projections.database import Database, TableMissing, open_database
from shared.projections.definition import Projection
from shared.projections.processing import LazyEvent, ProjectionTable
from shared.projections.reader import Reader, ServingTable
from shared.projections.row_table import RowTable
from shared.projections.table_registry import (
    CREATE_TABLE,
    PositionConflict,
    TableRegistry,
    TableState,
    schema_version_of,
)
from shared.store import EventStore, StoreError

BATCH_SIZE = 500
MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 0.0003, 0.005

Progress = Callable[[str, int, int], None]
"""Receives a projection's name, the position of its rows and the position to reach."""


def ignore_progress(projection: str, position: int, target: int) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """Progress of a projection; `building_position` is that of rows being built next to the live ones."""

    position: int
    building_position: int | None = None
    error: str | None = None


class ReadModels:
    """Projections of one service in a database of their own, which can be rebuilt from the log."""

    def __init__(
        self, service: str, store: EventStore, projections: Sequence[type[Projection]], database: str | Path | Database
    ) -> None:
        self.service = service
        self.projections: Mapping[str, type[Projection]] = {each.name: each for each in projections}
        if len(self.projections) < len(projections):
            raise TypeError(f"two projections of {service} have the same name")
        self._store = store
        self._database = database if isinstance(database, Database) else open_database(database, service)
        self._registry = TableRegistry(self._database, service)
        self._tables: dict[str, ProjectionTable] = {}
        self._failed_tables: set[str] = set()
        self._processing_lock = threading.Lock()
        self._serving_tables: dict[str, ServingTable] = {}
        self._last_seen_positions: dict[str, int] = {}
        self.on_projection_requested: Callable[[], None] = lambda: None

    def close(self) -> None:
        self._database.close()

    # -- preparing

    def migrate(self) -> None:
        """Create missing tables; those of a changed projection are built next to the old ones."""
        self._database.prepare()
        with self._database.transaction() as session:
            session.execute(CREATE_TABLE)
            for projection in self.projections.values():
                version = self._schema_version(projection)
                if version not in {each.schema_version for each in self._registry.list_for(session, projection.name)}:
                    self._registry.create_table(session, projection, version)
        self._activate_complete(self._current_tables(), self._store.head())

    def check(self) -> None:
        """Check that `migrate` has created the tables of this version of the code. Raises StoreError."""
        known = {(each.projection, each.schema_version) for each in self._registry.list_all()}
        for name, projection in self.projections.items():
            if (name, self._schema_version(projection)) not in known:
                raise StoreError(f"the read model {name} of {self.service} is not prepared: run migrate first")

    def _schema_version(self, projection: type[Projection]) -> str:
        return schema_version_of(projection, self._store.epoch)

    # -- updating

    def process_batch(self, limit: int = BATCH_SIZE, progress: Progress = ignore_progress) -> bool:
        """Apply the next batch of the log to all projections; return whether more of it is waiting.

        A projection whose method raises stops, has its error in `status`, and is retried by the
        next process; the others continue.
        """
        with self._processing_lock:
            head = self._store.head()
            try:
                running = self._process_step(head, limit, progress)
            except PositionConflict:
                return True
            self._activate_complete(running, head)
        return any(model.position < head for model in running)

    def process_until(self, until: int, progress: Progress = ignore_progress) -> None:
        """Update all projections up to a position and not beyond."""
        while any(model.position < until for model in self._process_step(until, BATCH_SIZE, progress)):
            pass

    def _process_step(self, until: int, limit: int, progress: Progress) -> list[ProjectionTable]:
        """Apply one batch to every running projection; the most advanced first, so that the others can join them."""
        running = [model for model in self._current_tables() if model.table.name not in self._failed_tables]
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
        applied = [model for model in models if model.apply(events, reached)]
        try:
            self._commit(applied, after, reached)
        except BaseException:
            for model in applied:
                model.reset()
            raise
        self._record_failures([model for model in models if model.error])
        return reached

    def _commit(self, models: list[ProjectionTable], after: int, reached: int) -> None:
        """Store rows and position in one transaction. Raises PositionConflict."""
        if not models:
            return
        with self._database.transaction() as session:
            self._registry.advance(session, [model.table.name for model in models], after, reached)
            for model in models:
                model.rows.write_changes(session)
        for model in models:
            model.position = reached
            model.rows.mark_written()

    def _record_failures(self, models: list[ProjectionTable]) -> None:
        for model in models:
            self._failed_tables.add(model.table.name)
            self._registry.record_failure(model.table.name, model.error or "")

    def _activate_complete(self, models: list[ProjectionTable], head: int) -> None:
        """Let completely built tables serve readers."""
        for model in models:
            if not model.is_live and model.position >= head:
                self._registry.activate(model.table)

    def _current_tables(self) -> list[ProjectionTable]:
        """Return the tables of this version of the code, with their position in the database."""
        found = []
        for each in self._registry.list_all():
            projection = self.projections.get(each.projection)
            if projection is not None and each.schema_version == self._schema_version(projection):
                found.append(self._table_for(projection, each).set_position(each.position, each.is_live))
        self._tables = {model.table.name: model for model in found}
        return found

    def _table_for(self, projection: type[Projection], each: TableState) -> ProjectionTable:
        known = self._tables.get(each.name)
        return known or ProjectionTable(projection, RowTable(projection, each.name), self._database, self._store)

    # -- reading

    def reader_for(self, projection: type[Projection]) -> Reader:
        """Return a reader of the projection's live rows."""
        return Reader(projection, self._database, self._serving_table)

    def _serving_table(self, projection: type[Projection], again: bool) -> ServingTable:
        serving = self._serving_tables.get(projection.name)
        if serving is None or again:
            live = self._registry.get_live(projection)
            if live is None:
                raise TableMissing(f"the read model {projection.name} of {self.service} is not built yet")
            serving = self._serving_tables[projection.name] = ServingTable(
                live.name, live.columns_digest == projection.columns_digest()
            )
        return serving

    def position(self, projection: type[Projection]) -> int:
        """Return the log position of the projection's rows; 0 while they are built for the first time."""
        live = self._registry.get_live(projection)
        return live.position if live else 0

    def positions(self) -> dict[str, int]:
        """Return the position of every projection."""
        return {name: each.position for name, each in self.status().items()}

    def status(self) -> dict[str, ProjectionStatus]:
        """Return the position of every projection, that of a running rebuild, and the error that stopped it."""
        found = dict.fromkeys(self.projections, ProjectionStatus(0))
        for each in self._registry.list_all():
            projection = self.projections.get(each.projection)
            if projection and (each.is_live or each.schema_version == self._schema_version(projection)):
                at = {"position" if each.is_live else "building_position": each.position}
                before = found[each.projection]
                found[each.projection] = changed(before, **at, error=each.error or before.error)
        return found

    def wait_until(self, projection: type[Projection], position: int, timeout: float = 2.0) -> bool:
        """Return whether the projection reaches this position within `timeout` seconds."""
        if self._last_seen_positions.get(projection.name, 0) >= position:
            return True
        deadline = time.monotonic() + timeout
        pause = 0.0
        while (reached := self.position(projection)) < position:
            if time.monotonic() >= deadline:
                return False
            if not pause:
                self.on_projection_requested()
            pause = min(max(pause * 1.5, MIN_WAIT_SECONDS), MAX_WAIT_SECONDS)
            time.sleep(pause)
        self._last_seen_positions[projection.name] = reached
        return True

    # -- rebuilding

    @contextmanager
    def temporary_copy(self) -> Iterator["ReadModels"]:
        """Create the same projections, empty, in a temporary database; `rebuild_until` fills them."""
        with self._database.temporary_database() as scratch:
            copy = ReadModels(self.service, self._store, tuple(self.projections.values()), scratch)
            copy.migrate()
            yield copy

    def rebuild_until(self, until: int) -> None:
        """Update all projections up to a position and not beyond, and let them serve readers."""
        self.process_until(until)
        self._activate_complete(self._current_tables(), until)

    def rebuild(self, progress: Progress = ignore_progress, replace: bool = False) -> dict[str, Comparison]:
        """Rebuild every projection next to the live rows, and compare the two row by row.

        With `replace`, a projection whose rows differ is rebuilt and replaced.
        """
        projections = tuple(self.projections.values())
        with self._database.temporary_database() as scratch:
            copy = ReadModels(self.service, self._store, projections, scratch)
            copy.migrate()
            copy.process_until(min(self.positions().values(), default=0), progress)
            found = {each.name: self._compare(each, scratch, progress) for each in projections}
        if replace:
            self._replace([each for each in projections if not found[each.name].is_equal], progress)
        return found

    def _compare(self, projection: type[Projection], scratch: Database, progress: Progress) -> Comparison:
        """Compare a snapshot of the live rows with rows rebuilt up to the position of the snapshot."""
        with self._database.snapshot() as snapshot:
            live = next((each for each in self._registry.list_for(snapshot, projection.name) if each.is_live), None)
            if live is None or live.schema_version != self._schema_version(projection):
                raise StoreError(f"the read model {projection.name} of {self.service} is being built")
            copy = ReadModels(self.service, self._store, (projection,), scratch)
            copy.process_until(live.position, progress)
            (rebuilt,) = copy._current_tables()
            known = RowTable(projection, live.name)
            with scratch.snapshot() as other:
                rows = known.iterate_entries(snapshot), rebuilt.table.iterate_entries(other)
                past = known.iterate_history(snapshot), rebuilt.table.iterate_history(other)
                comparison = compare(rebuilt.table, live.position, *rows)
                comparison.add(compare(rebuilt.table, live.position, *past))
        comparison.error = rebuilt.error
        return comparison

    def _replace(self, projections: Sequence[type[Projection]], progress: Progress) -> None:
        with self._database.transaction() as session:
            for each in projections:
                self._registry.create_table(session, each, self._schema_version(each))
        while self.process_batch(progress=progress):
            pass
