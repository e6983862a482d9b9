"""A message on the wire: CloudEvents 1.0, binary mode, in NATS headers."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC
from operator import itemgetter
from urllib.parse import quote, unquote

import msgspec

from shared.message import Message

_HEADERS = {
    "source": "ce-source",
    "type": "ce-type",
    "aggregate": "ce-subject",
    "recorded_at": "ce-time",
    "sequence": "ce-sequence",
    "previous": "ce-prevsequence",
    "epoch": "ce-epoch",
    "aggregate_type": "ce-aggregatetype",
    "version": "ce-aggregateversion",
    "effective_on": "ce-effectiveon",
    "correlation": "ce-correlationid",
    "causation": "ce-causationid",
    "actor": "ce-actor",
    "digest": "ce-digest",
}
_FIELDS = tuple(_HEADERS)
_values_of = itemgetter(*_HEADERS.values())
_PLAIN = re.compile(r"[!#$&-~]+")
_EPOCH = re.compile(r"[0-9a-f]{16}")


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
        f"ce-correlationid: {message.correlation}\r\n"
        f"ce-causationid: {_escaped(message.causation)}\r\n"
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
        told = dict(zip(_FIELDS, _values_of(wire), strict=True))
        told |= {"actor": unquote(told["actor"]), "causation": unquote(told["causation"])}
        source = told["source"].removeprefix("/")
        behalf = wire.get("ce-onbehalfof")
        content = {**told, "source": source, "data": data, "traceparent": wire.get("traceparent")}
        content["on_behalf_of"] = behalf and unquote(behalf)
        message = msgspec.convert(content, Message, strict=False)
    except KeyError as missing:
        raise Unreadable(f"no header {missing}") from None
    except msgspec.ValidationError as odd:
        raise Unreadable(str(odd)) from None
    _judge(message, wire)
    return message


def _judge(message: Message, wire: Mapping[str, str]) -> None:
    if wire.get("ce-specversion") != "1.0":
        raise Unreadable("not CloudEvents 1.0")
    if not _EPOCH.fullmatch(message.epoch) or wire.get("ce-id") != message_id(message):
        raise Unreadable(f"{message.id} is called {wire.get('ce-id')}")
    if not 0 <= message.previous < message.sequence:
        raise Unreadable(f"{message.id} claims to follow {message.previous}")
    if message.recorded_at.tzinfo is None:
        raise Unreadable(f"the time of {message.id} has no zone")
    if message.type.partition(".")[0] != message.source:
        raise Unreadable(f"{message.source} cannot say {message.type}")


def _escaped(text: str) -> str:
    """As CloudEvents wants header values: printable ASCII stays, but for blank, quote and percent."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="!#$&'()*+,/:;<=>?@[\\]^`{|}~")
