"""Broker connection: reconnects without limit, logs rejections, keeps no state across a break."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from nats import errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import Header
from structlog import get_logger

from shared.bus.backoff import Backoff
from shared.bus.nats_client import NatsClient

log = get_logger()

RESPONSE_TIMEOUT_SECONDS = 2.0
PING_SECONDS = 5


class Disconnected(Exception):
    """Raised when the broker cannot be reached or does not answer in time; retry later."""


class RequestRejected(Exception):
    """Raised when the broker rejects a request; `code` is its error code."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.code = int(error.get("err_code", 0))
        super().__init__(f"{error.get('description', '')} ({self.code})")


class Connection(NatsClient):
    """One connection to the broker, which ends when it breaks; its successor starts without any of its state.

    Each of `end_callbacks` is called once, when the connection has ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ended = False
        self.end_callbacks: set[Callable[[], object]] = set()
        self.response_timeout_seconds = RESPONSE_TIMEOUT_SECONDS

    async def on_closed(self) -> None:
        """Run the end callbacks; the client calls this when it closes for any reason."""
        self.ended = True
        while self.end_callbacks:
            self.end_callbacks.pop()()

    async def request_json(self, subject: str, body: Any = None) -> dict[str, Any]:
        """Return the broker's response to an API request. Raises RequestRejected, Disconnected."""
        reply = await self._request(subject, b"" if body is None else json.dumps(body).encode())
        response: dict[str, Any] = json.loads(reply.data)
        if response.get("error"):
            raise RequestRejected(response["error"])
        return response

    async def _request(self, subject: str, payload: bytes) -> Msg:
        pending = asyncio.ensure_future(self.request(subject, payload, timeout=self.response_timeout_seconds))
        self.end_callbacks.add(pending.cancel)
        try:
            await asyncio.wait([pending])
            if pending.cancelled():
                raise Disconnected(f"no answer to {subject}: the connection ended")
            return pending.result()
        except (errors.Error, OSError) as error:
            raise Disconnected(f"no answer to {subject}: {error}") from error
        finally:
            self.end_callbacks.discard(pending.cancel)
            pending.cancel()

    async def publish_json(self, subject: str, body: Any, reply: str = "") -> None:
        """Publish a message without waiting for a response. Raises Disconnected."""
        try:
            await self.publish(subject, json.dumps(body).encode(), reply=reply)
        except (errors.Error, OSError) as error:
            raise Disconnected(f"could not publish to {subject}: {error}") from error

    async def subscribe_all(self, subject: str, callback: Callable[[Msg], Awaitable[None]]) -> Subscription:
        """Subscribe to a subject, with any number of pending messages. Raises Disconnected."""
        try:
            return await self.subscribe(subject, cb=callback, pending_msgs_limit=0, pending_bytes_limit=0)
        except (errors.Error, OSError) as error:
            raise Disconnected(f"could not subscribe to {subject}: {error}") from error

    async def unsubscribe(self, subscription: Subscription) -> None:
        """End the subscription if the connection still exists."""
        with suppress(errors.Error, OSError):
            await subscription.unsubscribe()

    async def send_frames(self, frames: Iterable[bytes]) -> None:
        """Send messages in wire form (`encode_frame`) in one write. Raises Disconnected."""
        if not self.is_connected:
            raise Disconnected("the connection has ended")
        await self.write(b"".join(frames))


def encode_frame(subject: str, headers: str, data: bytes, reply: str = "") -> bytes:
    """Return a message in wire form, given encoded headers; four times as fast as the client's encoder."""
    head = f"NATS/1.0\r\n{headers}\r\n".encode()
    return b"HPUB %b %b %d %d\r\n%b%b\r\n" % (
        subject.encode(), reply.encode(), len(head), len(head) + len(data), head, data,
    )  # fmt: skip


def get_status_code(headers: dict[str, str] | None) -> str | None:
    """Return the status code in the headers of a control message of the broker: 100 heartbeat, 404, 408, 409, 503."""
    return headers.get(Header.STATUS) if headers else None


class BrokerClient:
    """Client of the broker for one process: keeps it connected, authenticated by `seed`; `connection` waits for one."""

    def __init__(self, url: str, *, name: str, inbox_prefix: str, seed: str | None = None) -> None:
        self._url, self._name, self._inbox_prefix, self._seed = url, name, inbox_prefix, seed
        self._current: Connection | None = None
        self._connecting = asyncio.Lock()
        self._has_logged_failure = False

    @property
    def is_connected(self) -> bool:
        return self._current is not None and not self._current.ended

    async def connection(self) -> Connection:
        """Return the open connection; waits without limit until there is one."""
        async with self._connecting:
            backoff = Backoff(first=0.1, longest=2.0)
            while self._current is None or self._current.ended:
                try:
                    self._current = await self._connect()
                except (TimeoutError, errors.Error, OSError) as error:
                    self._log_failure_once(error)
                    await backoff.wait()
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
                error_cb=self._on_client_error,
                closed_cb=connection.on_closed,
            )
        except BaseException:
            connection.abandon()
            raise
        log.info("connected to the broker")
        self._has_logged_failure = False
        return connection

    async def _on_client_error(self, error: Exception) -> None:
        """Log an error the client cannot raise where it was caused: a rejected publish, a broken connection."""
        if isinstance(error, OSError | errors.UnexpectedEOF | errors.StaleConnectionError):
            self._log_failure_once(error)
        else:
            log.error("the broker rejected an operation", reason=str(error))

    def _log_failure_once(self, error: Exception) -> None:
        if not self._has_logged_failure:
            log.warning("the broker cannot be reached; retrying", reason=str(error) or type(error).__name__)
        self._has_logged_failure = True
