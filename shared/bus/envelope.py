"""A message on the wire: CloudEvents 1.0, binary mode, in NATS headers."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from urllib.parse import quote, unquote
from uuid import UUID

from shared.message import Message

LONGEST = 512
HIGHEST = 2**63 - 1

_PLAIN = re.compile(r"[!#$&-~]+")
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2}\.v[1-9][0-9]*")
_EPOCH = re.compile(r"[0-9a-f]{16}")
_COUNT = re.compile(r"0|[1-9][0-9]{0,18}")


class Unreadable(Exception):
    """These headers are not those of a published event: foreign, damaged or forged."""


class Altered(Unreadable):
    """The data is not what its digest says."""


def message_id(message: Message) -> str:
    """`<epoch>-<sequence>`: what the broker knows the message by."""
    return f"{message.epoch}-{message.sequence}"


def headers(message: Message) -> dict[str, str]:
    """What surrounds `message.data` on the wire."""
    name = message_id(message)
    wire = {
        "ce-specversion": "1.0",
        "ce-id": name,
        "ce-source": f"/{message.source}",
        "ce-type": message.type,
        "ce-subject": str(message.aggregate),
        "ce-time": message.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce-sequence": str(message.sequence),
        "ce-prevsequence": str(message.previous),
        "ce-epoch": message.epoch,
        "ce-aggregatetype": message.aggregate_type,
        "ce-aggregateversion": str(message.version),
        "ce-effectiveon": message.effective_on.isoformat(),
        "ce-correlationid": str(message.correlation),
        "ce-causationid": _escaped(message.causation),
        "ce-actor": _escaped(message.actor),
        "ce-digest": message.digest,
        "content-type": "application/json",
    }
    if message.traceparent:
        wire["traceparent"] = _escaped(message.traceparent)
    return wire


def read(subject: str, wire: Mapping[str, str] | None, data: bytes) -> Message:
    """The message back, every header judged, the data compared with its digest.

    Raises Unreadable, or Altered where only the data is wrong.
    """
    message = _read(wire or {}, data)
    if message.subject != subject:
        raise Unreadable(f"{message.id} came on {subject[:LONGEST]!r}")
    if hashlib.sha256(data).hexdigest() != message.digest:
        raise Altered(f"the data of {message.id} is not what its digest says")
    return message


def _read(wire: Mapping[str, str], data: bytes) -> Message:
    try:
        message = Message(
            source=wire["ce-source"].removeprefix("/"),
            epoch=_matching(_EPOCH, wire["ce-epoch"]),
            sequence=_count(wire["ce-sequence"]),
            previous=_count(wire["ce-prevsequence"]),
            type=_matching(_TYPE, wire["ce-type"]),
            aggregate_type=_short(wire["ce-aggregatetype"]),
            aggregate=_id(wire["ce-subject"]),
            version=_count(wire["ce-aggregateversion"]),
            actor=unquote(_short(wire["ce-actor"]), errors="strict"),
            correlation=_id(wire["ce-correlationid"]),
            causation=unquote(_short(wire["ce-causationid"]), errors="strict"),
            recorded_at=_instant(wire["ce-time"]),
            effective_on=date.fromisoformat(wire["ce-effectiveon"]),
            data=data,
            digest=wire["ce-digest"],
            traceparent=wire.get("traceparent"),
        )
    except KeyError as missing:
        raise Unreadable(f"no header {missing}") from None
    except ValueError as odd:
        raise Unreadable(str(odd)[:LONGEST]) from None
    _judge(message, wire)
    return message


def _judge(message: Message, wire: Mapping[str, str]) -> None:
    if wire.get("ce-specversion") != "1.0":
        raise Unreadable("not CloudEvents 1.0")
    if wire.get("ce-id") != message_id(message):
        raise Unreadable(f"{message.id} is called {wire.get('ce-id', '')[:LONGEST]!r}")
    if message.previous >= message.sequence:
        raise Unreadable(f"{message.id} claims to follow {message.previous}")
    if message.type.partition(".")[0] != message.source:
        raise Unreadable(f"{message.source[:LONGEST]!r} cannot say {message.type}")


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if len(text) > LONGEST or not pattern.fullmatch(text):
        raise ValueError(f"{text[:LONGEST]!r} is out of form")
    return text


def _count(text: str) -> int:
    number = int(_matching(_COUNT, text))
    if number > HIGHEST:
        raise ValueError(f"{text} is too high")
    return number


def _id(text: str) -> UUID:
    found = UUID(text[:LONGEST])
    if str(found) != text:
        raise ValueError(f"{text[:LONGEST]!r} is not the one spelling of an id")
    return found


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text[:LONGEST])
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return instant.astimezone(UTC)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError("a header is too long")
    return text


def _escaped(text: str) -> str:
    """As CloudEvents wants header values: printable ASCII stays, but for blank, quote and percent."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="!#$&'()*+,/:;<=>?@[\\]^`{|}~")
