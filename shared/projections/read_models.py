"""Read models of one service: created by `migrate`, updated by the worker, read by the API."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shared.projections.comparison import ProjectionComparison
from shared.projections.database import Database, Session, TableMissing
from shared.projections.database_url import open_database
from shared.projections.definition import Projection
from shared.projections.reader import RowReader
from shared.projections.row_table import Entry
from shared.projections.table_registry import TableState
from shared.projections.updating import BATCH_SIZE, Progress, ProjectionUpdater
from shared.store import StoreError
from shared.store.event_store import EventStore

MIN_WAIT_SECONDS, MAX_WAIT_SECONDS = 0.0003, 0.005


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """Progress of a projection; `building_position` is that of rows being built next to the live ones."""

    position: int
    building_position: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LivePage:
    """Rows of a projection in order of their keys, and the position of the log that they are of."""

    entries: Sequence[Entry]
    position: int


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
        self._updater = ProjectionUpdater(store, self.projections, self._database)
        self._registry = self._updater.registry
        self._serving_tables: dict[str, TableState] = {}
        self._last_seen_positions: dict[str, int] = {}
        self.on_projection_requested: Callable[[], None] = lambda: None

    def close(self) -> None:
        self._database.close()

    def migrate(self) -> None:
        """Create missing tables; those of a changed projection are built next to the old ones."""
        self._updater.migrate()

    def check(self) -> None:
        """Check that `migrate` has created the tables of this version of the code. Raises StoreError."""
        known = {(each.projection, each.schema_version) for each in self._registry.list_all()}
        for name, projection in self.projections.items():
            if (name, self._updater.schema_version(projection)) not in known:
                raise StoreError(f"the read model {name} of {self.service} is not prepared: run migrate first")

    def process_batch(self, limit: int = BATCH_SIZE, progress: Progress = None) -> bool:
        """Apply the next batch of the log to all projections; return whether more of it is waiting."""
        return self._updater.process_batch(limit, progress)

    # -- reading

    def reader_for(self, projection: type[Projection]) -> RowReader:
        """Return a reader of the projection's live rows."""
        return RowReader(projection, self._database, self._serving_table)

    def _serving_table(self, projection: type[Projection], again: bool) -> TableState:
        serving = self._serving_tables.get(projection.name)
        if serving is None or again:
            serving = self._registry.get_live(projection)
            if serving is None:
                raise TableMissing(f"the read model {projection.name} of {self.service} is not built yet")
            self._serving_tables[projection.name] = serving
        return serving

    def position(self, projection: type[Projection]) -> int:
        """Return the log position of the projection's rows; 0 while they are built for the first time."""
        live = self._registry.get_live(projection)
        return live.position if live else 0

    def positions(self) -> dict[str, int]:
        return {name: each.position for name, each in self.status().items()}

    def status(self) -> dict[str, ProjectionStatus]:
        """Return the position of every projection, that of a running rebuild, and the error that stopped it."""
        found = dict.fromkeys(self.projections, ProjectionStatus(0))
        for each in self._registry.list_all():
            projection = self.projections.get(each.projection)
            if projection and (each.is_live or each.schema_version == self._updater.schema_version(projection)):
                at = {"position" if each.is_live else "building_position": each.position}
                before = found[each.projection]
                found[each.projection] = replace(before, **at, error=each.error or before.error)
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
            time.sleep(pause)  # polled: the worker, another process, writes the rows
        self._last_seen_positions[projection.name] = reached
        return True

    # -- checking

    def live_page(self, projection: type[Projection], after: str) -> "LivePage | None":
        """Return the next live rows after a key, of one position of the log; None while another version is live."""
        with self._database.snapshot() as snapshot:
            live = self._live_table(snapshot, projection)
            if live is None:
                return None
            entries = snapshot.execute(projection.row_table(live.name).select_chunk, (after,)).fetchall()
            return LivePage(entries, live.position)

    def live_count(self, projection: type[Projection]) -> tuple[int, int] | None:
        """Return the number of live rows and the position of the log; None while another version is live."""
        with self._database.snapshot() as snapshot:
            live = self._live_table(snapshot, projection)
            if live is None:
                return None
            [(rows,)] = snapshot.execute(f"SELECT count(*) FROM {live.name}").fetchall()  # noqa: S608 (a name of the code's own)
            return rows, live.position

    def _live_table(self, snapshot: Session, projection: type[Projection]) -> TableState | None:
        current = self._updater.schema_version(projection)
        tables = self._registry.list_for(snapshot, projection.name)
        return next((each for each in tables if each.is_live and each.schema_version == current), None)

    # -- rebuilding

    def rebuild(self, progress: Progress = None) -> dict[str, ProjectionComparison]:
        """Rebuild every projection next to the live rows, and compare the two row by row."""
        with self._database.temporary_database() as scratch:
            copy = ProjectionUpdater(self._store, self.projections, scratch)
            copy.migrate()
            copy.process_until(min(self.positions().values(), default=0), progress)
            return {name: self._compare(each, scratch, progress) for name, each in self.projections.items()}

    def _compare(self, projection: type[Projection], scratch: Database, progress: Progress) -> ProjectionComparison:
        """Compare a snapshot of the live rows with rows rebuilt up to the position of the snapshot."""
        with self._database.snapshot() as snapshot:
            live = next((each for each in self._registry.list_for(snapshot, projection.name) if each.is_live), None)
            if live is None or live.schema_version != self._updater.schema_version(projection):
                raise StoreError(f"the read model {projection.name} of {self.service} is being built")
            copy = ProjectionUpdater(self._store, {projection.name: projection}, scratch)
            copy.process_until(live.position, progress)
            (rebuilt,) = copy.current_tables()
            table, comparison = projection.row_table(live.name), ProjectionComparison(projection.name, live.position)
            with scratch.snapshot() as other:
                comparison.add(table, table.iterate_entries(snapshot), rebuilt.table.iterate_entries(other))
                comparison.add(table, table.iterate_history(snapshot), rebuilt.table.iterate_history(other))
        comparison.error = rebuilt.error
        return comparison
