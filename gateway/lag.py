"""How far everything is, and whether nothing anywhere is behind."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Status = dict[str, Any]
Statuses = Mapping[str, Status | None]


def lag(before: Statuses, now: Statuses) -> dict[str, Any]:
    """What each worker still has to do, from two looks at all of them, one wholly before the other.

    `quiet` is sound: in the second look everybody has done all there was in the first, and no log has grown
    since; whoever could still make news would have had to read something first. Parked messages wait for a
    person, not for the suite: their number is shown and does not count. Nor does the chain, which follows the log
    within a second and changes nothing that is shown. A worker that is silent is `missing`.
    """
    services = {name: _service(status, now) for name, status in now.items() if status is not None}
    missing = sorted(name for name in now if now[name] is None or before[name] is None)
    done = all(_done(part) for part in services.values())
    return {"services": services, "missing": missing, "quiet": not missing and done and _heads(before) == _heads(now)}


def _service(status: Status, everyone: Statuses) -> dict[str, Any]:
    since = status.get("behind_since") or {}
    return {
        "relay": _behind(status["published_head"] - status["relayed"], since.get("relay")),
        "reactors": {
            source: _behind(_unheard(heard, everyone.get(source)), since.get(source))
            for source, heard in status["inbox_positions"].items()
        },
        "reports": {
            name: _behind(status["head"] - position, since.get(name)) for name, position in status["reports"].items()
        },
        "chain": _behind(status["head"] - status.get("chained", 0), since.get("chain")),
        "parked": status["parked"],
        "timers_due": status["timers_due"],
        "alarms": status.get("alarms") or {},
    }


def _unheard(heard: Mapping[str, Any], source: Status | None) -> int | None:
    """None where the source does not say how much there is; of another incarnation nothing was heard."""
    if source is None:
        return None
    same = heard["epoch"] == source["epoch"]
    return int(source["published_head"]) - (int(heard["position"]) if same else 0)


def _behind(events: int | None, since: str | None) -> dict[str, Any]:
    waited = datetime.now(UTC) - datetime.fromisoformat(since) if since and events else None
    return {"events": events, "seconds": round(waited.total_seconds(), 1) if waited else 0.0}


def _done(part: Mapping[str, Any]) -> bool:
    everything = [part["relay"], *part["reactors"].values(), *part["reports"].values()]
    return all(each["events"] == 0 for each in everything) and not part["timers_due"]


def _heads(statuses: Statuses) -> dict[str, tuple[object, ...]]:
    known = {name: status for name, status in statuses.items() if status is not None}
    return {name: (each["epoch"], each["head"], each["published_head"]) for name, each in known.items()}
