"""Circuit breaker: after repeated failures, calls to a service are refused until a trial call succeeds."""

import threading
from time import monotonic

MAX_TRIAL_SECONDS = 30.0


class CircuitBreaker:
    """Opens after `failures` consecutive failures (or one certain failure): calls are refused, except one trial call
    at a time.

    pybreaker is not used: it holds its lock during a call, so threads would call one after the other.
    """

    def __init__(self, failures: int = 5, pause: float = 1.0, max_trial_seconds: float = MAX_TRIAL_SECONDS) -> None:
        self._allowed, self._pause, self._longest_try = failures, pause, max_trial_seconds
        self._failures = 0
        self._next_trial_at = 0.0
        self._lock = threading.Lock()

    def allows_call(self) -> bool:
        if self._failures < self._allowed:
            return True
        with self._lock:
            now = monotonic()
            if now < self._next_trial_at:
                return False
            self._next_trial_at = now + self._longest_try
            return True

    def record_success(self) -> None:
        self._failures = 0

    def record_failure(self, *, is_certain: bool = False) -> None:
        with self._lock:
            self._failures += self._allowed if is_certain else 1
            self._next_trial_at = monotonic() + self._pause
