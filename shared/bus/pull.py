"""Reading a source's stream in order: a consumer that needs no acknowledgement, one pull kept open."""

import asyncio
from collections import deque
from typing import Any, Self

from msgspec import Struct
from nats.aio.msg import Msg

from shared.bus.connection import Connection, Declined, status_of
from shared.bus.streams import BILLION, peer_api, stream_of

ROOM = 500
EXPIRES_SECONDS, SILENCE_SECONDS, FORGOTTEN_SECONDS = 30, 2.0, 10
HEARTBEAT_NANOSECONDS = BILLION // 2
NO_STREAM = 10059
HEARTBEAT, EXPIRED = "100", "408"
UNDELIVERED = "Nats-Pending-Messages"


class Lost(Exception):
    """The reading broke off; begin again from the hint."""


class NoStream(Exception):
    """The source has not published anything yet, or its stream was deleted."""


class Arrived(Struct, frozen=True):
    """A message as it came, with its place in the stream."""

    sequence: int
    subject: str
    headers: dict[str, str] | None
    data: bytes


class Pull:
    """An open pull from `hint` on: `async with Pull(connection, source, hint) as pull: await pull.take(100)`."""

    def __init__(self, connection: Connection, source: str, hint: int) -> None:
        self.empty = False
        self._connection, self._source, self._hint = connection, source, hint
        self._stream = stream_of(source)
        self._inbox = connection.new_inbox()
        self._arrived: deque[Arrived] = deque()
        self._asked_for = 0
        self._stirred = asyncio.Event()
        self._lost: str | None = None

    async def __aenter__(self) -> Self:
        config = {
            "ack_policy": "none",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": await self._start(),
            "inactive_threshold": FORGOTTEN_SECONDS * BILLION,
            "mem_storage": True,
            "num_replicas": 1,
        }
        made = await self._ask(f"CONSUMER.CREATE.{self._stream}", {"stream_name": self._stream, "config": config})
        self._next = peer_api(self._source, f"CONSUMER.MSG.NEXT.{self._stream}.{made['name']}")
        self._listening = await self._connection.open_inbox(self._inbox, self._told)
        self._connection.when_ended(self._ended)
        await self._ask_for_more()
        return self

    async def __aexit__(self, *trouble: object) -> None:
        self._connection.forget(self._ended)
        await self._connection.close_inbox(self._listening)

    async def take(self, limit: int) -> list[Arrived]:
        """What is there, at most `limit`: nothing where the broker only says that it still is. Raises Lost."""
        await asyncio.sleep(0)
        if not self._arrived:
            await self._wait()
        if self._lost and not self._arrived:
            raise Lost(self._lost)
        taken = [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]
        await self._ask_for_more()
        return taken

    async def _wait(self) -> None:
        if self._lost:
            return
        self._stirred.clear()
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._stirred.wait()
        except TimeoutError:
            self._lost = "the broker is silent"

    async def _start(self) -> int:
        """The hint, but never behind the stream's end: a stream shorter than remembered was put back or made anew."""
        state = (await self._ask(f"STREAM.INFO.{self._stream}"))["state"]
        self.empty = int(state["messages"]) == 0
        return max(1, min(self._hint, int(state["last_seq"])))

    async def _ask(self, verb: str, body: object = None) -> dict[str, Any]:
        try:
            return await self._connection.ask(peer_api(self._source, verb), body)
        except Declined as refusal:
            if refusal.code == NO_STREAM:
                raise NoStream(self._stream) from None
            raise

    async def _ask_for_more(self) -> None:
        """Keep the broker sending: as much as there is room for, once half of it is free."""
        room = ROOM - self._asked_for - len(self._arrived)
        if self._lost or room < ROOM // 2:
            return
        self._asked_for += room
        wanted = {"batch": room, "expires": EXPIRES_SECONDS * BILLION, "idle_heartbeat": HEARTBEAT_NANOSECONDS}
        await self._connection.tell(self._next, wanted, self._inbox)

    async def _told(self, message: Msg) -> None:
        if message.subject != self._inbox:
            self._asked_for -= 1
            self._arrived.append(Arrived(_place(message.reply), message.subject, message.headers, message.data))
        else:
            await self._noted(message.headers or {})
        self._stirred.set()

    async def _noted(self, headers: dict[str, str]) -> None:
        status = status_of(headers)
        if status == EXPIRED:
            self._asked_for -= int(headers.get(UNDELIVERED, 0))
            await self._ask_for_more()
        elif status != HEARTBEAT:
            self._lost = f"the broker ended the pull: {status} {headers.get('Description', '')}"

    def _ended(self) -> None:
        self._lost = "the connection ended"
        self._stirred.set()


def _place(reply: str) -> int:
    """The stream sequence, from the reply subject: `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.…`"""
    tokens = reply.split(".")
    place = tokens[5 if len(tokens) == 9 else 7] if len(tokens) >= 9 else "0"
    return int(place)
