"""One moment of all databases of a suite, which may be running: read transactions from which copies are made.

The transactions are opened within a millisecond or so, and nothing waits for them. An event that is stored between two
of them can only break the cut rule if it is also published, received and applied in that time; then all are opened
again. So no worker has to be held, and no lock is taken that a command could wait for.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from cli.backups import BackupFailed
from cli.backups.cut import StoreState, contradictions, read_state
from cli.backups.layout import DATABASES, EVENTS, Layout
from shared.store import StoreError
from shared.store.sqlite_connections import ThreadConnections

MAX_ATTEMPTS, PAUSE_SECONDS = 100, 0.02
OPEN = "BEGIN"
READ = "SELECT count(*) FROM sqlite_master"
"""A transaction shows the state of its first read."""


class Snapshots:
    """Open read transactions on all databases of a home folder."""

    def __init__(self, home: Layout) -> None:
        """Open the databases. Raises BackupFailed if one is missing, StoreError if one cannot be read."""
        self._home = home
        for name in DATABASES:
            if not home.path(name).is_file():
                raise BackupFailed(f"{home.path(name)} is missing: {home.folder} is not the home of a complete suite.")
        self._connections = {name: ThreadConnections(home.path(name), translate=_stated) for name in DATABASES}
        self.states: dict[str, StoreState] = {}

    def open(self) -> None:
        """Open all transactions, again and again until the event stores fit together. Raises BackupFailed."""
        for _ in range(MAX_ATTEMPTS):
            self._begin()
            self.states = {name.partition("/")[0]: self._state(name) for name in EVENTS}
            if not (found := list(contradictions(self.states))):
                return
            time.sleep(PAUSE_SECONDS)  # the machine is busy: the next attempt is not made in the same rush
        raise BackupFailed(f"The event stores do not fit together: {found[0]}. See Restore in docs/operations.md.")

    def copy(self, name: str, target: Path) -> None:
        """Copy a database as its transaction shows it."""
        with closing(sqlite3.connect(target)) as copy:
            self._connections[name].get().backup(copy)

    def close(self) -> None:
        for each in self._connections.values():
            each.close()

    def _begin(self) -> None:
        connections = [each.get() for each in self._connections.values()]
        for each in filter(lambda connection: connection.in_transaction, connections):
            each.execute("ROLLBACK")
        for each in connections:
            each.execute(OPEN)
            each.execute(READ).fetchall()

    def _state(self, name: str) -> StoreState:
        connections = self._connections[name]
        with connections.errors:
            return read_state(connections.get())


def _stated(error: sqlite3.Error) -> StoreError:
    return StoreError(f"a database of the suite cannot be read: {error}")
