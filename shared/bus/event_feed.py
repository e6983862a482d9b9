"""Event feed: reads published events from the source service over HTTP, for gaps in the stream."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from shared.codec import DecodeError
from shared.message import Message
from shared.ndjson import decode_line

if TYPE_CHECKING:
    from httpx2 import AsyncClient

RESPONSE_TIMEOUT_SECONDS = 10.0


class FeedUnavailable(Exception):
    """Raised when the source cannot be reached or its response cannot be decoded."""


class EventFeed(Protocol):
    """Published events of a source, from its own event store."""

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        """Return the next messages after a position in order, none at the end. Raises FeedUnavailable."""
        ...


class HttpEventFeed:
    """Reads `GET <address>/events?after=&limit=`, a message per line. `token` authenticates this service."""

    def __init__(self, address: str, token: Callable[[], str]) -> None:
        self._address, self._token = address, token
        self._client: AsyncClient | None = None

    async def get_after(self, position: int, limit: int) -> Sequence[Message]:
        import httpx2  # costs memory, and is rarely needed

        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=RESPONSE_TIMEOUT_SECONDS, trust_env=False)
        try:
            response = await self._client.get(
                f"{self._address}/events",
                params={"after": position, "limit": limit},
                headers={"Authorization": f"Bearer {self._token()}"},
            )
            response.raise_for_status()
            return [decode_line(line) for line in response.content.split(b"\n") if line]
        except (httpx2.HTTPError, DecodeError) as error:
            raise FeedUnavailable(f"{self._address}: {type(error).__name__} {error}") from error

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
