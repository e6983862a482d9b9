"""Wakeup event: a task waits for work, and for a time at most."""

import asyncio
from contextlib import suppress


class WakeupSignal:
    """Signal within a process that there may be new work; `wait` returns after `floor` seconds at the latest."""

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
