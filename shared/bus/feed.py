"""Asking the source itself, over HTTP, for what the stream did not bring."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from shared.codec import Malformed
from shared.lines import message_in
from shared.message import Message

if TYPE_CHECKING:
    from httpx2 import AsyncClient

ANSWER_SECONDS = 10.0


class Unanswered(Exception):
    """The source could not be asked now, or its answer cannot be read."""


class Feed(Protocol):
    """What a source published, from its own store."""

    async def after(self, position: int, limit: int) -> Sequence[Message]:
        """In order, after a position; nothing if that is all there is. Raises Unanswered."""
        ...


class HttpFeed:
    """`GET <address>/events?after=&limit=`, one message a line. `token` vouches for this service."""

    def __init__(self, address: str, token: Callable[[], str]) -> None:
        self._address, self._token = address, token
        self._client: AsyncClient | None = None

    async def after(self, position: int, limit: int) -> Sequence[Message]:
        import httpx2  # costs memory, and a source is asked rarely

        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False)
        try:
            answer = await self._client.get(
                f"{self._address}/events",
                params={"after": position, "limit": limit},
                headers={"Authorization": f"Bearer {self._token()}"},
            )
            answer.raise_for_status()
            return [message_in(line) for line in answer.content.split(b"\n") if line]
        except (httpx2.HTTPError, Malformed) as trouble:
            raise Unanswered(f"{self._address}: {type(trouble).__name__} {trouble}") from trouble

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
