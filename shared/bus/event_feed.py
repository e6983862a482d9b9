"""Event feed: reads published events from the source service over HTTP, for gaps in the stream."""

from collections.abc import Callable, Sequence
from typing import Protocol

from shared.bus.blocking_calls import run_in_thread
from shared.codec import DecodeError
from shared.http_client import HttpClient, Unreachable
from shared.identity import Target
from shared.message import Message
from shared.ndjson import decode_message_line

RESPONSE_TIMEOUT_SECONDS = 10.0

IssueToken = Callable[[Target], str]
"""Returns the token of this service for a request."""


class FeedUnavailable(Exception):
    """Raised when the source cannot be reached, refuses the request, or its response cannot be decoded."""


class EventFeed(Protocol):
    """The published events of a source, read page by page from its own event store (interface)."""

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        """Return the next messages after a position in order, none at the end. Raises FeedUnavailable."""


class PublishedEvents(Protocol):
    """The published events of a source, read by a thread that waits for the page (interface)."""

    def read_after(self, position: int, limit: int) -> Sequence[Message]:
        """Return the next messages after a position in order, none at the end. Raises FeedUnavailable."""


class HttpEventFeed:
    """Reads `GET /events?after=&limit=` of a source, a message per line, and waits `seconds` for it.

    `token` authenticates this service.
    """

    def __init__(self, source: HttpClient, token: IssueToken, seconds: float = RESPONSE_TIMEOUT_SECONDS) -> None:
        self._source, self._token, self._seconds = source, token, seconds

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        return await run_in_thread(self.read_after, position, limit)

    def read_after(self, position: int, limit: int) -> Sequence[Message]:
        path = f"/events?after={position}&limit={limit}"
        page = get_service_response(self._source, path, self._token, self._seconds)
        try:
            return [decode_message_line(line) for line in page.split(b"\n") if line]
        except DecodeError as error:
            raise FeedUnavailable(f"{self._source.name}: {type(error).__name__} {error}") from error


def get_service_response(
    service: HttpClient, path: str, token: IssueToken, seconds: float = RESPONSE_TIMEOUT_SECONDS
) -> bytes:
    """Return the response of a service to GET of a path. Raises FeedUnavailable if there is none, or no success."""
    headers = {"Authorization": f"Bearer {token(Target.get(service.name, path))}"}
    try:
        response = service.request("GET", path, headers, timeout=seconds)
    except Unreachable as error:
        raise FeedUnavailable(f"{error}: {error.__cause__!r}") from error
    if not response.is_ok:
        raise FeedUnavailable(f"{service.name}: status {response.status}")
    return response.body
