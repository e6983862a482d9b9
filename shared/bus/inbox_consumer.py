"""Inbox consumer: applies a source's messages once and in order, and fills gaps from the source's event feed."""

import asyncio
from collections.abc import Iterable, Sequence

from structlog import get_logger

from shared.bus import metrics
from shared.bus.event_feed import EventFeed
from shared.bus.executor import Executor
from shared.bus.inbox import Inbox
from shared.bus.pull_consumer import PullInterrupted
from shared.bus.recent_digests import RecentDigests
from shared.message import Message
from shared.store import ConcurrencyConflict, InboxPositionConflict, NumberConflict, StoreError

log = get_logger()

BATCH_SIZE, PAGE_SIZE = 100, 500
FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS = 0.05, 5.0
TRANSIENT_ERRORS = (StoreError, ConcurrencyConflict, NumberConflict)


class EpochMismatch(Exception):
    """Raised when a source has another epoch than the one consumed so far; an operator decides."""


class GapDetected(Exception):
    """Raised when the source's own feed lacks an event that the source must have published."""


class InboxConsumer:
    """Passes messages to an `Inbox`, each with the stream sequence that is stored as a hint."""

    def __init__(self, subscriber: Inbox, feed: EventFeed, run: Executor) -> None:
        self._subscriber, self._feed, self._execute = subscriber, feed, run
        self._labels = (subscriber.service.NAME, subscriber.source)
        self._log = log.bind(source=subscriber.source)
        self._recent_digests = RecentDigests()

    async def consume(self, received: Iterable[tuple[int, Message]]) -> None:
        """Apply the new messages in order; the very first is always read from the source's feed, not its stream.

        Raises EpochMismatch, FeedUnavailable, GapDetected, PullInterrupted.
        """
        fresh: list[Message] = []
        reached, hint = self._subscriber.position.sequence, self._subscriber.hint
        for place, message in received:
            if not self._is_contiguous(message, reached):
                await self._apply(fresh, hint)
                await self._fill_gap(message)
                fresh, reached = [], self._subscriber.position.sequence
            if message.sequence > reached:
                fresh.append(message)
                reached, hint = message.sequence, place
            elif self._recent_digests.contradicts(message):
                self._log_conflicting_content(message)
        await self._apply(fresh, hint)

    async def catch_up(self, until: int) -> None:
        """Request all messages up to this position from the source. Raises as `consume`."""
        metrics.GAP_REPAIRS.labels(*self._labels).inc()
        self._log.info("requesting missing events", after=self._subscriber.position.sequence, until=until)
        while self._subscriber.position.sequence < until:
            if not await self.fetch_page(until - self._subscriber.position.sequence):
                raise GapDetected(f"no event after {self._subscriber.position.sequence}, though {until} was announced")

    async def fetch_page(self, missing: int = PAGE_SIZE) -> int:
        """Apply the next page of the source's feed, of at most `missing` messages; return their number.

        Raises as `consume`.
        """
        at = self._subscriber.position
        page = await self._feed.get_after(at.sequence, min(missing, PAGE_SIZE))
        self._validate_page(page, at.epoch, at.sequence)
        for begin in range(0, len(page), BATCH_SIZE):
            await self._apply(page[begin : begin + BATCH_SIZE], self._subscriber.hint)
        return len(page)

    async def reload(self) -> None:
        """Reload the inbox from the store: another worker or an operator may have changed it."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                return await self._execute(self._subscriber.reload)
            except TRANSIENT_ERRORS as error:
                wait = await self._wait_before_retry(error, wait)

    def _is_contiguous(self, message: Message, reached: int) -> bool:
        same = message.epoch == self._subscriber.position.epoch
        return same and (message.sequence <= reached or message.previous == reached)

    async def _fill_gap(self, message: Message) -> None:
        """Fill the gap before a message. Raises EpochMismatch if the message has another epoch."""
        known = self._subscriber.position.epoch
        if known in (None, message.epoch):
            await self.catch_up(message.sequence)
        if self._subscriber.position.epoch != message.epoch:
            raise EpochMismatch(f"the stream has epoch {message.epoch}, expected {self._subscriber.position.epoch}")

    def _validate_page(self, page: Sequence[Message], epoch: str | None, after: int) -> None:
        for message in page:
            if message.source != self._subscriber.source or message.epoch != (epoch or message.epoch):
                raise EpochMismatch(f"the source returned {message.id}, expected epoch {epoch}")
            if message.previous != after:
                raise GapDetected(f"the feed has a gap: {message.id} follows {message.previous}, not {after}")
            epoch, after = message.epoch, message.sequence

    async def _apply(self, messages: Sequence[Message], hint: int) -> None:
        """Apply the batch, with retries. Raises PullInterrupted if the position was moved elsewhere meanwhile."""
        wait = FIRST_WAIT_SECONDS
        while messages := self._not_yet_applied(messages):
            try:
                await self._execute(self._subscriber.apply, messages, hint)
                self._recent_digests.add(messages)
                metrics.CONSUMED.labels(*self._labels).inc(len(messages))
            except InboxPositionConflict:
                self._log.info("another worker advanced the inbox first")
                await self.reload()
            except TRANSIENT_ERRORS as error:
                wait = await self._wait_before_retry(error, wait)

    def _not_yet_applied(self, messages: Sequence[Message]) -> Sequence[Message]:
        at = self._subscriber.position
        left = [each for each in messages if each.sequence > at.sequence]
        if left and (left[0].previous != at.sequence or at.epoch not in (None, left[0].epoch)):
            raise PullInterrupted(f"the inbox is now at {at.sequence} of epoch {at.epoch}")
        return left

    async def _wait_before_retry(self, error: Exception, wait: float) -> float:
        """Wait after a transient error; return how long to wait the next time, in seconds."""
        metrics.RETRIES.labels(*self._labels).inc()
        self._log.warning("transient error; retrying", reason=str(error), seconds=wait)
        await asyncio.sleep(wait)
        return min(MAX_WAIT_SECONDS, wait * 2)

    def _log_conflicting_content(self, message: Message) -> None:
        metrics.REJECTED.labels(*self._labels).inc()
        self._log.error("a message came again with different content; not applied", message=message.id)
