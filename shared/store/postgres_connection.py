"""A connection to PostgreSQL that takes for stored only what the database confirmed, within a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

COMMIT_SECONDS = 20.0
"""How long a commit may take by the clock of this process, including its waits for locks and for a standby."""
CONFIRM_SECONDS = 5.0
"""How long to wait for the confirmation that what was read is on the synchronous standby too."""
POLL_SECONDS = 0.1
STANDBY_WAIT_FUNCTION = "SyncRepWaitForLSN"
"""Where the server gives up waiting for a standby: it then sends a notice, in its own language, and reports success."""


class OutcomeUnknown(psycopg.OperationalError):
    """Raised when a commit or a confirmation did not return in time, or no standby confirmed it."""


class ConfirmedConnection(psycopg.Connection[Any]):
    """Connection for which a commit that no standby confirmed is no success. Nothing that waits is ever cancelled."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit_seconds: float | None = None
        self._unconfirmed: str | None = None
        self.add_notice_handler(self._on_notice)

    @contextmanager
    def limited_to(self, seconds: float | None) -> Iterator[None]:
        """Raises OutcomeUnknown, and closes the connection, if a statement inside takes longer."""
        self._limit_seconds = seconds
        try:
            yield
        finally:
            self._limit_seconds = None

    def wait(self, gen: PQGen[Any], interval: float = POLL_SECONDS, timeout: float | None = None) -> Any:
        """Run a statement. Raises OutcomeUnknown if it took too long, or committed what no standby confirmed."""
        result = super().wait(gen, interval, timeout) if timeout is not None else self._wait_limited(gen, interval)
        if self._unconfirmed is not None:
            notice, self._unconfirmed = self._unconfirmed, None
            raise OutcomeUnknown(f"no standby confirmed it: {notice}")
        return result

    def _wait_limited(self, gen: PQGen[Any], interval: float) -> Any:
        try:
            return super().wait(gen, interval, self._limit_seconds)
        except errors._WaitTimeout as error:  # noqa: SLF001 (its own text asks to convert it)
            self.close()
            raise OutcomeUnknown(f"no response within {self._limit_seconds:g} s") from error

    def _on_notice(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.source_function == STANDBY_WAIT_FUNCTION:
            self._unconfirmed = notice.message_primary or ""
