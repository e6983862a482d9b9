"""Message envelope: CloudEvents 1.0, binary mode, in NATS headers."""

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

_UNESCAPED = re.compile(r"[!#$&-~]+")
_EPOCH = re.compile(r"[0-9a-f]{16}")
_ATTRIBUTES = {"aggregate": "subject", "recorded_at": "time", "previous": "prevsequence", "version": "aggregateversion"}


def _header_name(name: str) -> str:
    return name if name == "traceparent" else f"ce-{_ATTRIBUTES.get(name, name.replace('_', ''))}"


class EventHeaders(Struct, frozen=True, rename=_header_name):
    """Headers of a published event's message, with type and limits of each."""

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


class InvalidEnvelope(Exception):
    """Raised when a message is not a published event as it was sent: foreign, damaged or forged."""


def message_id(message: Message) -> str:
    """Return `<epoch>-<sequence>`, by which the broker detects duplicates."""
    return f"{message.epoch}-{message.sequence}"


def encode_headers(message: Message) -> str:
    """Return the headers of an event's message as text in wire form."""
    trace = f"traceparent: {_escape(message.traceparent)}\r\n" if message.traceparent else ""
    behalf = f"ce-onbehalfof: {_escape(message.on_behalf_of)}\r\n" if message.on_behalf_of else ""
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
        f"ce-causationid: {_escape(message.causation_id)}\r\n"
        f"ce-actor: {_escape(message.actor)}\r\n"
        f"ce-digest: {message.digest}\r\n"
        "content-type: application/json\r\n"
        f"{trace}{behalf}"
    )


def parse_header_lines(raw: bytes | str) -> dict[str, str]:
    """Return the header lines of a message as a mapping, not validated; other lines are left out."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    pairs = [line.partition(":") for line in text.split("\r\n") if ":" in line]
    return {name: value.strip() for name, _, value in pairs}


def decode_message(subject: str, headers: Mapping[str, str] | None, data: bytes) -> Message:
    """Return the message, its headers validated and its data compared with the digest. Raises InvalidEnvelope."""
    message = _decode(headers or {}, data)
    try:
        own_subject = message.subject
    except ValueError:
        raise InvalidEnvelope(f"{message.type} is not an event type") from None
    if own_subject != subject:
        raise InvalidEnvelope(f"{message.id} was received on {subject}, expected {own_subject}")
    if hashlib.sha256(data).hexdigest() != message.digest:
        raise InvalidEnvelope(f"the data of {message.id} does not match its digest")
    return message


def _decode(wire: Mapping[str, str], data: bytes) -> Message:
    try:
        headers = msgspec.convert(wire, EventHeaders, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidEnvelope(str(error)) from None
    message = Message(
        headers.source.removeprefix("/"), headers.epoch, headers.sequence, headers.previous, headers.type,
        headers.aggregate_type, headers.aggregate, headers.version, unquote(headers.actor), headers.correlation_id,
        unquote(headers.causation_id), headers.recorded_at, headers.effective_on, data, headers.digest,
        headers.traceparent, headers.on_behalf_of and unquote(headers.on_behalf_of),
    )  # fmt: skip
    _validate(message, headers.id)
    return message


def _validate(message: Message, received_id: str) -> None:
    if not _EPOCH.fullmatch(message.epoch) or received_id != message_id(message):
        raise InvalidEnvelope(f"{message.id} has the message id {received_id}")
    if message.previous >= message.sequence:
        raise InvalidEnvelope(f"{message.id} cannot follow {message.previous}")
    if message.type.partition(".")[0] != message.source:
        raise InvalidEnvelope(f"{message.source} cannot publish {message.type}")


def _escape(text: str) -> str:
    """Percent-encode a header value (CloudEvents): printable ASCII stays, except blank, quote and percent."""
    return text if _UNESCAPED.fullmatch(text) else quote(text, safe="!#$&'()*+,/:;<=>?@[\\]^`{|}~")
