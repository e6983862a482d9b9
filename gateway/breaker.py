"""Nobody waits for a service that is down: after some failures its calls are refused, until one of them works."""

import threading
from time import monotonic

LONGEST_TRY_SECONDS = 30.0


class Breaker:
    """After `failures` in a row (or one that leaves no doubt) nobody is kept waiting: calls are refused, but for one
    at a time that tries again.

    pybreaker holds its lock for the whole of a call, so that threads would ask one after the other.
    """

    def __init__(self, failures: int = 5, pause: float = 1.0, longest_try: float = LONGEST_TRY_SECONDS) -> None:
        self._allowed, self._pause, self._longest_try = failures, pause, longest_try
        self._failed = 0
        self._next_try = 0.0
        self._lock = threading.Lock()

    def admits(self) -> bool:
        if self._failed < self._allowed:
            return True
        with self._lock:
            now = monotonic()
            if now < self._next_try:
                return False
            self._next_try = now + self._longest_try
            return True

    def worked(self) -> None:
        self._failed = 0

    def failed(self, *, beyond_doubt: bool = False) -> None:
        with self._lock:
            self._failed += self._allowed if beyond_doubt else 1
            self._next_try = monotonic() + self._pause
