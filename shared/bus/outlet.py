"""Many messages on their way to the broker at once, one receipt for each page of them."""

import asyncio
import json
from collections.abc import Sequence
from itertools import chain, count, repeat
from typing import Self

from nats.aio.msg import Msg
from structlog import get_logger

from shared.bus import envelope, metrics
from shared.bus.connection import Connection, Declined, Disconnected, frame, status_of
from shared.bus.stream_end import Cursor
from shared.message import Message

log = get_logger()

RECEIPT_SECONDS = 5.0
WRONG_LAST_SEQUENCE, NO_RESPONDERS = 10071, "503"
HEADERS_AT_MOST = 16 * 1024
MESSAGE_ID, EXPECTED_LAST = "Nats-Msg-Id", "Nats-Expected-Last-Sequence"


class Fenced(Exception):
    """The stream is not as expected: another relay was there, or it was changed. Look again."""


class Outlet:
    """Publishes over one connection, with an inbox of its own for receipts.

    Each message is stored only directly behind the one before it, so the receipt of a page's last message
    speaks for the whole page.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._inbox = connection.new_inbox()
        self._waiting: dict[str, asyncio.Future[int]] = {}
        self._numbers = count(1)
        self._too_large: set[int] = set()

    async def __aenter__(self) -> Self:
        self.connection.when_ended(self._lost)
        self._inbox_open = await self.connection.open_inbox(f"{self._inbox}.*", self._told)
        return self

    async def __aexit__(self, *trouble: object) -> None:
        self.connection.forget(self._lost)
        await self.connection.close_inbox(self._inbox_open)

    async def send(self, page: Sequence[Message], behind: Cursor, named: bool) -> "Receipt":
        """Have the page stored behind this cursor; `named` lets the broker drop ids it has seen lately."""
        fitting = [each for each in page if self._fits(each)]
        reached = Cursor(page[-1].sequence, behind.sequence + len(fitting))
        receipt = Receipt(reached)
        if not fitting:
            receipt.stored.set_result(reached.sequence)
            return receipt
        number = str(next(self._numbers))
        self._waiting[number] = receipt.stored
        replies = chain(repeat("", len(fitting) - 1), (f"{self._inbox}.{number}",))
        await self.connection.send(
            self._frame(message, after, named, reply)
            for message, after, reply in zip(fitting, count(behind.sequence), replies, strict=False)
        )
        return receipt

    def _fits(self, message: Message) -> bool:
        """Too large for the broker: left out; listeners see the hole and fetch it from the source."""
        fits = len(message.data) + HEADERS_AT_MOST <= self.connection.max_payload
        if not fits and message.sequence not in self._too_large:
            self._too_large.add(message.sequence)
            metrics.OVERSIZED.labels(message.source).inc()
            log.error("too large for the broker; listeners have to fetch it", message=message.id)
        return fits

    def _frame(self, message: Message, after: int, named: bool, reply: str) -> bytes:
        name = f"{MESSAGE_ID}: {envelope.message_id(message)}\r\n" if named else ""
        headers = f"{EXPECTED_LAST}: {after}\r\n{name}{envelope.lines(message)}"
        return frame(message.subject, headers, message.data, reply)

    async def _told(self, answer: Msg) -> None:
        stored = self._waiting.pop(answer.subject.rpartition(".")[2], None)
        if stored is None or stored.done():
            return
        try:
            stored.set_result(_sequence(answer))
        except (Fenced, Declined) as refusal:
            stored.set_exception(refusal)

    def _lost(self) -> None:
        for stored in self._waiting.values():
            if not stored.done():
                stored.set_exception(Disconnected("the connection ended before the broker said it stored"))
        self._waiting.clear()


class Receipt:
    """The broker's word for one page: `reached` is where the stream then ends."""

    def __init__(self, reached: Cursor) -> None:
        self.reached = reached
        self.stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.stored.add_done_callback(_noticed)

    async def wait(self) -> None:
        """Return when the whole page is stored in its place. Raises Fenced, Declined, Disconnected."""
        try:
            async with asyncio.timeout(RECEIPT_SECONDS):
                sequence = await self.stored
        except TimeoutError:
            raise Disconnected("the broker did not say whether it stored") from None
        if sequence != self.reached.sequence:
            raise Fenced(f"stored as {sequence}, not {self.reached.sequence}")


def _sequence(answer: Msg) -> int:
    if status_of(answer.headers) == NO_RESPONDERS:
        raise Fenced("there is no stream")
    told = json.loads(answer.data)
    refused = told.get("error")
    if refused is None:
        return int(told["seq"])
    if refused.get("err_code") == WRONG_LAST_SEQUENCE:
        raise Fenced(refused.get("description", ""))
    raise Declined(refused.get("err_code", 0), refused.get("description", ""))


def _noticed(stored: "asyncio.Future[int]") -> None:
    """A receipt nobody waits for any more is no error."""
    if not stored.cancelled():
        stored.exception()
