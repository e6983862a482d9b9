"""End of a stream, verified against the event store it is a copy of; a foreign stream is not written to."""

import base64
from dataclasses import dataclass
from typing import Any

from structlog import get_logger

from shared.bus import envelope
from shared.bus.blocking_calls import BlockingCallRunner
from shared.bus.connection import Connection, RequestRejected
from shared.bus.streams import StreamLimits, event_subjects, jetstream_request_subject, stream_config, stream_name
from shared.store.event_store import EventStore

log = get_logger()

NO_MESSAGE, NO_STREAM = 10037, 10059


class ForeignStreamFound(Exception):
    """Raised when the stream's last message is not from this store; an operator decides to delete the stream."""


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """End of a stream in the broker: position in the log of its last message, and the stream's own last sequence."""

    position: int
    sequence: int


class StreamEndReader:
    """Reads the end of a service's stream, so that the relay continues there; creates a missing stream."""

    def __init__(self, store: EventStore, limits: StreamLimits, run: BlockingCallRunner) -> None:
        self._store, self._limits, self._execute = store, limits, run
        self._stream = stream_name(store.service)
        self._reported_differences: dict[str, Any] = {}

    async def read(self, connection: Connection) -> StreamEnd:
        """Return the end of the stream. Raises ForeignStreamFound, RequestRejected, Disconnected."""
        last_sequence = await self._last_sequence(connection)
        last = await self._last_message(connection)
        if last is None:
            return StreamEnd(0, last_sequence)
        return StreamEnd(await self._verified_position(last), max(last_sequence, int(last["seq"])))

    async def _last_sequence(self, connection: Connection) -> int:
        try:
            response = await connection.request_json(jetstream_request_subject(f"STREAM.INFO.{self._stream}"))
        except RequestRejected as refusal:
            if refusal.code != NO_STREAM:
                raise
            config = stream_config(self._store.service, self._limits)
            response = await connection.request_json(jetstream_request_subject(f"STREAM.CREATE.{self._stream}"), config)
            log.info("created the stream", stream=self._stream)
        self._warn_about_differences(response["config"])
        return int(response["state"]["last_seq"])

    def _warn_about_differences(self, actual: dict[str, Any]) -> None:
        """Log each difference once; only an operator may change the configuration of a stream."""
        wanted = stream_config(self._store.service, self._limits)
        differences = {name: actual.get(name) for name, value in wanted.items() if actual.get(name) != value}
        if differences and differences != self._reported_differences:
            log.warning("unexpected stream configuration; update it", stream=self._stream, found=differences)
        self._reported_differences = differences

    async def _last_message(self, connection: Connection) -> Any:
        """Return the stored form of the last message; none for an empty stream."""
        subject, last = jetstream_request_subject(f"STREAM.MSG.GET.{self._stream}"), event_subjects(self._store.service)
        try:
            return (await connection.request_json(subject, {"last_by_subj": last}))["message"]
        except RequestRejected as refusal:
            if refusal.code != NO_MESSAGE:
                raise
            return None

    async def _verified_position(self, last: dict[str, Any]) -> int:
        """Return the position of a message of this store. Raises ForeignStreamFound for any other."""
        wire = envelope.parse_header_lines(base64.b64decode(last.get("hdrs", "")))
        try:
            message = envelope.decode_message(last["subject"], wire, base64.b64decode(last.get("data", "")))
        except envelope.InvalidEnvelope as error:
            raise ForeignStreamFound(f"the last message is not from this service: {error}") from error
        if (message.source, message.epoch) != (self._store.service, self._store.epoch):
            raise ForeignStreamFound(f"the last message is {message.id}, this store has epoch {self._store.epoch}")
        own = await self._execute(self._store.published_events, message.sequence - 1, 1)
        if not own or own[0].sequence != message.sequence:
            raise ForeignStreamFound(f"the stream ends with {message.id}, which is not in the event store")
        if own[0].digest != message.digest:
            raise ForeignStreamFound(f"{message.id} differs between the stream and the event store")
        return message.sequence
