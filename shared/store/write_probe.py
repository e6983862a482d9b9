"""Probe of a store for readiness: whether a commit succeeds, asked by many and tried once in a while."""

import threading
from collections.abc import Callable
from time import monotonic

from shared.store import StoreError

SUCCESS_SECONDS, FAILURE_SECONDS = 2.0, 0.5


class WriteProbe:
    """Calls `write` at most every few seconds; concurrent callers share the result."""

    def __init__(self, write: Callable[[], None], clock: Callable[[], float] = monotonic) -> None:
        self._write, self._clock = write, clock
        self._lock = threading.Lock()
        self._valid_until = float("-inf")
        self._failure: str | None = None

    def require_success(self) -> None:
        """Raises StoreError if the last write failed."""
        with self._lock:
            if self._clock() >= self._valid_until:
                self._try_write()
            if self._failure is not None:
                raise StoreError(self._failure)

    def _try_write(self) -> None:
        try:
            self._write()
        except StoreError as error:
            self._failure = str(error)
        else:
            self._failure = None
        self._valid_until = self._clock() + (SUCCESS_SECONDS if self._failure is None else FAILURE_SECONDS)
