"""The connection to the broker: made again for ever, its refusals logged, nothing kept back across a break."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import Header
from structlog import get_logger

from shared.bus.envelope import headers

log = get_logger()

FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
ANSWER_SECONDS = 2.0
PING_SECONDS = 5


class Disconnected(Exception):
    """The broker cannot be reached, or did not answer in time. Passing trouble."""


class Declined(Exception):
    """The broker understood and said no."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{description} ({code})")
        self.code = code


class Connection(Client):
    """One connection; when it breaks it has ended, and another one begins with nothing left over."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = False
        self._mourners: set[Callable[[], object]] = set()

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        """Instead of the client's own, which takes three times as long and most of the time of receiving."""
        return headers(raw)

    def when_ended(self, tell: Callable[[], object]) -> None:
        """Have this called once, when the connection is gone."""
        self._mourners.add(tell)

    def forget(self, tell: Callable[[], object]) -> None:
        """No longer have it called."""
        self._mourners.discard(tell)

    def abandon(self) -> None:
        """Give up a connection that never came about."""
        if self._transport is not None:
            self._transport.close()  # type: ignore[no-untyped-call]

    async def has_ended(self) -> None:
        """Called by the client when it closes, for whatever reason."""
        self.ended = True
        while self._mourners:
            self._mourners.pop()()

    async def ask(self, subject: str, body: Any = None) -> dict[str, Any]:
        """A question to the broker's API. Raises Declined, Disconnected."""
        answer = await self._answer(subject, b"" if body is None else json.dumps(body).encode())
        told: dict[str, Any] = json.loads(answer.data)
        refused = told.get("error")
        if refused:
            raise Declined(refused.get("err_code", 0), refused.get("description", ""))
        return told

    async def _answer(self, subject: str, asked: bytes) -> Msg:
        asking = asyncio.ensure_future(self.request(subject, asked, timeout=ANSWER_SECONDS))
        self.when_ended(asking.cancel)
        try:
            await asyncio.wait([asking])
            if asking.cancelled():
                raise Disconnected(f"no answer to {subject}: the connection ended")
            return asking.result()
        except (errors.Error, OSError) as silence:
            raise Disconnected(f"no answer to {subject}: {silence}") from silence
        finally:
            self.forget(asking.cancel)
            asking.cancel()

    async def tell(self, subject: str, body: Any, reply: str = "") -> None:
        """Say something and wait for nothing. Raises Disconnected."""
        try:
            await self.publish(subject, json.dumps(body).encode(), reply=reply)
        except (errors.Error, OSError) as trouble:
            raise Disconnected(f"could not say {subject}: {trouble}") from trouble

    async def open_inbox(self, subject: str, told: Callable[[Msg], Awaitable[None]]) -> Subscription:
        """Have every message on the subject told, however many wait. Raises Disconnected."""
        try:
            return await self.subscribe(subject, cb=told, pending_msgs_limit=0, pending_bytes_limit=0)
        except (errors.Error, OSError) as trouble:
            raise Disconnected(f"could not listen on {subject}: {trouble}") from trouble

    async def close_inbox(self, inbox: Subscription) -> None:
        """Stop listening, if the connection is still there."""
        with suppress(errors.Error, OSError):
            await inbox.unsubscribe()

    async def send(self, frames: Iterable[bytes]) -> None:
        """Messages already in their wire form (`frame`), as one write. Raises Disconnected."""
        if not self.is_connected:
            raise Disconnected("the connection has ended")
        await self._send_command(b"".join(frames))
        await self._flush_pending()


def frame(subject: str, headers: str, data: bytes, reply: str = "") -> bytes:
    """A message in its wire form, from headers in theirs: a quarter of the time the client's own encoding takes."""
    head = f"NATS/1.0\r\n{headers}\r\n".encode()
    return b"HPUB %b %b %d %d\r\n%b%b\r\n" % (
        subject.encode(), reply.encode(), len(head), len(head) + len(data), head, data,
    )  # fmt: skip


def status_of(headers: dict[str, str] | None) -> str | None:
    """The broker's own word in place of a message: 100 still here, 404, 408, 409, 503."""
    return headers.get(Header.STATUS) if headers else None


class Bus:
    """How one process reaches the broker. `seed` proves who it is."""

    def __init__(self, url: str, *, name: str, inbox_prefix: str, seed: str | None = None) -> None:
        self._url, self._name, self._inbox_prefix, self._seed = url, name, inbox_prefix, seed
        self._current: Connection | None = None
        self._connecting = asyncio.Lock()
        self._told = False

    @property
    def connected(self) -> bool:
        return self._current is not None and not self._current.ended

    async def connection(self) -> Connection:
        """The open connection; waits, for ever if need be, until there is one."""
        async with self._connecting:
            wait = FIRST_WAIT
            while self._current is None or self._current.ended:
                try:
                    self._current = await self._connect()
                except (TimeoutError, errors.Error, OSError) as trouble:
                    self._tell(trouble)
                    await asyncio.sleep(wait)
                    wait = min(LONGEST_WAIT, wait * 2)
            return self._current

    async def close(self) -> None:
        if self._current is not None and not self._current.ended:
            await self._current.close()

    async def _connect(self) -> Connection:
        connection = Connection()
        try:
            await connection.connect(
                self._url,
                name=self._name,
                inbox_prefix=self._inbox_prefix,
                nkeys_seed_str=self._seed,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                ping_interval=PING_SECONDS,
                error_cb=self._trouble,
                closed_cb=connection.has_ended,
            )
        except BaseException:
            connection.abandon()
            raise
        log.info("connected to the broker")
        self._told = False
        return connection

    async def _trouble(self, trouble: Exception) -> None:
        """What the client cannot raise where it was caused: a refused publish, a broken connection."""
        if isinstance(trouble, OSError | errors.UnexpectedEOF | errors.StaleConnectionError):
            self._tell(trouble)
        else:
            log.error("the broker refused", reason=str(trouble))

    def _tell(self, trouble: Exception) -> None:
        if not self._told:
            log.warning("the broker cannot be reached; trying for ever", reason=str(trouble) or type(trouble).__name__)
        self._told = True
