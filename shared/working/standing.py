"""How far a worker is with everything, and since when it has been behind with any of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Gauge

from shared import report
from shared.bus.reactor import Reactor
from shared.bus.relay import Relay
from shared.chain.witness import Witness
from shared.service import Service
from shared.working.chaining import Chaining

BEHIND = Gauge("worker_behind", "Events still to be done, by part.", ("service", "part"))
PARKED = Gauge("worker_parked", "Messages that wait for a person.", ("service",))


class Standing:
    """Read it at any time; `look` every second, so that it knows since when."""

    def __init__(
        self, service: Service, relay: Relay, reactors: Iterable[Reactor], chaining: Chaining, witness: Witness
    ) -> None:
        self._service, self._relay = service, relay
        self._chaining, self._witness = chaining, witness
        self._reactors = {each.source: each for each in reactors}
        self._since: dict[str, datetime] = {}

    def told(self) -> dict[str, Any]:
        """Positions in memory: what was heard and concerned nobody counts as heard."""
        store, reports = self._service.store, self._service.read_models.status()
        return {
            "service": store.service,
            "epoch": store.epoch,
            "relayed": self._relay.relayed,
            "inbox_positions": {source: _position(each) for source, each in self._reactors.items()},
            "reports": {name: report.position for name, report in reports.items()},
            "chained": self._chaining.position,
            "published_head": store.published_head(),
            "head": store.head(),
            "parked": len(store.parked()),
            "timers_due": len(store.due(datetime.now(UTC))),
            "behind_since": {name: since.isoformat() for name, since in self._since.items()},
            "alarms": self._refused() | _stopped(reports),
        }

    def look(self) -> None:
        """Note what is behind now."""
        told = self.told()
        for name, events in self._behind(told).items():
            BEHIND.labels(told["service"], name).set(events)
            if events > 0:
                self._since.setdefault(name, datetime.now(UTC))
            else:
                self._since.pop(name, None)
        PARKED.labels(told["service"]).set(told["parked"])

    def _behind(self, told: Mapping[str, Any]) -> dict[str, int]:
        reports = {name: told["head"] - position for name, position in told["reports"].items()}
        heard = {source: each.announced_head - each.ear.position.sequence for source, each in self._reactors.items()}
        chain = told["head"] - told["chained"]
        return {"relay": told["published_head"] - told["relayed"], "chain": chain, **heard, **reports}

    def _refused(self) -> dict[str, str]:
        """Alarms: what a person must look at, by source; `relay` is the service's own stream, `chain` its own log."""
        refusals = {source: each.refused for source, each in self._reactors.items()}
        refusals |= {"relay": self._relay.refused, "chain": self._chaining.refused}
        refusals |= {f"log of {service}": reason for service, reason in self._witness.refused.items()}
        return {name: reason for name, reason in refusals.items() if reason is not None}


def _stopped(reports: Mapping[str, report.Standing]) -> dict[str, str]:
    """Reports that go no further because of an error, each with what stopped it."""
    return {f"report {name}": each.trouble for name, each in reports.items() if each.trouble}


def _position(reactor: Reactor) -> dict[str, Any]:
    at = reactor.ear.position
    return {"epoch": at.epoch, "position": at.sequence}
