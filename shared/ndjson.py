"""Published events as lines of JSON (NDJSON), in which another service requests missed events again."""

from typing import Any

import msgspec
from msgspec.structs import FieldInfo, asdict, fields

from shared import codec
from shared.message import Message


def _field_definition(each: FieldInfo) -> tuple[Any, ...]:
    kind = str if each.name == "data" else each.type
    return (each.name, kind) if each.required else (each.name, kind, each.default)


_Line = msgspec.defstruct("Line", map(_field_definition, fields(Message)), forbid_unknown_fields=True)
"""The fields of a message in order; `data` is the JSON text whose SHA-256 is `digest`."""


def encode_message_line(message: Message) -> bytes:
    """Return a message (a published event) as a line of NDJSON, without the line end."""
    return codec.encode({**asdict(message), "data": message.data.decode()})


def decode_message_line(line: bytes) -> Message:
    """Return the message of a line of NDJSON. Raises codec.DecodeError for an invalid line or a wrong digest."""
    read: Any = codec.decode(line, _Line)
    message = Message(**{**asdict(read), "data": read.data.encode()})
    if codec.digest(message.data) != message.digest:
        raise codec.DecodeError(f"the data of {message.id} does not match its digest")
    return message
