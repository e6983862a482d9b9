"""Rows rebuilt in another database, up to a position of the log and not beyond."""

from pathlib import Path

from shared.projections import ReadModels
from shared.projections.database_url import open_database
from shared.projections.updating import ProjectionUpdater
from shared.store.event_store import EventStore


class RebuiltReadModels:
    """The same projections as `read_models`, in a database of their own."""

    def __init__(self, read_models: ReadModels, store: EventStore, folder: Path) -> None:
        database = open_database(folder / "rebuilt.db", read_models.service)
        self._updater = ProjectionUpdater(store, read_models.projections, database)
        self._updater.migrate()
        self._rebuilt = ReadModels(read_models.service, store, [*read_models.projections.values()], database)

    def until(self, position: int) -> ReadModels:
        """Return the read models as of this position, which must not be below the one before."""
        self._updater.process_until(position)
        self._updater.activate_complete(position)
        return self._rebuilt

    def close(self) -> None:
        self._rebuilt.close()
