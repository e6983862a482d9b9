"""Up to which position no failover loses an event: what was read beyond it is confirmed before it is passed on.

While a commit waits for a synchronous standby, and after its session has ended meanwhile, others may see rows that a
failover still loses. A commit of our own, later in the write-ahead log, returns only when the standby has them too.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from shared.store import StoreError, postgres_connection
from shared.store.postgres_pool import PostgresPool

NOT_CONFIRMED = "what was read is not confirmed to be stored for good"
END_OWN_WAIT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event='SyncRep' AND query=?"


class DurablePosition:
    """The position up to which this process knows all events to be durable. Thread-safe."""

    def __init__(self, pool: PostgresPool) -> None:
        self._pool, self._lock = pool, threading.Lock()
        self._position = 0
        self._left_waiting = False
        message = f"pg_logical_emit_message(true, 'confirm', '{uuid4()}')"
        confirm = f"CASE WHEN current_setting('synchronous_standby_names')<>'' THEN {message} END"
        self._confirm = f"SELECT coalesce(max(position), 0), {confirm} FROM events"  # noqa: S608 (the code's own)

    def advance(self, position: int) -> None:
        """Take note that everything up to a position is durable: its commit returned."""
        self._position = max(self._position, position)

    def require(self, position: int) -> None:
        """Return when everything up to a position is durable. Raises StoreError if that takes too long."""
        if position > self._position:
            with self._one_at_a_time():
                if position > self._position:
                    self._confirm_head()
        if position > self._position:
            raise StoreError(f"event {position} was lost by a failover after it was read: read again")

    def require_all(self) -> None:
        """Return when everything that was visible is durable. Raises StoreError if that takes too long."""
        with self._one_at_a_time():
            self._confirm_head()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let one thread confirm for all: waiting sessions would use up the connections of the server."""
        if not self._lock.acquire(timeout=postgres_connection.CONFIRM_SECONDS):
            raise StoreError(f"{NOT_CONFIRMED}: another request waits for it already")
        try:
            yield
        finally:
            self._lock.release()

    def _confirm_head(self) -> None:
        """Commit after all that is visible. A wait left behind, which wrote nothing, is ended; no commit ever is."""
        if self._left_waiting:
            self._pool.query(END_OWN_WAIT, (self._confirm,))
        self._left_waiting = True
        try:
            head = self._pool.query(self._confirm, (), postgres_connection.CONFIRM_SECONDS)[0][0]
        except StoreError as error:
            raise StoreError(f"{NOT_CONFIRMED}: {error}") from error
        self._left_waiting = False
        self.advance(head)
