"""An operator with all rights in the source's account, and messages sent by hand."""

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from shared.bus import envelope
from shared.bus.connection import BrokerClient, Connection, Disconnected, RequestRejected
from shared.bus.streams import StreamLimits, stream_config
from shared.message import Message

LIMITS = StreamLimits(max_bytes=16 * 1024 * 1024)
DEADLINE_SECONDS = 120
RESPONSE_SECONDS = 60
"""Long enough for a response of the broker on a busy machine; the client waits half a second by default."""


class Operator:
    """An operator, who may do everything to a stream."""

    def __init__(self, bus: BrokerClient) -> None:
        self._bus = bus

    async def api(self, verb: str, body: object = None) -> dict[str, Any]:
        return await (await self.connection()).request_json(f"$JS.API.{verb}", body)

    async def connection(self) -> Connection:
        """Return the connection, which waits long for responses."""
        connection = await self._bus.connection()
        connection.response_timeout_seconds = RESPONSE_SECONDS
        return connection

    async def delete_stream(self) -> None:
        """Delete the stream as soon as there is one."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                with suppress(RequestRejected):
                    await self.api("STREAM.DELETE.CRM")
                    return
                await asyncio.sleep(0.01)

    async def make_stream(self, **changes: object) -> None:
        await self.api("STREAM.CREATE.CRM", stream_config("crm", LIMITS) | changes)

    async def last_sequence(self) -> int:
        return int((await self.api("STREAM.INFO.CRM"))["state"]["last_seq"])

    async def publish_to(self, subject: str, message: Message) -> None:
        await store_message(await self.connection(), subject, message.data, message_headers(message))

    async def publish(self, *messages: Message, **headers: str) -> None:
        """Publish into the stream without the relay's expected sequence; `headers` replace those of the message."""
        connection = await self.connection()
        for each in messages:
            await store_message(connection, each.subject, each.data, message_headers(each) | headers)

    async def stored(self) -> list[str]:
        """Return the ids of all messages in the stream, in its order."""
        state = (await self.api("STREAM.INFO.CRM"))["state"]
        found = [await self._id(sequence) for sequence in range(state["first_seq"], state["last_seq"] + 1)]
        return [each for each in found if each]

    async def wait_until_stored(self, wanted: Sequence[str]) -> None:
        """Wait until the stream holds exactly these messages in this order."""
        deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
        found: list[str] = []
        while found != wanted:
            assert asyncio.get_running_loop().time() < deadline, f"{len(found)} messages, not {len(wanted)}"
            with suppress(RequestRejected, Disconnected):
                found = await self.stored()
            await asyncio.sleep(0.02)

    async def _id(self, sequence: int) -> str | None:
        try:
            found = await self.api("STREAM.MSG.GET.CRM", {"seq": sequence})
        except RequestRejected:
            return None
        return envelope.parse_header_lines(base64.b64decode(found["message"].get("hdrs", ""))).get("ce-id")


async def store_message(connection: Connection, subject: str, data: bytes, headers: dict[str, str]) -> None:
    """Publish a message and wait until the stream has stored it."""
    await connection.request(subject, data, timeout=RESPONSE_SECONDS, headers=headers)


def message_headers(message: Message) -> dict[str, str]:
    """Return the headers of a message."""
    return envelope.parse_header_lines(envelope.encode_headers(message))
