"""HTTP server of the worker: four small pages for probes, Prometheus and the gateway."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus

from structlog import get_logger

log = get_logger()

REQUEST_SECONDS, MAX_REQUEST_BYTES = 5.0, 8 * 1024

PageResponse = tuple[int, str, bytes]
JSON = "application/json"


class StatusServer:
    """HTTP server of the worker for its status: serves `GET` of the given paths, one request per connection."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Callable[[], Awaitable[PageResponse]]]) -> None:
        self._host, self._port, self._pages = host, port, pages
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int | None:
        """Port of the open server; none while it is closed."""
        open_sockets = self._server.sockets if self._server else ()
        return int(open_sockets[0].getsockname()[1]) if open_sockets else None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=MAX_REQUEST_BYTES)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(_encode_response(*await self._handle_request(reader)))
            await writer.drain()
        except OSError:
            log.debug("a client of the status server disconnected")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _handle_request(self, reader: asyncio.StreamReader) -> PageResponse:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return _status_only(400)
        method, _, rest = head.decode("latin-1").partition(" ")
        if method != "GET":
            return _status_only(405)
        page = self._pages.get(rest.partition(" ")[0].partition("?")[0])
        return await self._render(page) if page else _status_only(404)

    async def _render(self, page: Callable[[], Awaitable[PageResponse]]) -> PageResponse:
        try:
            return await page()
        except Exception as failure:
            log.warning("cannot render a status page", reason=f"{type(failure).__name__}: {failure}")
            return _status_only(503)


def _status_only(status: int) -> PageResponse:
    return status, JSON, b'{"status":"%b"}' % HTTPStatus(status).phrase.lower().encode()


def _encode_response(status: int, media_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {media_type}\r\n"
    rest = f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    return (head + rest).encode() + body
