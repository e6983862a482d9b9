"""A published event as one line of JSON (NDJSON), and back: how a peer gets again what it missed."""

from typing import Any

import msgspec
from msgspec.structs import FieldInfo, asdict, fields

from shared import codec
from shared.message import Message


def _member(each: FieldInfo) -> tuple[Any, ...]:
    kind = str if each.name == "data" else each.type
    return (each.name, kind) if each.required else (each.name, kind, each.default)


_Line = msgspec.defstruct("Line", map(_member, fields(Message)), forbid_unknown_fields=True)
"""A message's members in order; `data` is the JSON text whose SHA-256 is `digest`."""


def line_of(message: Message) -> bytes:
    """The message as a line, without its end."""
    content = asdict(message)
    content["data"] = message.data.decode()
    return codec.encode(content)


def message_in(line: bytes) -> Message:
    """The message back. Raises codec.Malformed for a line that is none, or whose data is not what its digest says."""
    read: Any = codec.decode(line, _Line)
    content = asdict(read)
    content["data"] = read.data.encode()
    message = Message(**content)
    if codec.digest(message.data) != message.digest:
        raise codec.Malformed(f"the data of {message.id} is not what its digest says")
    return message
