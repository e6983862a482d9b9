"""Progress of all workers, and whether any work is pending in the suite."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.fields import describe_field, words_for
from shared.openapi.shapes import COUNT, FLAG, TEXT, Doc, list_schema, map_schema, nullable, object_schema

_BACKLOG: Doc = object_schema(
    {
        "events": {
            **nullable({"type": "integer"}),
            "description": "Null if the source does not answer.",
        },
        "seconds": {"type": "number", "description": "For how long the first of them has waited."},
    }
)
_ALARMS: Doc = map_schema(TEXT, "What an operator must look at, by its source.")
_SERVICE_LAG: Doc = object_schema(
    {
        "relay": _BACKLOG,
        "reactors": map_schema(_BACKLOG, "Events of other services not yet applied, by service."),
        "reports": map_schema(_BACKLOG, "Events not yet in a projection, by projection."),
        "chain": {**_BACKLOG, **describe_field(words_for(__name__), "chain", "Lag")},
        "parked": COUNT,
        "timers_due": COUNT,
        "alarms": _ALARMS,
    }
)
LAG: Doc = object_schema(
    {
        "services": map_schema(_SERVICE_LAG, "The pending work of each service that answers."),
        "missing": {**list_schema(TEXT), "description": "The services whose worker does not answer."},
        "idle": FLAG,
        "quiet": {**FLAG, "description": "The same as `idle`."},
        "gateway": object_schema({"alarms": _ALARMS}),
    }
)
"""The schema of what the gateway answers: `lag` and its own alarms."""

Status = dict[str, Any]
Statuses = Mapping[str, Status | None]


def lag(earlier: Statuses, current: Statuses) -> dict[str, Any]:
    """Return the pending work of each worker, from two samples of all workers, one completed before the other starts.

    `idle` (alias `quiet`) is exact: in the second sample all workers have processed all events, and no log has grown
    between the samples; a new event could only follow from an unprocessed one. Parked messages wait for an
    operator: their number is shown and does not count. The hash chain does not count either: it follows the log
    within a second and changes no view. A worker that does not answer is `missing`.
    """
    services = {name: _service_lag(status, current) for name, status in current.items() if status is not None}
    missing = sorted(name for name in current if current[name] is None or earlier[name] is None)
    done = all(_is_idle(part) for part in services.values())
    idle = not missing and done and _heads(earlier) == _heads(current)
    return {"services": services, "missing": missing, "idle": idle, "quiet": idle}


def _service_lag(status: Status, statuses: Statuses) -> dict[str, Any]:
    since = status.get("behind_since") or {}
    return {
        "relay": _backlog(status["published_head"] - status["relayed"], since.get("relay")),
        "reactors": {
            source: _backlog(_pending_events(processed, statuses.get(source)), since.get(source))
            for source, processed in status["inbox_positions"].items()
        },
        "reports": {
            name: _backlog(status["head"] - position, since.get(name)) for name, position in status["reports"].items()
        },
        "chain": _backlog(status["head"] - status.get("chained", 0), since.get("chain")),
        "parked": status["parked"],
        "timers_due": status["timers_due"],
        "alarms": status.get("alarms") or {},
    }


def _pending_events(processed: Mapping[str, Any], source: Status | None) -> int | None:
    """None if the source does not answer; events of another epoch count as not processed."""
    if source is None:
        return None
    is_same_epoch = processed["epoch"] == source["epoch"]
    return int(source["published_head"]) - (int(processed["position"]) if is_same_epoch else 0)


def _backlog(events: int | None, since: str | None) -> dict[str, Any]:
    waited = datetime.now(UTC) - datetime.fromisoformat(since) if since and events else None
    return {"events": events, "seconds": round(waited.total_seconds(), 1) if waited else 0.0}


def _is_idle(backlog: Mapping[str, Any]) -> bool:
    everything = [backlog["relay"], *backlog["reactors"].values(), *backlog["reports"].values()]
    return all(each["events"] == 0 for each in everything) and not backlog["timers_due"]


def _heads(statuses: Statuses) -> dict[str, tuple[object, ...]]:
    known = {name: status for name, status in statuses.items() if status is not None}
    return {name: (each["epoch"], each["head"], each["published_head"]) for name, each in known.items()}
