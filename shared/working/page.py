"""Four small pages over HTTP, for probes, Prometheus and the gateway; the worker serves nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from structlog import get_logger

log = get_logger()

REQUEST_SECONDS, LONGEST_REQUEST = 5.0, 8 * 1024
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}

Answer = tuple[int, str, bytes]
JSON = "application/json"


class Page:
    """`GET` of the given paths, one request a connection."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Callable[[], Awaitable[Answer]]]) -> None:
        self._host, self._port, self._pages = host, port, pages
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int | None:
        """The port it answers on; none while it does not."""
        open_sockets = self._server.sockets if self._server else ()
        return int(open_sockets[0].getsockname()[1]) if open_sockets else None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=LONGEST_REQUEST)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(_response(*await self._answer(reader)))
            await writer.drain()
        except OSError:
            log.debug("a reader of the status went away")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return _plain(400)
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        page = self._pages.get(rest.partition(" ")[0].partition("?")[0])
        if method != "GET":
            return _plain(405)
        return await self._shown(page) if page else _plain(404)

    async def _shown(self, page: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await page()
        except Exception as failure:
            log.warning("cannot say", reason=f"{type(failure).__name__}: {failure}")
            return _plain(503)


def _plain(status: int) -> Answer:
    return status, JSON, b'{"status":"%b"}' % REASONS[status].lower().encode()


def _response(status: int, kind: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
