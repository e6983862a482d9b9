"""Outbox relay: publishes committed events to JetStream in order, without a stored position of its own.

The relay continues after the last message of the stream, and each message expects the one before it.
So two relays at once are harmless, and a stream that was wiped or restored is refilled from its end.
A stream that contradicts the event store is never written to.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime

from structlog import get_logger

from shared.bus import metrics
from shared.bus.backoff import Backoff
from shared.bus.blocking_calls import BlockingCallRunner, run_inline
from shared.bus.connection import BrokerClient, Disconnected, RequestRejected
from shared.bus.publisher import PublishAck, Publisher, SequenceConflict
from shared.bus.stream_end import ForeignStreamFound, StreamEnd, StreamEndReader
from shared.bus.streams import StreamLimits, newest_position_subject
from shared.bus.wakeup_event import WakeupSignal
from shared.message import Message
from shared.store import StoreError
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure
from shared.store.suspension import StoreNotCompared

log = get_logger()

PAGE_SIZE = 200
MAX_PAGES_IN_FLIGHT = 3
POLL_SECONDS = 1.0
ANNOUNCE_SECONDS = 5.0
STREAM_REFUSED = "the stream contradicts the event store; delete it to resume publishing"
OUTBOX_REFUSED = "the outbox was changed by another program; nothing is published until an operator decides"
REFUSED_SECONDS, CONFLICT_SECONDS, MAX_CONFLICT_SECONDS = 0.5, 0.05, 1.0


class OutboxRelay:
    """Publishes the stored events of one service to the broker, in order; `notify` it after a commit. It also polls."""

    def __init__(
        self,
        store: EventStore,
        bus: BrokerClient,
        limits: StreamLimits | None = None,
        run: BlockingCallRunner = run_inline,
    ) -> None:
        self.service = store.service
        self.refusal_reason: str | None = None
        self.refused_at: datetime | None = None
        self._store, self._bus, self._execute = store, bus, run
        self._end_reader = StreamEndReader(store, limits or StreamLimits(), run)
        self._reached = StreamEnd(0, 0)
        self._must_check_stream, self._send_message_ids, self._conflict_count = True, True, 0
        self._conflict_end: StreamEnd | None = None
        self._backoff = Backoff()
        self._wakeup = WakeupSignal()

    @property
    def relayed_position(self) -> int:
        """Position of the newest published event known to be in the stream."""
        return self._reached.position

    def notify(self) -> None:
        """Wake the relay: there may be new events to publish."""
        self._wakeup.notify()

    async def run(self) -> None:
        """Publish committed events without end."""
        while True:
            try:
                async with Publisher(await self._bus.connection()) as publisher:
                    publisher.connection.end_callbacks.add(self.notify)
                    await self._publish_until_disconnected(publisher)
            except StoreNotCompared as waiting:  # readiness shows it for as long as it lasts
                log.info("the relay waits", reason=str(waiting))
            except (Disconnected, StoreError) as error:
                log.warning("the relay cannot publish now; retrying", reason=str(error))
            except RequestRejected as refusal:
                log.error("the broker rejected a request of the relay; retrying", reason=str(refusal))
            self._must_check_stream = True
            await self._backoff.wait()

    async def announce_newest_position(self) -> None:
        """Announce the newest published position every few seconds, and have the stream checked again each time."""
        while True:
            connection = await self._bus.connection()
            try:
                newest = {"epoch": self._store.epoch, "head": await self._execute(self._store.published_head)}
                await connection.publish_json(newest_position_subject(self.service), newest)
            except StoreNotCompared as waiting:
                log.info("the newest position is not announced yet", reason=str(waiting))
            except (Disconnected, StoreError) as error:
                log.warning("cannot announce the newest position now; retrying", reason=str(error))
            self._must_check_stream = True
            self.notify()
            await asyncio.sleep(ANNOUNCE_SECONDS)

    async def _publish_until_disconnected(self, publisher: Publisher) -> None:
        while not publisher.connection.ended:
            try:
                await self._publish_pending(publisher)
                self._backoff.reset()
                await self._wakeup.wait(POLL_SECONDS)
            except SequenceConflict as conflict:
                await self._on_sequence_conflict(str(conflict))
            except ForeignStreamFound as other:
                await self._enter_refused_state(STREAM_REFUSED, str(other))
            except IntegrityFailure as forged:
                await self._enter_refused_state(OUTBOX_REFUSED, str(forged))

    async def _publish_pending(self, publisher: Publisher) -> None:
        """Publish all pending events, several pages in flight at once."""
        if self._must_check_stream or self._conflict_count:
            await self._read_stream_end(publisher)
        in_flight: deque[PublishAck] = deque()
        ahead, has_more = self._reached, True
        while True:
            page = await self._read_page(ahead) if has_more and len(in_flight) < MAX_PAGES_IN_FLIGHT else ()
            if page:
                ack = await publisher.publish_page(page, ahead, self._send_message_ids)
                in_flight.append(ack)
                ahead, has_more = ack.stream_end, len(page) == PAGE_SIZE
            elif in_flight:
                ack = in_flight.popleft()
                await ack.wait()
                self._on_page_stored(ack.stream_end)
            else:
                return

    async def _read_page(self, end: StreamEnd) -> Sequence[Message]:
        return await self._execute(self._store.published_events, end.position, PAGE_SIZE)

    async def _read_stream_end(self, publisher: Publisher) -> None:
        self._must_check_stream = False
        self._reached = await self._end_reader.read(publisher.connection)
        self._send_message_ids = self._reached != self._conflict_end
        self._conflict_end = None
        self._leave_refused_state()

    def _on_page_stored(self, reached: StreamEnd) -> None:
        metrics.PUBLISHED.labels(self.service).inc(reached.sequence - self._reached.sequence)
        self._reached, self._send_message_ids, self._conflict_count = reached, True, 0

    async def _on_sequence_conflict(self, reason: str) -> None:
        """Check the stream again. If it has not moved, the broker only detected duplicate ids: leave them out."""
        metrics.SEQUENCE_CONFLICTS.labels(self.service).inc()
        log.info("the stream is not as expected; reading its end again", reason=reason)
        self._conflict_end = self._reached
        self._conflict_count += 1
        await asyncio.sleep(min(MAX_CONFLICT_SECONDS, CONFLICT_SECONDS * (self._conflict_count - 1)))

    async def _enter_refused_state(self, state: str, reason: str) -> None:
        if self.refusal_reason != reason:
            log.error(state, reason=reason)
        self.refusal_reason, self.refused_at = reason, datetime.now(UTC)
        self._must_check_stream = True
        metrics.STREAM_REFUSED.labels(self.service).set(1)
        await asyncio.sleep(REFUSED_SECONDS)

    def _leave_refused_state(self) -> None:
        if self.refusal_reason:
            log.warning("publishing resumes: stream and event store match again")
        self.refusal_reason = None
        metrics.STREAM_REFUSED.labels(self.service).set(0)
