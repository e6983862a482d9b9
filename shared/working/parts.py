"""Keeping the parts of a worker going: one that fails is told of and begun again, the others go on."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from prometheus_client import Counter
from structlog import get_logger

from shared.telemetry import where

log = get_logger()

FIRST_WAIT, LONGEST_WAIT, STEADY_SECONDS = 0.1, 5.0, 10.0

FAILURES = Counter("worker_part_failures", "Times a part failed and was begun again.", ("service", "part"))


class Part:
    """A named piece of work that never ends by itself. `trouble` says why it is not working now."""

    def __init__(self, service: str, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self.trouble: str | None = None
        self._service, self._work = service, work

    async def keep(self) -> None:
        """Do it for ever, with longer and longer pauses while it keeps failing."""
        wait = FIRST_WAIT
        while True:
            began = time.monotonic()
            await self._once()
            wait = FIRST_WAIT if time.monotonic() - began > STEADY_SECONDS else wait
            await asyncio.sleep(wait)
            wait = min(LONGEST_WAIT, wait * 2)

    async def _once(self) -> None:
        self.trouble = None
        try:
            await self._work()
            self.trouble = "ended"
        except Exception as failure:
            self.trouble = f"{type(failure).__name__}: {failure}"
            log.error("a part failed and is begun again", part=self.name, reason=self.trouble, at=where(failure))
        FAILURES.labels(self._service, self.name).inc()


class News:
    """Something may have happened; whoever waits looks at least every `floor` seconds all the same."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        self._rung.set()

    def ring_within(self, seconds: float) -> None:
        """Together with what else happens in the meantime."""
        if self._soon is None and not self._rung.is_set():
            self._soon = asyncio.get_running_loop().call_later(seconds, self.ring)

    async def wait(self, floor: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(floor):
                await self._rung.wait()
        self._rung.clear()
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
