"""Worker task that copies SQLite's write-ahead log to the database file, so that commands need not."""

import asyncio
from time import monotonic

from shared.bus.blocking_calls import BlockingCallRunner
from shared.store.event_store import EventStore

POLL_SECONDS = 0.25
MAX_PAGES = 1_000
QUIET_SECONDS = 1.0


class WalTask:
    """Copies the write-ahead log of the event store once it has 1,000 pages, or has not grown for a second.

    A lost or damaged log then loses little: what is in the database file stays.
    """

    def __init__(self, store: EventStore, run: BlockingCallRunner) -> None:
        self._store, self._execute = store, run
        self._pages, self._grown_at = 0, monotonic()

    async def run(self) -> None:
        """Run without end."""
        while True:
            await self._execute(self.step)
            await asyncio.sleep(POLL_SECONDS)

    def step(self) -> None:
        """Copy the log if it is due."""
        pages = self._store.pages_to_checkpoint
        if pages != self._pages:
            self._pages, self._grown_at = pages, monotonic()
        is_quiet = pages > 0 and monotonic() - self._grown_at >= QUIET_SECONDS
        if pages >= MAX_PAGES or is_quiet:
            self._store.checkpoint()
