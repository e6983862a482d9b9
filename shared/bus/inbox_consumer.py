"""Inbox consumer: applies a source's messages once and in order, and fills gaps from the source's event feed."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from structlog import get_logger

from shared.bus import metrics
from shared.bus.backoff import Backoff
from shared.bus.blocking_calls import BlockingCallRunner
from shared.bus.event_feed import EventFeed
from shared.bus.inbox import TRANSIENT_ERRORS, Inbox
from shared.bus.recent_digests import RecentDigests
from shared.bus.stream_reader import ReadingInterrupted
from shared.message import Message
from shared.store import InboxPositionConflict

log = get_logger()

BATCH_SIZE, PAGE_SIZE = 100, 500


class EpochMismatch(Exception):
    """Raised when a source has another epoch than the one consumed so far; an operator decides."""


class GapDetected(Exception):
    """Raised when an event that a source must have published is missing, even in the source's own event feed."""


class InboxConsumer:
    """Passes messages of a source to its `Inbox`, once and in order, and fills gaps from the source's event feed."""

    def __init__(self, inbox: Inbox, feed: EventFeed, run: BlockingCallRunner) -> None:
        self._inbox, self._feed, self._execute = inbox, feed, run
        self._labels = (inbox.service, inbox.source)
        self._log = log.bind(source=inbox.source)
        self._recent_digests = RecentDigests()

    async def consume(self, received: Iterable[tuple[int, Message]]) -> None:
        """Apply the new messages in order; the very first is always read from the source's feed, not its stream.

        Raises EpochMismatch, FeedUnavailable, GapDetected, ReadingInterrupted.
        """
        fresh: list[Message] = []
        reached, hint = self._inbox.position.sequence, self._inbox.hint
        for place, message in received:
            if not self._is_contiguous(message, reached):
                await self._apply(fresh, hint)
                await self._fill_gap(message, place)
                fresh, reached = [], self._inbox.position.sequence
            if message.sequence > reached:
                fresh.append(message)
                reached, hint = message.sequence, place
            elif self._recent_digests.contradicts(message):
                self._log_conflicting_content(message)
        await self._apply(fresh, hint)

    async def catch_up(self, until: int, hint: int) -> None:
        """Request all messages up to this position from the source; the stream continues at `hint`.

        Raises as `consume`.
        """
        metrics.GAP_REPAIRS.labels(*self._labels).inc()
        self._log.info("requesting missing events", after=self._inbox.position.sequence, until=until)
        while self._inbox.position.sequence < until:
            if not await self.fetch_page(hint, until - self._inbox.position.sequence):
                raise GapDetected(f"no event after {self._inbox.position.sequence}, though {until} was announced")

    async def fetch_page(self, hint: int, missing: int = PAGE_SIZE) -> int:
        """Apply the next page of the source's feed, of at most `missing` messages; return their number.

        Raises as `consume`.
        """
        at = self._inbox.position
        page = await self._feed.get_after(at.sequence, min(missing, PAGE_SIZE))
        self._validate_page(page, at.epoch, at.sequence)
        for begin in range(0, len(page), BATCH_SIZE):
            await self._apply(page[begin : begin + BATCH_SIZE], hint)
        return len(page)

    async def reload(self) -> None:
        """Reload the inbox from the store: another worker or an operator may have changed it."""
        await self._retry(self._inbox.reload)

    def _is_contiguous(self, message: Message, reached: int) -> bool:
        same = message.epoch == self._inbox.position.epoch
        return same and (message.sequence <= reached or message.previous == reached)

    async def _fill_gap(self, message: Message, place: int) -> None:
        """Fill the gap before the message at `place` in the stream. Raises EpochMismatch for another epoch."""
        known = self._inbox.position.epoch
        if known in (None, message.epoch):
            await self.catch_up(message.sequence, place)
        if self._inbox.position.epoch != message.epoch:
            raise EpochMismatch(f"the stream has epoch {message.epoch}, expected {self._inbox.position.epoch}")

    def _validate_page(self, page: Sequence[Message], epoch: str | None, after: int) -> None:
        for message in page:
            if message.source != self._inbox.source or message.epoch != (epoch or message.epoch):
                raise EpochMismatch(f"the source returned {message.id}, expected epoch {epoch}")
            if message.previous != after:
                raise GapDetected(f"the feed has a gap: {message.id} follows {message.previous}, not {after}")
            epoch, after = message.epoch, message.sequence

    async def _apply(self, messages: Sequence[Message], hint: int) -> None:
        """Apply the batch, with retries. Raises ReadingInterrupted if the position was moved elsewhere meanwhile."""
        while self._not_yet_applied(messages):
            try:
                await self._retry(self._apply_rest, messages, hint)
            except InboxPositionConflict:
                self._log.info("another worker advanced the inbox first")
                await self.reload()

    def _apply_rest(self, messages: Sequence[Message], hint: int) -> None:
        """Apply those that an earlier attempt has not applied."""
        left = self._not_yet_applied(messages)
        self._inbox.apply(left, hint)
        self._recent_digests.add(left)
        metrics.CONSUMED.labels(*self._labels).inc(len(left))

    def _not_yet_applied(self, messages: Sequence[Message]) -> Sequence[Message]:
        at = self._inbox.position
        left = [each for each in messages if each.sequence > at.sequence]
        if left and (left[0].previous != at.sequence or at.epoch not in (None, left[0].epoch)):
            raise ReadingInterrupted(f"the inbox is now at {at.sequence} of epoch {at.epoch}")
        return left

    async def _retry(self, function: Callable[..., None], *arguments: Any) -> None:
        """Run the function until it ends without a transient error."""
        backoff = Backoff()
        while True:
            try:
                return await self._execute(function, *arguments)
            except TRANSIENT_ERRORS as error:
                metrics.RETRIES.labels(*self._labels).inc()
                self._log.warning("transient error; retrying", reason=str(error), seconds=backoff.seconds)
                await backoff.wait()

    def _log_conflicting_content(self, message: Message) -> None:
        metrics.REJECTED.labels(*self._labels).inc()
        self._log.error("a message came again with different content; not applied", message=message.id)
