"""The event log for auditors: every stored event as one line, as it was stored, the same at each call."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import msgspec

from shared import codec
from shared.chain import Broken, Chain
from shared.domain import Meta
from shared.message import event_id
from shared.store import Recorded, Store
from shared.store.sql import to_micros
from shared.web import fields, texts
from shared.web.schema import Schema

MOST_LINES = 1_000
MOST_LOOKED_AT = 20_000
CHUNK = 500

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Moment(fields.Spelled):
    """An instant, or the beginning of a day (UTC)."""

    shape = fields.Instant.shape

    def _read(self, text: str) -> datetime:
        return texts.instant(text) if "T" in text else datetime.combine(texts.day(text), time(tzinfo=UTC))


class AuditQuery(Schema):
    """What an auditor asks for: `from` (included) and `to` (not) are recorded times."""

    after = fields.Whole(load_default=0)
    limit = fields.Whole(min=1, max=MOST_LINES, load_default=MOST_LINES)
    type = fields.Text(load_default=None)
    aggregate = fields.Id(load_default=None)
    actor = fields.Text(load_default=None)
    correlation = fields.Id(load_default=None)
    since = Moment(data_key="from", load_default=None)
    until = Moment(data_key="to", load_default=None)


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, and the position to go on after, where there may be more."""

    lines: Sequence[bytes]
    next_after: int | None


def page(store: Store, chain: Chain, asked: dict[str, Any]) -> Page:
    """The lines after a position. A page may be short where few events match; `next_after` then still leads on."""
    lines: list[dict[str, Any]] = []
    head, more = store.head(), None
    for looked_at, each in enumerate(_recorded(store, asked, head), 1):
        if asked["until"] and each.recorded_at >= asked["until"]:
            break
        if _concerns(each, asked):
            lines.extend(_line(store, each, asked))
        if len(lines) == asked["limit"] or looked_at == MOST_LOOKED_AT:
            more = each.position if each.position < head else None
            break
    hashes = chained(chain, [line["position"] for line in lines])
    return Page([codec.encode(line | {"chain": hashes.get(line["position"])}) for line in lines], more)


def stored(store: Store, chain: Chain, after: int, limit: int) -> Page:
    """The log itself, a line each: every column, the state as it stands there, and the hash in the chain."""
    recorded = store.log(after, limit)
    hashes = chained(chain, [each.position for each in recorded])
    more = recorded[-1].position if len(recorded) == limit else None
    return Page([codec.encode(_as_stored(each, hashes)) for each in recorded], more)


def _as_stored(recorded: Recorded, hashes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "position": recorded.position,
        "aggregate": recorded.aggregate,
        "version": recorded.version,
        "type": recorded.type,
        "recorded_at_us": to_micros(recorded.recorded_at),
        "state": recorded.state.decode(errors="replace"),
        "chain": hashes.get(recorded.position),
    }


def chained(chain: Chain, positions: Sequence[int]) -> dict[int, str]:
    """The hashes of these events in hex, chained now if they were not yet; of a broken log, as far as it goes."""
    with suppress(Broken):
        chain.complete()
    return {position: hashed.hex() for position, hashed in chain.hashes(positions).items()}


def _recorded(store: Store, asked: dict[str, Any], head: int) -> Iterator[Recorded]:
    after: int = asked["after"]
    if asked["aggregate"]:
        yield from (each for each in store.events(asked["aggregate"], 0, head) if each.position > after)
        return
    if asked["since"]:
        after = max(after, _before(store, asked["since"], head))
    if asked["correlation"]:
        while recorded := store.story(asked["correlation"], after, CHUNK, head):
            yield from recorded
            after = recorded[-1].position
        return
    types = asked["type"].split(",") if asked["type"] else None
    while recorded := store.log(after, CHUNK, types, head):
        yield from recorded
        after = recorded[-1].position


def _before(store: Store, since: datetime, head: int) -> int:
    """The last position recorded before this instant: recorded times never go back, so it is found by halving."""
    return bisect_left(range(1, head + 1), since, key=lambda position: store.log(position - 1, 1)[0].recorded_at)


def _concerns(recorded: Recorded, asked: dict[str, Any]) -> bool:
    """Whether it may be one of those asked for, judged without reading its content."""
    if asked["since"] and recorded.recorded_at < asked["since"]:
        return False
    if asked["type"] and recorded.type not in asked["type"].split(","):
        return False
    return asked["correlation"] is None or str(asked["correlation"]).encode() in recorded.state


def _line(store: Store, recorded: Recorded, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The event as a line, if its actor and its story are those asked for."""
    data = _members.decode(recorded.state)
    meta = codec.decode(bytes(data.pop("meta")), Meta)
    if asked["actor"] not in (None, meta.actor) or asked["correlation"] not in (None, meta.correlation_id):
        return
    yield {
        "position": recorded.position,
        "id": event_id(store.service, store.epoch, recorded.position),
        "type": recorded.type,
        "aggregate": recorded.aggregate,
        "aggregate_type": recorded.type.rpartition(".")[0],
        "version": recorded.version,
        "recorded_at": recorded.recorded_at,
        "effective_on": meta.effective_on,
        "actor": meta.actor,
        "on_behalf_of": meta.on_behalf_of,
        "correlation": meta.correlation_id,
        "causation": meta.causation_id,
        "follows": meta.preceding_event_id,
        "digest": codec.digest(recorded.state),
        "chain": None,
        "data": data,
    }
