"""Tasks of a worker: one that fails is logged and restarted, the others continue."""

import time
from collections.abc import Awaitable, Callable

from prometheus_client import Counter
from structlog import get_logger

from shared.bus.backoff import Backoff
from shared.telemetry import error_location

log = get_logger()

STEADY_SECONDS = 10.0

TASK_FAILURES = Counter("sihe_worker_task_failures", "Times a task failed and was restarted.", ("service", "task"))


class Task:
    """Runs a function of the worker without end, again after failures; `error` is why it is not running now."""

    def __init__(self, service: str, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self.error: str | None = None
        self._service, self._function = service, work

    async def run(self) -> None:
        """Run without end, with longer and longer pauses while it keeps failing."""
        backoff = Backoff(first=0.1)
        while True:
            started_at = time.monotonic()
            await self._run_once()
            if time.monotonic() - started_at > STEADY_SECONDS:
                backoff.reset()
            await backoff.wait()

    async def _run_once(self) -> None:
        self.error = None
        try:
            await self._function()
            self.error = "ended"
        except Exception as failure:
            self.error = f"{type(failure).__name__}: {failure}"
            log.error("a task failed and is restarted", task=self.name, reason=self.error, at=error_location(failure))
        TASK_FAILURES.labels(self._service, self.name).inc()
