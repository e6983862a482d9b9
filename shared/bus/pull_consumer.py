"""Pull consumer: reads a source's stream in order, without acknowledgements, over one open pull request."""

import asyncio
from collections import deque
from typing import Any, Self

from msgspec import Struct
from nats.aio.msg import Msg

from shared.bus.connection import Connection, RequestRejected, get_status_code
from shared.bus.streams import NANOSECONDS_PER_SECOND, peer_jetstream_request_subject, stream_name

MAX_PENDING_MESSAGES = 500
HEARTBEAT_TIMEOUT_SECONDS = 2.0
HEARTBEAT_NANOSECONDS = NANOSECONDS_PER_SECOND // 2
EXPIRES_NANOSECONDS, INACTIVE_THRESHOLD_NANOSECONDS = 30 * NANOSECONDS_PER_SECOND, 10 * NANOSECONDS_PER_SECOND
NO_STREAM = 10059
HEARTBEAT, EXPIRED = "100", "408"
UNDELIVERED = "Nats-Pending-Messages"


class PullInterrupted(Exception):
    """Raised when reading was interrupted; start again from the hint."""


class StreamMissing(Exception):
    """Raised when the stream does not exist: the source has published no event yet, or it was deleted."""


class ReceivedMessage(Struct, frozen=True):
    """A message as received, with its sequence in the stream."""

    sequence: int
    subject: str
    headers: dict[str, str] | None
    data: bytes


class PullConsumer:
    """Reads the stream of a source from `hint` on: `async with PullConsumer(…) as pull: await pull.receive(100)`."""

    def __init__(self, connection: Connection, source: str, hint: int) -> None:
        self._connection, self._source, self._hint = connection, source, hint
        self._stream = stream_name(source)
        self._reply_subject = connection.new_inbox()
        self._received: deque[ReceivedMessage] = deque()
        self._requested = 0
        self._wakeup = asyncio.Event()
        self._failure: str | None = None

    async def __aenter__(self) -> Self:
        config = {
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": await self._start_sequence(),
            "inactive_threshold": INACTIVE_THRESHOLD_NANOSECONDS,
            "mem_storage": True,
            "num_replicas": 1,
        }
        creation = {"stream_name": self._stream, "config": config}
        consumer = await self._request_api(f"CONSUMER.CREATE.{self._stream}", creation)
        request = f"CONSUMER.MSG.NEXT.{self._stream}.{consumer['name']}"
        self._next_subject = peer_jetstream_request_subject(self._source, request)
        self._subscription = await self._connection.subscribe_all(self._reply_subject, self._on_message)
        self._connection.end_callbacks.add(self._on_connection_ended)
        await self._request_messages()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._connection.end_callbacks.discard(self._on_connection_ended)
        await self._connection.unsubscribe(self._subscription)

    async def receive(self, limit: int) -> list[ReceivedMessage]:
        """Return at most `limit` messages, none after a heartbeat. Raises PullInterrupted."""
        await asyncio.sleep(0)
        if not self._received:
            await self._wait()
        if self._failure and not self._received:
            raise PullInterrupted(self._failure)
        taken = [self._received.popleft() for _ in range(min(limit, len(self._received)))]
        await self._request_messages()
        return taken

    async def _wait(self) -> None:
        if self._failure:
            return
        self._wakeup.clear()
        try:
            async with asyncio.timeout(HEARTBEAT_TIMEOUT_SECONDS):
                await self._wakeup.wait()
        except TimeoutError:
            self._failure = "no heartbeat from the broker"

    async def _start_sequence(self) -> int:
        """Return the hint, or the stream's end if that is lower: the stream was restored or created again."""
        state = (await self._request_api(f"STREAM.INFO.{self._stream}"))["state"]
        return max(1, min(self._hint, int(state["last_seq"])))

    async def _request_api(self, verb: str, body: object = None) -> dict[str, Any]:
        try:
            return await self._connection.request_json(peer_jetstream_request_subject(self._source, verb), body)
        except RequestRejected as refusal:
            if refusal.code == NO_STREAM:
                raise StreamMissing(self._stream) from None
            raise

    async def _request_messages(self) -> None:
        """Request as many messages as there is room for, once half of it is free."""
        room = MAX_PENDING_MESSAGES - self._requested - len(self._received)
        if self._failure or room < MAX_PENDING_MESSAGES // 2:
            return
        self._requested += room
        wanted = {"batch": room, "expires": EXPIRES_NANOSECONDS, "idle_heartbeat": HEARTBEAT_NANOSECONDS}
        await self._connection.publish_json(self._next_subject, wanted, self._reply_subject)

    async def _on_message(self, message: Msg) -> None:
        if message.subject != self._reply_subject:
            self._requested -= 1
            sequence = _stream_sequence(message.reply)
            self._received.append(ReceivedMessage(sequence, message.subject, message.headers, message.data))
        else:
            await self._on_status(message.headers or {})
        self._wakeup.set()

    async def _on_status(self, headers: dict[str, str]) -> None:
        status = get_status_code(headers)
        if status == EXPIRED:
            self._requested -= int(headers.get(UNDELIVERED, 0))
            await self._request_messages()
        elif status != HEARTBEAT:
            self._failure = f"the broker ended the pull: {status} {headers.get('Description', '')}"

    def _on_connection_ended(self) -> None:
        self._failure = "the connection ended"
        self._wakeup.set()


def _stream_sequence(reply: str) -> int:
    """Return the stream sequence from the reply subject `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.…`"""
    tokens = reply.split(".")
    return int(tokens[5 if len(tokens) == 9 else 7]) if len(tokens) >= 9 else 0
