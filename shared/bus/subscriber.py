"""Subscriber: consumes the stream of one source in order, and its event feed where the stream is wrong.

The envelope decides, the stream only transports it. Missing, damaged or unordered messages are fetched from
the source; messages of another epoch are refused; transient errors are retried without limit.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator

from structlog import get_logger

from shared.bus import envelope, metrics
from shared.bus.backoff import Backoff
from shared.bus.blocking_calls import BlockingCallRunner, run_inline
from shared.bus.connection import BrokerClient, Connection, Disconnected, RequestRejected
from shared.bus.event_feed import EventFeed, FeedUnavailable
from shared.bus.inbox import Inbox
from shared.bus.inbox_consumer import BATCH_SIZE, EpochMismatch, GapDetected, InboxConsumer
from shared.bus.newest_position import NewestPositionReceiver
from shared.bus.stream_reader import ReadingInterrupted, ReceivedMessage, StreamMissing, StreamReader
from shared.message import Message

log = get_logger()

RECONNECT_SECONDS, REFUSED_SECONDS, TAIL_CHECK_SECONDS = 0.05, 3.0, 1.0
FIRST_STREAM_PAUSE_SECONDS, LONGEST_STREAM_PAUSE_SECONDS = 0.02, 0.5
"""Pauses while the stream is missing: at the start of a suite every source is about to create its own."""


class Subscriber:
    """Consumes the published events of one source for one service, without end."""

    def __init__(self, inbox: Inbox, bus: BrokerClient, feed: EventFeed, run: BlockingCallRunner = run_inline) -> None:
        self.inbox, self.source = inbox, inbox.source
        self.refusal_reason: str | None = None
        self._bus = bus
        self._consumer = InboxConsumer(inbox, feed, run)
        self._labels = (inbox.service, inbox.source)
        self._log = log.bind(source=inbox.source)
        self._last_received_at = time.monotonic()
        self._backoff = Backoff()
        self._stream_missing = Backoff(FIRST_STREAM_PAUSE_SECONDS, LONGEST_STREAM_PAUSE_SECONDS)
        self._newest_position: NewestPositionReceiver | None = None

    @property
    def source_head(self) -> int:
        """Newest position the source announced; 0 before the first, or for another epoch."""
        newest, known = self._newest_position, self.inbox.position.epoch
        return newest.head if newest and known in (None, newest.epoch) else 0

    async def run(self) -> None:
        """Consume the published messages of the source without end."""
        while True:
            connection = await self._bus.connection()
            try:
                async with NewestPositionReceiver(connection, self.source) as self._newest_position:
                    while not connection.ended:
                        await self._consume_until_interrupted(connection, self._newest_position)
            except Disconnected as broken:
                self._log.info("disconnected; consuming continues after reconnecting", reason=str(broken))
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _consume_until_interrupted(self, connection: Connection, announced: NewestPositionReceiver) -> None:
        """Consume until interrupted, then wait as long as the reason requires."""
        try:
            await self._consume_stream(connection, announced)
        except EpochMismatch as other:
            await self._enter_refused_state(str(other))
        except ReadingInterrupted as broken:
            self._log.info("interrupted; consuming again from the hint", reason=str(broken))
        except (FeedUnavailable, GapDetected, RequestRejected) as error:
            self._log.warning("cannot consume now; retrying", reason=str(error))
            await self._backoff.wait()

    async def _consume_stream(self, connection: Connection, announced: NewestPositionReceiver) -> None:
        try:
            async with StreamReader(connection, self.source, self.inbox.hint) as reader:
                self._stream_missing.reset()
                while True:
                    await self._consume(await reader.receive(BATCH_SIZE))
                    await self._repair_missing_tail(announced)
        except StreamMissing:
            await self._repair_missing_tail(announced)
            await self._stream_missing.wait()

    async def _consume(self, arrived: Iterable[ReceivedMessage]) -> None:
        messages = list(self._decode_messages(arrived))
        if messages:
            await self._consumer.consume(messages)
            self._leave_refused_state()
            self._backoff.reset()
            self._last_received_at = time.monotonic()

    async def _repair_missing_tail(self, announced: NewestPositionReceiver) -> None:
        """Fetch events from the source that it announced, but that are missing at the end of the stream."""
        at = self.inbox.position
        if announced.epoch is None or time.monotonic() - self._last_received_at < TAIL_CHECK_SECONDS:
            return
        if at.epoch not in (None, announced.epoch):
            raise EpochMismatch(f"the source announced epoch {announced.epoch}, expected {at.epoch}")
        if announced.head > at.sequence:
            await self._consumer.catch_up(announced.head, self.inbox.hint)
            self._last_received_at = time.monotonic()

    def _decode_messages(self, arrived: Iterable[ReceivedMessage]) -> Iterator[tuple[int, Message]]:
        """Yield messages of this source. Others are counted as rejected and leave a gap to fill from the source."""
        for each in arrived:
            try:
                message = envelope.decode_message(each.subject, each.headers, each.data)
                if message.source != self.source:
                    raise envelope.InvalidEnvelope(f"{message.source} must not publish here")
            except envelope.InvalidEnvelope as error:
                metrics.REJECTED.labels(*self._labels).inc()
                self._log.error("message rejected", stream_sequence=each.sequence, reason=str(error))
            else:
                yield each.sequence, message

    async def _enter_refused_state(self, reason: str) -> None:
        """Refuse another epoch, but keep consuming events of the known epoch from the source's feed."""
        if self.refusal_reason is None:
            self._log.error("source refused; an operator must decide", reason=reason)
        self.refusal_reason = reason
        metrics.SOURCE_REFUSED.labels(*self._labels).set(1)
        await asyncio.sleep(REFUSED_SECONDS)
        await self._consumer.reload()
        try:
            while await self._consumer.fetch_page(self.inbox.hint):
                continue
        except EpochMismatch as other:
            self.refusal_reason = str(other)
        except (FeedUnavailable, GapDetected, ReadingInterrupted) as error:
            self._log.info("the source's feed is unavailable", reason=str(error))

    def _leave_refused_state(self) -> None:
        if self.refusal_reason is not None:
            self._log.warning("source accepted again", was=self.refusal_reason)
        self.refusal_reason = None
        metrics.SOURCE_REFUSED.labels(*self._labels).set(0)
