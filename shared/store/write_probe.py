"""Probe of a store for readiness: many ask whether a commit succeeds, and once in a while one is tried."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from shared.store import StoreError

PAUSE_SECONDS = 2.0


class Write(Protocol):
    """Writes, and commits or rolls back. Raises StoreError."""

    def __call__(self, *, commits: bool) -> None: ...


class WriteProbe:
    """Calls `write` for every caller, but lets it commit only every PAUSE_SECONDS, or after a failure."""

    def __init__(self, write: Write, clock: Callable[[], float] = monotonic) -> None:
        self._write, self._clock = write, clock
        self._lock = threading.Lock()
        self._next_commit_at = float("-inf")

    def require_success(self) -> None:
        """Raises StoreError if the store cannot be written."""
        with self._lock:
            commits = self._clock() >= self._next_commit_at
            try:
                self._write(commits=commits)
            except StoreError:
                self._next_commit_at = float("-inf")
                raise
            if commits:
                self._next_commit_at = self._clock() + PAUSE_SECONDS
