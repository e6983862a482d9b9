"""A thing as it was: folded from the log by the service's own code, up to a version, a position or an instant."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from shared.domain import NAMES, Aggregate, NotFound, Personal
from shared.events import fold
from shared.money import Money
from shared.store import Recorded, Store
from shared.web import fields
from shared.web.audit import Moment
from shared.web.problems import wrong
from shared.web.schema import Schema

WHEN = ("version", "position", "at")
PLAIN = (str, bytes, int, Decimal, date, UUID, Money, Enum)
OF_THE_HOUSE = frozenset({"story", "position", "_id", "_version", "_created_on", "_modified_on", "_pending_events"})
"""What every aggregate keeps; told beside its state or not at all."""


class PastQuery(Schema):
    """When: not more than one of them. `at` is a recorded time, included."""

    version = fields.Whole(min=1, load_default=None)
    position = fields.Whole(load_default=None)
    at = Moment(load_default=None)


def as_of(store: Store, aggregate_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """The thing with all it remembers, personal fields masked. Raises NotFound where nothing had happened to it yet."""
    given = [name for name in WHEN if asked[name] is not None]
    if len(given) > 1:
        raise wrong(f"/{given[1]}", "given_twice", f"give one of {', '.join(WHEN)}")
    recorded = [each for each in store.events(aggregate_id) if _happened_by_then(each, asked)]
    if not recorded or (asked["version"] or 0) > recorded[-1].version:
        raise NotFound("thing that was there then with the id", aggregate_id)
    last, kind = recorded[-1], recorded[0].type.rpartition(".")[0]
    thing: Any = fold(NAMES.get(kind, Aggregate), recorded)
    return {
        "id": aggregate_id,
        "aggregate_type": kind,
        "version": last.version,
        "position": last.position,
        "recorded_at": last.recorded_at,
        "state": _remembered(thing) | _follows(thing),
    }


def _happened_by_then(recorded: Recorded, asked: Mapping[str, Any]) -> bool:
    at: datetime | None = asked["at"]
    return (
        recorded.version <= (asked["version"] or recorded.version)
        and (asked["position"] is None or recorded.position <= asked["position"])
        and (at is None or recorded.recorded_at <= at)
    )


def _remembered(thing: Any) -> dict[str, Any]:
    """What an object keeps, under the names its code gives it."""
    return {name.lstrip("_"): masked(value) for name, value in vars(thing).items() if name not in OF_THE_HOUSE}


def _follows(thing: Any) -> dict[str, Any]:
    """What follows from what the thing remembers, as its own code sees it: its status, its total. Not what it lacks."""
    told = {}
    for name, each in vars(type(thing)).items():
        if isinstance(each, property) and not name.startswith("_"):
            with suppress(Exception):
                told[name] = masked(getattr(thing, name))
    return told


def masked(value: Any) -> Any:
    """Plain values all the way down; of a personal field only whose it is."""
    if isinstance(value, Personal):
        return {"masked": value.subject}
    if isinstance(value, Mapping):
        return {str(name): masked(each) for name, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(map(masked, value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, PLAIN):
        return [masked(each) for each in value]
    return value if value is None or isinstance(value, PLAIN) else _remembered(value)
