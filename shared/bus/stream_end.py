"""Where a stream ends, as seen by the store it is a copy of. A stream of another story is recognised and left alone."""

import base64
from dataclasses import dataclass
from typing import Any

from structlog import get_logger

from shared.bus import envelope
from shared.bus.connection import Connection, Declined
from shared.bus.inline import Run
from shared.bus.streams import StreamLimits, own_api, stream_config, stream_of, subjects_of
from shared.store import Store

log = get_logger()

NO_MESSAGE, NO_STREAM = 10037, 10059


class Foreign(Exception):
    """The stream's last message is not one of this store: only a person may decide to delete the stream."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream is: position in the log of its last message, and the stream's own last sequence."""

    position: int
    sequence: int


class StreamEnd:
    """Reads the end of a service's stream; makes the stream where there is none."""

    def __init__(self, store: Store, limits: StreamLimits, run: Run) -> None:
        self._store, self._limits, self._run = store, limits, run
        self._stream = stream_of(store.service)
        self._told: dict[str, Any] = {}

    async def look(self, connection: Connection) -> Cursor:
        """Behind which message to go on. Raises Foreign, Declined, Disconnected."""
        last_sequence = await self._last_sequence(connection)
        last = await self._last_message(connection)
        if last is None:
            return Cursor(0, last_sequence)
        return Cursor(await self._position_of(last), max(last_sequence, int(last["seq"])))

    async def _last_sequence(self, connection: Connection) -> int:
        try:
            told = await connection.ask(own_api(f"STREAM.INFO.{self._stream}"))
        except Declined as refusal:
            if refusal.code != NO_STREAM:
                raise
            config = stream_config(self._store.service, self._limits)
            told = await connection.ask(own_api(f"STREAM.CREATE.{self._stream}"), config)
            log.info("made the stream", stream=self._stream)
        self._compare(told["config"])
        return int(told["state"]["last_seq"])

    def _compare(self, found: dict[str, Any]) -> None:
        """A service may not change its stream; say once what a person should."""
        wanted = stream_config(self._store.service, self._limits)
        otherwise = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
        if otherwise and otherwise != self._told:
            log.warning("the stream is set up otherwise than wanted", stream=self._stream, found=otherwise)
        self._told = otherwise

    async def _last_message(self, connection: Connection) -> dict[str, Any] | None:
        question = {"last_by_subj": subjects_of(self._store.service)}
        try:
            told = await connection.ask(own_api(f"STREAM.MSG.GET.{self._stream}"), question)
        except Declined as refusal:
            if refusal.code == NO_MESSAGE:
                return None
            raise
        found: dict[str, Any] = told["message"]
        return found

    async def _position_of(self, last: dict[str, Any]) -> int:
        """The position of a message of this very store. Raises Foreign for any other."""
        wire = envelope.headers(base64.b64decode(last.get("hdrs", "")))
        try:
            message = envelope.read(last["subject"], wire, base64.b64decode(last.get("data", "")))
        except envelope.Unreadable as odd:
            raise Foreign(f"its last message is none of ours: {odd}") from odd
        if (message.source, message.epoch) != (self._store.service, self._store.epoch):
            raise Foreign(f"its last message is {message.id}, this store has epoch {self._store.epoch}")
        own = await self._run(self._store.published, message.sequence - 1, 1)
        if not own or own[0].sequence != message.sequence:
            raise Foreign(f"it ends with {message.id}, which this store does not have")
        if own[0].digest != message.digest:
            raise Foreign(f"it tells of {message.id} otherwise than this store does")
        return message.sequence
