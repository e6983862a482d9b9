"""Brings what a service published to its stream: in order, without a position of its own.

Where to go on is read from the last message of the stream, and every message expects the one before it.
So two relays at once are harmless, and a stream that was wiped or put back is filled again from where it
ends. A stream that tells another story is never written into.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from structlog import get_logger

from shared.bus import metrics
from shared.bus.connection import Bus, Declined, Disconnected
from shared.bus.inline import Run, inline
from shared.bus.outlet import Fenced, Outlet, Receipt
from shared.bus.stream_end import Cursor, Foreign, StreamEnd
from shared.bus.streams import StreamLimits, high_water_of
from shared.message import Message
from shared.store import Store, StoreError

log = get_logger()

PAGE = 200
PAGES_UNDER_WAY = 3
LOOK_SECONDS = 1.0
ANNOUNCE_SECONDS = 5.0
REFUSED_SECONDS = 0.5
FIRST_WAIT, LONGEST_WAIT = 0.05, 5.0


class Relay:
    """One service's voice on the bus. `wake` it after a commit; it also looks by itself every second."""

    def __init__(self, store: Store, bus: Bus, limits: StreamLimits | None = None, run: Run = inline) -> None:
        self.service = store.service
        self.refused: str | None = None
        self.refused_at: datetime | None = None
        self._store, self._bus, self._run = store, bus, run
        self._end = StreamEnd(store, limits or StreamLimits(), run)
        self._cursor = Cursor(0, 0)
        self._doubted, self._named, self._fences = True, True, 0
        self._fenced_at: Cursor | None = None
        self._wait = FIRST_WAIT
        self._news = asyncio.Event()

    @property
    def relayed(self) -> int:
        """Position of the newest published event that the stream is known to hold."""
        return self._cursor.position

    def wake(self) -> None:
        """There may be something new to publish."""
        self._news.set()

    async def run(self) -> None:
        """Publish what there is and what comes, for ever."""
        while True:
            try:
                async with Outlet(await self._bus.connection()) as outlet:
                    outlet.connection.when_ended(self.wake)
                    await self._publish_for_ever(outlet)
            except (Disconnected, StoreError) as trouble:
                log.warning("the relay waits", reason=str(trouble))
            except Declined as refusal:
                log.error("the broker refuses what the relay needs", reason=str(refusal))
            self._doubted = True
            await asyncio.sleep(self._wait)
            self._wait = min(LONGEST_WAIT, self._wait * 2)

    async def announce(self) -> None:
        """Tell everyone, every few seconds, how much was published, and doubt that the stream is still there."""
        while True:
            connection = await self._bus.connection()
            try:
                head = await self._run(self._store.published_head)
                await connection.tell(high_water_of(self.service), {"epoch": self._store.epoch, "head": head})
            except (Disconnected, StoreError) as trouble:
                log.warning("the high-water mark waits", reason=str(trouble))
            self._doubted = True
            self.wake()
            await asyncio.sleep(ANNOUNCE_SECONDS)

    async def _publish_for_ever(self, outlet: Outlet) -> None:
        while not outlet.connection.ended:
            self._news.clear()
            try:
                await self._publish(outlet)
                self._wait = FIRST_WAIT
                await self._until_news()
            except Fenced as changed:
                await self._fenced(str(changed))
            except Foreign as other:
                await self._refuse(str(other))

    async def _until_news(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._news.wait()

    async def _publish(self, outlet: Outlet) -> None:
        """Everything there is, several pages on their way at once."""
        if self._doubted or self._fences:
            await self._look(outlet)
        under_way: deque[Receipt] = deque()
        ahead = self._cursor
        while True:
            page = await self._after(ahead) if len(under_way) < PAGES_UNDER_WAY else ()
            if page:
                receipt = await outlet.send(page, ahead, self._named)
                under_way.append(receipt)
                ahead = receipt.reached
            elif under_way:
                receipt = under_way.popleft()
                await receipt.wait()
                self._stored(receipt.reached)
            else:
                return

    async def _after(self, cursor: Cursor) -> Sequence[Message]:
        return await self._run(self._store.published, cursor.position, PAGE)

    async def _look(self, outlet: Outlet) -> None:
        self._doubted = False
        self._cursor = await self._end.look(outlet.connection)
        self._named = self._cursor != self._fenced_at
        self._fenced_at = None
        self._accept()

    def _stored(self, reached: Cursor) -> None:
        metrics.PUBLISHED.labels(self.service).inc(reached.sequence - self._cursor.sequence)
        self._cursor, self._named, self._fences = reached, True, 0

    async def _fenced(self, reason: str) -> None:
        """Somebody else was there. If the stream has not moved at all, the broker only knew our ids: leave them out."""
        metrics.FENCED.labels(self.service).inc()
        log.info("the stream is not as expected; looking again", reason=reason)
        self._fenced_at = self._cursor
        self._fences += 1
        await asyncio.sleep(min(1.0, FIRST_WAIT * (self._fences - 1)))

    async def _refuse(self, reason: str) -> None:
        if self.refused != reason:
            log.error("the stream is not ours: nothing is published until it is deleted", reason=reason)
        self.refused, self.refused_at = reason, datetime.now(UTC)
        self._doubted = True
        metrics.STREAM_REFUSED.labels(self.service).set(1)
        await asyncio.sleep(REFUSED_SECONDS)

    def _accept(self) -> None:
        if self.refused:
            log.warning("the stream is ours again")
        self.refused = None
        metrics.STREAM_REFUSED.labels(self.service).set(0)
