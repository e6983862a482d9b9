"""Event log for auditors: every stored event as one line, as stored and the same at each call."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import msgspec

from shared import codec, texts
from shared.chain import ChainBroken, HashChain
from shared.domain import EventMetadata
from shared.message import event_id
from shared.openapi.shapes import COUNT, DAY, ID, INSTANT, TEXT, Doc, map_schema, nullable, object_schema
from shared.store import RecordedEvent
from shared.store.event_store import EventStore
from shared.store.sql import to_micros
from shared.web import fields
from shared.web.schema import Schema

STORED_LINE: Doc = object_schema(
    {
        "position": COUNT, "aggregate": ID, "version": COUNT, "type": TEXT, "recorded_at_us": COUNT, "state": TEXT,
        "published": TEXT, "chain": nullable(TEXT),
    }
)  # fmt: skip
AUDIT_LINE: Doc = object_schema(
    {
        "position": COUNT, "id": TEXT, "type": TEXT, "aggregate": ID, "aggregate_type": TEXT, "version": COUNT,
        "recorded_at": INSTANT, "effective_on": DAY, "actor": TEXT, "on_behalf_of": nullable(TEXT),
        "correlation": ID, "causation": TEXT, "follows": nullable(TEXT), "request": nullable(TEXT),
        "digest": TEXT, "chain": nullable(TEXT), "data": map_schema({}, "The members of the event, by name."),
    }
)  # fmt: skip
"""The schemas of a line of the log as stored, and of one for auditors."""

MAX_LINES = 1_000
MAX_SCANNED = 20_000
CHUNK_SIZE = 500

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class InstantOrDay(fields.BaseTextField):
    """Field for an instant or a day, read as the day's beginning (UTC)."""

    shape = fields.Instant.shape

    def _parse(self, text: str) -> datetime:
        return texts.parse_instant(text) if "T" in text else datetime.combine(texts.parse_date(text), time(tzinfo=UTC))


class AuditQuery(Schema):
    """Query of the audit log: page and filters; `from` (inclusive) and `to` (exclusive) are recorded times."""

    after = fields.WholeNumberParameter(load_default=0)
    limit = fields.WholeNumberParameter(min=1, max=MAX_LINES, load_default=MAX_LINES)
    type = fields.Text(load_default=None)
    aggregate = fields.Id(load_default=None)
    actor = fields.Text(load_default=None)
    correlation = fields.Id(load_default=None)
    since = InstantOrDay(data_key="from", load_default=None)
    until = InstantOrDay(data_key="to", load_default=None)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the audit log: lines, and the position after which the next page starts, if there may be more."""

    lines: Sequence[bytes]
    next_after: int | None


def audit_page(
    store: EventStore,
    chain: HashChain,
    query: dict[str, Any],
    is_readable: Callable[[RecordedEvent], bool] = lambda _: True,
) -> AuditPage:
    """Return a page of the audit log: the lines after a position that match; a short one has `next_after`, too.

    Without the events that the caller may not read.
    """
    lines: list[dict[str, Any]] = []
    head, more = store.head(), None
    for scanned, each in enumerate(_matching_events(store, query, head), 1):
        if query["until"] and each.recorded_at >= query["until"]:
            break
        if is_readable(each) and _may_match(each, query):
            lines.extend(_audit_lines(store, each, query))
        if len(lines) == query["limit"] or scanned == MAX_SCANNED:
            more = each.position if each.position < head else None
            break
    hashes = _chain_hashes(chain, [line["position"] for line in lines])
    return AuditPage([codec.encode(line | {"chain": hashes.get(line["position"])}) for line in lines], more)


def raw_log_page(store: EventStore, chain: HashChain, after: int, limit: int) -> AuditPage:
    """Return a page of the log as stored, one line per event: every column, the state, and the hash in the chain."""
    recorded = store.log_as_stored(after, limit)
    hashes = _chain_hashes(chain, [each.position for each in recorded])
    more = recorded[-1].position if len(recorded) == limit else None
    return AuditPage([codec.encode(_stored_line(each, hashes)) for each in recorded], more)


def _stored_line(recorded: RecordedEvent, hashes: Mapping[int, str]) -> dict[str, Any]:
    return {
        "position": recorded.position,
        "aggregate": recorded.aggregate,
        "version": recorded.version,
        "type": recorded.type,
        "recorded_at_us": to_micros(recorded.recorded_at),
        "state": recorded.state.decode(errors="replace"),
        "published": recorded.published_digest.hex(),
        "chain": hashes.get(recorded.position),
    }


def _chain_hashes(chain: HashChain, positions: Sequence[int]) -> dict[int, str]:
    """Return the chain hashes at these positions in hex, extending the chain first; if it is broken, those it has."""
    with suppress(ChainBroken):
        chain.extend_to_end()
    return {position: hashed.hex() for position, hashed in chain.hashes(positions).items()}


def _matching_events(store: EventStore, query: dict[str, Any], head: int) -> Iterator[RecordedEvent]:
    after: int = query["after"]
    if query["aggregate"]:
        yield from (each for each in store.events_as_stored(query["aggregate"], 0, head) if each.position > after)
        return
    if query["since"]:
        after = max(after, _last_position_before(store, query["since"], head))
    if query["correlation"]:
        while recorded := store.correlated_events(query["correlation"], after, CHUNK_SIZE, head):
            yield from recorded
            after = recorded[-1].position
        return
    types = query["type"].split(",") if query["type"] else None
    while recorded := store.log_as_stored(after, CHUNK_SIZE, types, head):
        yield from recorded
        after = recorded[-1].position


def _last_position_before(store: EventStore, since: datetime, head: int) -> int:
    """Return the last position recorded before this instant, by binary search: recorded times never decrease."""
    return bisect_left(range(1, head + 1), since, key=store.recorded_at)


def _may_match(recorded: RecordedEvent, query: dict[str, Any]) -> bool:
    """Return whether the event may match the query, without decoding its content."""
    if query["since"] and recorded.recorded_at < query["since"]:
        return False
    if query["type"] and recorded.type not in query["type"].split(","):
        return False
    return query["correlation"] is None or str(query["correlation"]).encode() in recorded.state


def _audit_lines(store: EventStore, recorded: RecordedEvent, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the event as a line if its actor and correlation match the query."""
    data = _members.decode(recorded.state)
    meta = codec.decode(bytes(data.pop("meta")), EventMetadata)
    if query["actor"] not in (None, meta.actor) or query["correlation"] not in (None, meta.correlation_id):
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
        "request": meta.request,
        "digest": codec.digest(recorded.state),
        "chain": None,
        "data": data,
    }
