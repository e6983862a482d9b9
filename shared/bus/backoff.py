"""Backoff: longer and longer pauses between attempts."""

import asyncio


class Backoff:
    """Pauses in seconds, from `first` to `longest`, each twice as long as the one before."""

    def __init__(self, first: float = 0.05, longest: float = 5.0) -> None:
        self._first, self._longest = first, longest
        self.seconds = first

    def reset(self) -> None:
        self.seconds = self._first

    async def wait(self) -> None:
        pause, self.seconds = self.seconds, min(self._longest, self.seconds * 2)
        await asyncio.sleep(pause)
