"""The newest published position, which a source announces every few seconds; it is not stored."""

import json
from contextlib import suppress
from typing import Self

from nats.aio.msg import Msg

from shared.bus.connection import Connection
from shared.bus.streams import newest_position_subject


class NewestPositionReceiver:
    """Receives the announcements of a source's newest published position; `epoch` is None before the first one."""

    def __init__(self, connection: Connection, source: str) -> None:
        self.epoch: str | None = None
        self.head = 0
        self._connection, self._subject = connection, newest_position_subject(source)

    async def __aenter__(self) -> Self:
        self._subscription = await self._connection.subscribe_all(self._subject, self._on_announcement)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._connection.unsubscribe(self._subscription)

    async def _on_announcement(self, message: Msg) -> None:
        with suppress(ValueError, KeyError, TypeError):
            announced = json.loads(message.data)
            self.epoch, self.head = str(announced["epoch"]), int(announced["head"])
