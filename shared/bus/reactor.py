"""Hears one source: its stream in order, and the source itself wherever the stream is not what it should be.

The envelope is the truth, the stream only brings it. What is missing, damaged or out of order is fetched
from the source; what speaks with another epoch is refused; passing trouble is tried again for ever.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator

from structlog import get_logger

from shared.bus import envelope, metrics
from shared.bus.announced import Announced
from shared.bus.connection import Bus, Connection, Declined, Disconnected
from shared.bus.feed import Feed, Unanswered
from shared.bus.inline import Run, inline
from shared.bus.intake import BATCH, FIRST_WAIT, LONGEST_WAIT, Intake, OtherEpoch, Untold
from shared.bus.pull import Arrived, Lost, NoStream, Pull
from shared.hearing import Ear
from shared.message import Message

log = get_logger()

NO_STREAM_SECONDS, REFUSED_SECONDS, TAIL_SECONDS = 0.5, 3.0, 1.0


class Reactor:
    """One service listening to one source, for ever."""

    def __init__(self, ear: Ear, bus: Bus, feed: Feed, run: Run = inline) -> None:
        self.ear = ear
        self.source = ear.source
        self.refused: str | None = None
        self._bus = bus
        self._intake = Intake(ear, feed, run)
        self._labels = (ear.service.NAME, ear.source)
        self._log = log.bind(source=ear.source)
        self._heard_at = time.monotonic()
        self._wait = FIRST_WAIT
        self._announced: Announced | None = None

    @property
    def announced_head(self) -> int:
        """How far the source says it is; 0 while it has said nothing, or is another incarnation."""
        told, known = self._announced, self.ear.position.epoch
        return told.head if told and known in (None, told.epoch) else 0

    async def run(self) -> None:
        """Hear what there is and what comes."""
        while True:
            connection = await self._bus.connection()
            try:
                async with Announced(connection, self.source) as self._announced:
                    while not connection.ended:
                        await self._listen(connection, self._announced)
            except Disconnected as broken:
                self._log.info("hearing waits", reason=str(broken))
                await asyncio.sleep(FIRST_WAIT)

    async def _listen(self, connection: Connection, announced: Announced) -> None:
        """Until the reading breaks off; then a pause that fits the reason."""
        try:
            await self._read_on(connection, announced)
        except OtherEpoch as other:
            await self._refuse(str(other))
        except Lost as broken:
            self._log.info("hearing again from the hint", reason=str(broken))
        except (Unanswered, Untold, Declined) as trouble:
            self._log.warning("cannot go on; trying for ever", reason=str(trouble))
            await asyncio.sleep(self._wait)
            self._wait = min(LONGEST_WAIT, self._wait * 2)

    async def _read_on(self, connection: Connection, announced: Announced) -> None:
        try:
            async with Pull(connection, self.source, self.ear.hint) as pull:
                while True:
                    await self._hear(await pull.take(BATCH))
                    await self._mind_the_tail(announced)
        except NoStream:
            await self._mind_the_tail(announced)
            await asyncio.sleep(NO_STREAM_SECONDS)

    async def _hear(self, arrived: Iterable[Arrived]) -> None:
        came = list(self._readable(arrived))
        if came:
            await self._intake.hear(came)
            self._accept()
            self._heard_at, self._wait = time.monotonic(), FIRST_WAIT

    async def _mind_the_tail(self, announced: Announced) -> None:
        """The source says there is more, and nothing comes: the end of the stream was lost."""
        at = self.ear.position
        if announced.epoch is None or time.monotonic() - self._heard_at < TAIL_SECONDS:
            return
        if at.epoch not in (None, announced.epoch):
            raise OtherEpoch(f"the source itself now has epoch {announced.epoch}, heard was {at.epoch}")
        if announced.head > at.sequence:
            await self._intake.catch_up(announced.head)
            self._heard_at = time.monotonic()

    def _readable(self, arrived: Iterable[Arrived]) -> Iterator[tuple[int, Message]]:
        """Messages of this source. Anything else is an alarm and leaves a hole, which the source itself fills."""
        for each in arrived:
            try:
                message = envelope.read(each.subject, each.headers, each.data)
            except envelope.Unreadable as odd:
                self._alarm(each, str(odd))
                continue
            if message.source == self.source:
                yield each.sequence, message
            else:
                self._alarm(each, f"{message.source} cannot speak here")

    def _alarm(self, arrived: Arrived, reason: str) -> None:
        metrics.HOSTILE.labels(*self._labels).inc()
        self._log.error("a message nobody published; not applied", stream_sequence=arrived.sequence, reason=reason)

    async def _refuse(self, reason: str) -> None:
        """Nothing of another incarnation is heard. What the source itself still says with the known epoch, is."""
        if self.refused is None:
            self._log.error("refused until a person decides", reason=reason)
        self.refused = reason
        metrics.SOURCE_REFUSED.labels(*self._labels).set(1)
        await asyncio.sleep(REFUSED_SECONDS)
        await self._intake.reload()
        try:
            while await self._intake.ask():
                continue
        except OtherEpoch as other:
            self.refused = str(other)
        except (Unanswered, Untold, Lost) as trouble:
            self._log.info("the source could not be asked", reason=str(trouble))

    def _accept(self) -> None:
        if self.refused is not None:
            self._log.warning("heard again", was=self.refused)
        self.refused = None
        metrics.SOURCE_REFUSED.labels(*self._labels).set(0)
