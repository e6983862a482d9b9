"""Worker task that copies SQLite's write-ahead log to the database file, so that commands need not."""

import asyncio

from shared.bus.blocking_calls import BlockingCallRunner
from shared.store.event_store import EventStore

POLL_SECONDS = 1.0


class WalTask:
    """Copies the write-ahead log of the event store each second in which it was written.

    A lost or damaged log then loses little: what is in the database file stays.
    """

    def __init__(self, store: EventStore, run: BlockingCallRunner) -> None:
        self._store, self._execute = store, run
        self._copied = self._seen = 0

    async def run(self) -> None:
        """Run without end."""
        while True:
            await self._execute(self.step)
            await asyncio.sleep(POLL_SECONDS)

    def step(self) -> None:
        """Copy the log if it was written since; at rest once more, since two writes may have the same time."""
        written_at = self._store.write_ahead_log_written_at
        if written_at == self._copied:
            return
        if self._store.checkpoint() and written_at == self._seen:
            self._copied = written_at
        self._seen = written_at
