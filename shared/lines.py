"""A published event as one line of JSON (NDJSON), and back: how a peer gets again what it missed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from shared import codec
from shared.message import Message


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """The members of a line, in order; `data` is the JSON text whose SHA-256 is `digest`."""

    source: str
    epoch: str
    sequence: int
    previous: int
    type: str
    aggregate_type: str
    aggregate: UUID
    version: int
    actor: str
    correlation: UUID
    causation: str
    recorded_at: datetime
    effective_on: date
    data: str
    digest: str
    traceparent: str | None = None


def line_of(message: Message) -> bytes:
    """The message as a line, without its end."""
    content: dict[str, Any] = dict(vars(message))
    content["data"] = message.data.decode()
    return codec.encode(content)


def message_in(line: bytes) -> Message:
    """The message back. Raises codec.Malformed for a line that is none, or whose data is not what its digest says."""
    read = codec.decode(line, _Line)
    content = {name: getattr(read, name) for name in _Line.__struct_fields__}
    content["data"] = read.data.encode()
    message = Message(**content)
    if codec.digest(message.data) != message.digest:
        raise codec.Malformed(f"the data of {message.id} is not what its digest says")
    return message
