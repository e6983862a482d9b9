"""Stream reader: receives the messages of a source's stream in order; the broker keeps no consumer for it.

Messages are read in batches of direct reads; at the end of the stream they come by themselves, as soon as they are
stored.
"""

import asyncio
import time
from collections import deque
from typing import Self

from msgspec import Struct
from nats.aio.msg import Msg

from shared.bus.connection import Connection, RequestRejected, get_status_code
from shared.bus.streams import peer_jetstream_request_subject, stored_subjects, stream_name

BATCH_MESSAGES = 250
MAX_PENDING_MESSAGES = 2 * BATCH_MESSAGES
RESPONSE_TIMEOUT_SECONDS = 2.0
POLL_SECONDS = 0.5
CHECK_SECONDS = 2.0
"""How often the end of the stream is asked for while nothing arrives: messages can be lost, and streams replaced."""
NO_STREAM = 10059
END_OF_BATCH, NO_NEWER_MESSAGE, NO_RESPONDERS = "204", "404", "503"
SUBJECT, SEQUENCE, LEFT_IN_STREAM = "Nats-Subject", "Nats-Sequence", "Nats-Num-Pending"


class ReadingInterrupted(Exception):
    """Raised when reading was interrupted; start again from the hint."""


class StreamMissing(Exception):
    """Raised when there is no stream to read: the source has published no event yet, or it was deleted."""


class ReceivedMessage(Struct, frozen=True):
    """A message as received, with its sequence in the stream."""

    sequence: int
    subject: str
    headers: dict[str, str]
    data: bytes


class StreamReader:
    """Reads a source's stream from `hint` on: `async with StreamReader(…) as reader: await reader.receive(100)`."""

    def __init__(self, connection: Connection, source: str, hint: int) -> None:
        self._connection, self._source, self._next = connection, source, hint
        self._stream = stream_name(source)
        self._reply_subject = connection.new_inbox()
        self._received: deque[ReceivedMessage] = deque()
        self._is_batch_open = self._is_at_end = False
        self._newest_stored, self._check_at = 0, 0.0
        self._arrived = asyncio.Event()
        self._failure: ReadingInterrupted | StreamMissing | None = None

    async def __aenter__(self) -> Self:
        self._created, last = await self._creation_and_end()
        self._next = max(1, min(self._next, last))
        self._subscriptions = [
            await self._connection.subscribe_all(self._reply_subject, self._on_read),
            await self._connection.subscribe_all(stored_subjects(self._source), self._on_stored),
        ]
        self._connection.end_callbacks.add(self._on_connection_ended)
        await self._request_batch()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._connection.end_callbacks.discard(self._on_connection_ended)
        for each in self._subscriptions:
            await self._connection.unsubscribe(each)

    async def receive(self, limit: int) -> list[ReceivedMessage]:
        """Return at most `limit` messages, none if none was stored for a while.

        Raises ReadingInterrupted, StreamMissing.
        """
        await asyncio.sleep(0)
        if not self._received and not self._failure:
            await self._wait()
        if not self._received and self._failure:
            raise self._failure
        taken = [self._received.popleft() for _ in range(min(limit, len(self._received)))]
        await self._request_batch()
        return taken

    async def _wait(self) -> None:
        """Wait for the next stored messages, or those on their way; look at the stream when it takes too long."""
        if self._is_at_end and not await self._has_arrived(POLL_SECONDS) and time.monotonic() >= self._check_at:
            await self._check_stream()
        await self._request_batch()
        if not self._received and self._is_batch_open and not await self._has_arrived(RESPONSE_TIMEOUT_SECONDS):
            self._failure = ReadingInterrupted("no response from the broker")

    async def _has_arrived(self, seconds: float) -> bool:
        self._arrived.clear()
        try:
            async with asyncio.timeout(seconds):
                return await self._arrived.wait()
        except TimeoutError:
            return False

    async def _check_stream(self) -> None:
        """Read on if more is stored; interrupt reading if the stream is another one by now, or shorter."""
        created, last = await self._creation_and_end()
        self._is_at_end = last < self._next
        if created != self._created or last < self._next - 1:
            self._failure = ReadingInterrupted(f"another stream, created at {created}, ends at {last}")

    async def _creation_and_end(self) -> tuple[str, int]:
        """Return when the stream was created, and its last sequence. Raises StreamMissing."""
        self._check_at = time.monotonic() + CHECK_SECONDS
        try:
            subject = peer_jetstream_request_subject(self._source, f"STREAM.INFO.{self._stream}")
            response = await self._connection.request_json(subject)
        except RequestRejected as refusal:
            if refusal.code == NO_STREAM:
                raise StreamMissing(self._stream) from None
            raise
        return response["created"], int(response["state"]["last_seq"])

    async def _request_batch(self) -> None:
        """Request the next batch if there is more and room for it; only one is on its way at a time."""
        if self._failure or self._is_batch_open or self._is_at_end or len(self._received) > BATCH_MESSAGES:
            return
        self._is_batch_open = True
        subject = peer_jetstream_request_subject(self._source, f"DIRECT.GET.{self._stream}")
        await self._connection.publish_json(subject, {"seq": self._next, "batch": BATCH_MESSAGES}, self._reply_subject)

    async def _on_read(self, message: Msg) -> None:
        headers = message.headers or {}
        status = get_status_code(headers)
        if status is None:
            self._append(headers, message.data)
        elif status == END_OF_BATCH:
            self._is_batch_open = False
            self._is_at_end = headers[LEFT_IN_STREAM] == "0" and self._newest_stored < self._next
        elif status == NO_NEWER_MESSAGE:
            self._is_batch_open, self._is_at_end = False, True
        elif status == NO_RESPONDERS:
            self._failure = StreamMissing(self._stream)
        else:
            self._failure = ReadingInterrupted(f"the broker does not read on: {status} {headers.get('Description')}")
        self._arrived.set()

    async def _on_stored(self, message: Msg) -> None:
        """Take the message if it is the next one and there is room; otherwise it is read in a batch later."""
        headers = message.headers or {}
        self._newest_stored = int(headers[SEQUENCE])
        if not self._is_at_end:
            return
        if self._newest_stored == self._next and len(self._received) < MAX_PENDING_MESSAGES:
            self._append(headers, message.data)
        else:
            self._is_at_end = False
        self._arrived.set()

    def _append(self, headers: dict[str, str], data: bytes) -> None:
        sequence = int(headers[SEQUENCE])
        self._received.append(ReceivedMessage(sequence, headers[SUBJECT], headers, data))
        self._next = sequence + 1

    def _on_connection_ended(self) -> None:
        self._failure = ReadingInterrupted("the connection ended")
        self._arrived.set()
