"""Takes a source's messages into the service: each once, in the source's order, holes filled by the source itself."""

import asyncio
from collections.abc import Iterable, Sequence

from structlog import get_logger

from shared.bus import metrics
from shared.bus.feed import Feed
from shared.bus.inline import Run
from shared.bus.pull import Lost
from shared.bus.recent import Recent
from shared.hearing import Ear
from shared.message import Message
from shared.store import AlreadyHeard, NumberTaken, StoreError, VersionClash

log = get_logger()

BATCH, PAGE = 100, 500
FIRST_WAIT, LONGEST_WAIT = 0.05, 5.0
PASSING = (StoreError, VersionClash, NumberTaken)


class OtherEpoch(Exception):
    """The source, or what claims to be it, is another incarnation than the one heard so far. A person decides."""


class Untold(Exception):
    """The source does not have what it is said to have published."""


class Intake:
    """The one way into an `Ear`. Knows no stream: messages come with a place to be remembered as a hint."""

    def __init__(self, ear: Ear, feed: Feed, run: Run) -> None:
        self._ear, self._feed, self._run = ear, feed, run
        self._labels = (ear.service.NAME, ear.source)
        self._log = log.bind(source=ear.source)
        self._recent = Recent()

    async def hear(self, came: Iterable[tuple[int, Message]]) -> None:
        """What is new, in order. The very first message is always taken from the source itself, not from its stream.

        Raises OtherEpoch, Unanswered, Untold, Lost.
        """
        fresh: list[Message] = []
        reached, hint = self._ear.position.sequence, self._ear.hint
        for place, message in came:
            if not self._continues(message, reached):
                await self._apply(fresh, hint)
                await self._bridge(message)
                fresh, reached = [], self._ear.position.sequence
            if message.sequence > reached:
                fresh.append(message)
                reached, hint = message.sequence, place
            elif self._recent.contradicts(message):
                self._alarm(message)
        await self._apply(fresh, hint)

    async def catch_up(self, until: int) -> None:
        """Ask the source for everything up to this position. Raises OtherEpoch, Unanswered, Untold, Lost."""
        metrics.REPAIRS.labels(*self._labels).inc()
        self._log.info("asking the source", after=self._ear.position.sequence, until=until)
        while self._ear.position.sequence < until:
            if not await self.ask(until - self._ear.position.sequence):
                raise Untold(f"nothing after {self._ear.position.sequence}, though {until} was announced")

    async def ask(self, missing: int = PAGE) -> int:
        """Hear the next page from the source itself, of no more than is missing; how many messages it had.

        Raises as `catch_up`.
        """
        at = self._ear.position
        page = await self._feed.after(at.sequence, min(missing, PAGE))
        self._judge(page, at.epoch, at.sequence)
        for begin in range(0, len(page), BATCH):
            await self._apply(page[begin : begin + BATCH], self._ear.hint)
        return len(page)

    async def reload(self) -> None:
        """Believe the store again: another worker, or a person, may have changed what was heard."""
        wait = FIRST_WAIT
        while True:
            try:
                return await self._run(self._ear.reload)
            except PASSING as trouble:
                wait = await self._pause(trouble, wait)

    def _continues(self, message: Message, reached: int) -> bool:
        same = message.epoch == self._ear.position.epoch
        return same and (message.sequence <= reached or message.previous == reached)

    async def _bridge(self, message: Message) -> None:
        """A hole before the message is filled. Raises OtherEpoch where it is no hole but another story."""
        known = self._ear.position.epoch
        if known in (None, message.epoch):
            await self.catch_up(message.sequence)
        if self._ear.position.epoch != message.epoch:
            raise OtherEpoch(f"the stream has epoch {message.epoch}, heard was {self._ear.position.epoch}")

    def _judge(self, page: Sequence[Message], epoch: str | None, after: int) -> None:
        for message in page:
            if message.source != self._ear.source or message.epoch != (epoch or message.epoch):
                raise OtherEpoch(f"the source itself now says {message.id}, heard was {epoch}")
            if message.previous != after:
                raise Untold(f"the source has a hole: {message.id} follows {message.previous}, not {after}")
            epoch, after = message.epoch, message.sequence

    async def _apply(self, messages: Sequence[Message], hint: int) -> None:
        """The batch, again and again until it is heard. Raises Lost if the position was moved elsewhere meanwhile."""
        wait = FIRST_WAIT
        while messages := self._left(messages):
            try:
                await self._run(self._ear.hear, messages, hint)
                self._recent.add(messages)
                metrics.HEARD.labels(*self._labels).inc(len(messages))
            except AlreadyHeard:
                self._log.info("another worker was first")
                await self.reload()
            except PASSING as trouble:
                wait = await self._pause(trouble, wait)

    def _left(self, messages: Sequence[Message]) -> Sequence[Message]:
        at = self._ear.position
        left = [each for each in messages if each.sequence > at.sequence]
        if left and (left[0].previous != at.sequence or at.epoch not in (None, left[0].epoch)):
            raise Lost(f"heard is now up to {at.sequence} of {at.epoch}")
        return left

    async def _pause(self, trouble: Exception, wait: float) -> float:
        """Passing trouble: the same again after a while. How long to wait the next time."""
        metrics.TROUBLE.labels(*self._labels).inc()
        self._log.warning("tried again soon", reason=str(trouble), seconds=wait)
        await asyncio.sleep(wait)
        return min(LONGEST_WAIT, wait * 2)

    def _alarm(self, message: Message) -> None:
        metrics.HOSTILE.labels(*self._labels).inc()
        self._log.error("the same message with other content; not applied", message=message.id)
