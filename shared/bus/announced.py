"""How far a source says it is: heard from the source itself every few seconds, kept nowhere."""

import json
from typing import Self

from nats.aio.msg import Msg

from shared.bus.connection import Connection
from shared.bus.streams import high_water_of


class Announced:
    """The newest high-water mark: `epoch` none until the source has said anything."""

    def __init__(self, connection: Connection, source: str) -> None:
        self.epoch: str | None = None
        self.head = 0
        self._connection, self._subject = connection, high_water_of(source)

    async def __aenter__(self) -> Self:
        self._listening = await self._connection.open_inbox(self._subject, self._told)
        return self

    async def __aexit__(self, *trouble: object) -> None:
        await self._connection.close_inbox(self._listening)

    async def _told(self, mark: Msg) -> None:
        try:
            told = json.loads(mark.data)
            self.epoch, self.head = str(told["epoch"]), int(told["head"])
        except (ValueError, KeyError, TypeError):
            return
