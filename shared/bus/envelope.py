"""A message on the wire: CloudEvents 1.0, binary mode, in NATS headers."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from urllib.parse import quote, unquote
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shared.message import Message

_PLAIN = re.compile(r"[!#$&-~]+")
_EPOCH = re.compile(r"[0-9a-f]{16}")
_SHORTER = {"aggregate": "subject", "recorded_at": "time", "previous": "prevsequence", "version": "aggregateversion"}


def _header(name: str) -> str:
    return name if name == "traceparent" else f"ce-{_SHORTER.get(name, name.replace('_', ''))}"


class Headers(Struct, frozen=True, rename=_header):
    """The headers of a message, each with what it has to be."""

    id: str
    specversion: Literal["1.0"]
    source: str
    type: str
    aggregate: UUID
    recorded_at: Annotated[datetime, Meta(tz=True)]
    sequence: int
    previous: Annotated[int, Meta(ge=0)]
    epoch: str
    aggregate_type: str
    version: int
    effective_on: date
    correlation_id: UUID
    causation_id: str
    actor: str
    digest: str
    traceparent: str | None = None
    on_behalf_of: str | None = None


class Unreadable(Exception):
    """These headers are not those of a published event: foreign, damaged or forged."""


class Altered(Unreadable):
    """The data is not what its digest says."""


def message_id(message: Message) -> str:
    """`<epoch>-<sequence>`: what the broker knows the message by."""
    return f"{message.epoch}-{message.sequence}"


def lines(message: Message) -> str:
    """The headers around `message.data`, in their wire form."""
    trace = f"traceparent: {_escaped(message.traceparent)}\r\n" if message.traceparent else ""
    behalf = f"ce-onbehalfof: {_escaped(message.on_behalf_of)}\r\n" if message.on_behalf_of else ""
    return (
        "ce-specversion: 1.0\r\n"
        f"ce-id: {message.epoch}-{message.sequence}\r\n"
        f"ce-source: /{message.source}\r\n"
        f"ce-type: {message.type}\r\n"
        f"ce-subject: {message.aggregate}\r\n"
        f"ce-time: {message.recorded_at.astimezone(UTC).isoformat()}\r\n"
        f"ce-sequence: {message.sequence}\r\n"
        f"ce-prevsequence: {message.previous}\r\n"
        f"ce-epoch: {message.epoch}\r\n"
        f"ce-aggregatetype: {message.aggregate_type}\r\n"
        f"ce-aggregateversion: {message.version}\r\n"
        f"ce-effectiveon: {message.effective_on}\r\n"
        f"ce-correlationid: {message.correlation_id}\r\n"
        f"ce-causationid: {_escaped(message.causation_id)}\r\n"
        f"ce-actor: {_escaped(message.actor)}\r\n"
        f"ce-digest: {message.digest}\r\n"
        "content-type: application/json\r\n"
        f"{trace}{behalf}"
    )


def headers(raw: bytes | str) -> dict[str, str]:
    """Headers back from their wire form. What is no header is left out."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    pairs = [line.partition(":") for line in text.split("\r\n") if ":" in line]
    return {name: value.strip() for name, _, value in pairs}


def read(subject: str, wire: Mapping[str, str] | None, data: bytes) -> Message:
    """The message back, every header judged, the data compared with its digest.

    Raises Unreadable, or Altered where only the data is wrong.
    """
    message = _read(wire or {}, data)
    try:
        own_subject = message.subject
    except ValueError:
        raise Unreadable(f"{message.type} is no type of event") from None
    if own_subject != subject:
        raise Unreadable(f"{message.id} came on {subject}")
    if hashlib.sha256(data).hexdigest() != message.digest:
        raise Altered(f"the data of {message.id} is not what its digest says")
    return message


def _read(wire: Mapping[str, str], data: bytes) -> Message:
    try:
        told = msgspec.convert(wire, Headers, strict=False)
    except msgspec.ValidationError as odd:
        raise Unreadable(str(odd)) from None
    message = Message(
        told.source.removeprefix("/"), told.epoch, told.sequence, told.previous, told.type, told.aggregate_type,
        told.aggregate, told.version, unquote(told.actor), told.correlation_id, unquote(told.causation_id),
        told.recorded_at, told.effective_on, data, told.digest, told.traceparent,
        told.on_behalf_of and unquote(told.on_behalf_of),
    )  # fmt: skip
    _judge(message, told.id)
    return message


def _judge(message: Message, called: str) -> None:
    if not _EPOCH.fullmatch(message.epoch) or called != message_id(message):
        raise Unreadable(f"{message.id} is called {called}")
    if message.previous >= message.sequence:
        raise Unreadable(f"{message.id} claims to follow {message.previous}")
    if message.type.partition(".")[0] != message.source:
        raise Unreadable(f"{message.source} cannot say {message.type}")


def _escaped(text: str) -> str:
    """As CloudEvents wants header values: printable ASCII stays, but for blank, quote and percent."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="!#$&'()*+,/:;<=>?@[\\]^`{|}~")
