"""Publisher: sends pages of messages without waiting, with one acknowledgement for each page."""

import asyncio
import json
from collections.abc import Sequence
from itertools import chain, count, repeat
from typing import Self

from nats.aio.msg import Msg
from structlog import get_logger

from shared.bus import envelope, metrics
from shared.bus.connection import Connection, Disconnected, RequestRejected, encode_frame, get_status_code
from shared.bus.stream_end import StreamEnd
from shared.message import Message

log = get_logger()

ACK_TIMEOUT_SECONDS = 5.0
WRONG_LAST_SEQUENCE, NO_RESPONDERS = 10071, "503"
MAX_HEADER_BYTES = 16 * 1024
MESSAGE_ID, EXPECTED_LAST = "Nats-Msg-Id", "Nats-Expected-Last-Sequence"


class SequenceConflict(Exception):
    """Raised when the stream does not end where expected: another relay wrote to it, or it was changed."""


class Publisher:
    """Publishes over one connection, with an inbox of its own for acknowledgements.

    The broker stores each message only directly after the one before it, so the acknowledgement of a page's
    last message covers the whole page.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._reply_prefix = connection.new_inbox()
        self._pending_acks: dict[str, asyncio.Future[int]] = {}
        self._ack_numbers = count(1)
        self._too_large: set[int] = set()

    async def __aenter__(self) -> Self:
        self.connection.end_callbacks.add(self._fail_pending)
        self._subscription = await self.connection.subscribe_all(f"{self._reply_prefix}.*", self._on_ack)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.connection.end_callbacks.discard(self._fail_pending)
        await self.connection.unsubscribe(self._subscription)

    async def publish_page(
        self, page: Sequence[Message], previous_end: StreamEnd, with_message_ids: bool
    ) -> "PublishAck":
        """Send a page to be stored after this end of the stream; message ids let the broker drop recent duplicates."""
        fitting = [each for each in page if self._fits_payload_limit(each)]
        reached = StreamEnd(page[-1].sequence, previous_end.sequence + len(fitting))
        ack = PublishAck(reached)
        if not fitting:
            ack.stored_sequence.set_result(reached.sequence)
            return ack
        number = str(next(self._ack_numbers))
        self._pending_acks[number] = ack.stored_sequence
        replies = chain(repeat("", len(fitting) - 1), (f"{self._reply_prefix}.{number}",))
        await self.connection.send_frames(
            self._encode_frame(message, after, with_message_ids, reply)
            for message, after, reply in zip(fitting, count(previous_end.sequence), replies, strict=False)
        )
        return ack

    def _fits_payload_limit(self, message: Message) -> bool:
        """Return whether the broker takes the message; consumers fetch a larger one from the source."""
        fits = len(message.data) + MAX_HEADER_BYTES <= self.connection.max_payload
        if not fits and message.sequence not in self._too_large:
            self._too_large.add(message.sequence)
            metrics.OVERSIZED.labels(message.source).inc()
            log.error("message too large for the broker; consumers fetch it from the source", message=message.id)
        return fits

    def _encode_frame(self, message: Message, after: int, named: bool, reply: str) -> bytes:
        name = f"{MESSAGE_ID}: {envelope.message_id(message)}\r\n" if named else ""
        headers = f"{EXPECTED_LAST}: {after}\r\n{name}{envelope.encode_headers(message)}"
        return encode_frame(message.subject, headers, message.data, reply)

    async def _on_ack(self, answer: Msg) -> None:
        stored = self._pending_acks.pop(answer.subject.rpartition(".")[2], None)
        if stored is None or stored.done():
            return
        try:
            stored.set_result(_decode_ack(answer))
        except (SequenceConflict, RequestRejected) as refusal:
            stored.set_exception(refusal)

    def _fail_pending(self) -> None:
        for stored in self._pending_acks.values():
            if not stored.done():
                stored.set_exception(Disconnected("the connection ended before the page was acknowledged"))
        self._pending_acks.clear()


class PublishAck:
    """Acknowledgement of one page, still to come: `wait` for it. `stream_end` is where the stream then ends."""

    def __init__(self, reached: StreamEnd) -> None:
        self.stream_end = reached
        self.stored_sequence: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.stored_sequence.add_done_callback(_mark_exception_retrieved)

    async def wait(self) -> None:
        """Return when the whole page is stored in its place. Raises SequenceConflict, RequestRejected, Disconnected."""
        try:
            async with asyncio.timeout(ACK_TIMEOUT_SECONDS):
                sequence = await self.stored_sequence
        except TimeoutError:
            raise Disconnected("the broker did not acknowledge the page in time") from None
        if sequence != self.stream_end.sequence:
            raise SequenceConflict(f"the page was stored up to {sequence}, not {self.stream_end.sequence}")


def _decode_ack(answer: Msg) -> int:
    if get_status_code(answer.headers) == NO_RESPONDERS:
        raise SequenceConflict("the stream does not exist")
    ack = json.loads(answer.data)
    error = ack.get("error")
    if error is None:
        return int(ack["seq"])
    rejected = RequestRejected(error)
    raise SequenceConflict(str(rejected)) if rejected.code == WRONG_LAST_SEQUENCE else rejected


def _mark_exception_retrieved(stored: "asyncio.Future[int]") -> None:
    """Prevent the warning for an acknowledgement that is no longer awaited."""
    if not stored.cancelled():
        stored.exception()
