"""Tasks of a worker: one that fails is logged and restarted, the others continue."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from prometheus_client import Counter
from structlog import get_logger

from shared.telemetry import error_location

log = get_logger()

FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS, STEADY_SECONDS = 0.1, 5.0, 10.0

TASK_FAILURES = Counter("worker_part_failures", "Times a part failed and was restarted.", ("service", "part"))


class Task:
    """A named task that does not end by itself; `error` is the reason why it is not running now."""

    def __init__(self, service: str, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self.error: str | None = None
        self._service, self._function = service, work

    async def run(self) -> None:
        """Run without end, with longer and longer pauses while it keeps failing."""
        wait = FIRST_WAIT_SECONDS
        while True:
            started_at = time.monotonic()
            await self._run_once()
            wait = FIRST_WAIT_SECONDS if time.monotonic() - started_at > STEADY_SECONDS else wait
            await asyncio.sleep(wait)
            wait = min(MAX_WAIT_SECONDS, wait * 2)

    async def _run_once(self) -> None:
        self.error = None
        try:
            await self._function()
            self.error = "ended"
        except Exception as failure:
            self.error = f"{type(failure).__name__}: {failure}"
            log.error("a part failed and is restarted", part=self.name, reason=self.error, at=error_location(failure))
        TASK_FAILURES.labels(self._service, self.name).inc()


class WakeupEvent:
    """Signal that there may be new work; `wait` returns after `floor` seconds at the latest."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._delayed: asyncio.TimerHandle | None = None

    def notify(self) -> None:
        self._event.set()

    def notify_within(self, seconds: float) -> None:
        """Signal after this time, once for all calls in the meantime."""
        if self._delayed is None and not self._event.is_set():
            self._delayed = asyncio.get_running_loop().call_later(seconds, self.notify)

    async def wait(self, floor: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(floor):
                await self._event.wait()
        self._event.clear()
        if self._delayed is not None:
            self._delayed.cancel()
            self._delayed = None
