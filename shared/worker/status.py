"""Worker status: the position of each part, and since when a part has been behind."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Gauge

from shared import projections
from shared.bus.outbox_relay import OutboxRelay
from shared.bus.subscriber import Subscriber
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.service import Service
from shared.worker.chain_tasks import ChainTask

BEHIND = Gauge("worker_behind", "Events not yet processed, by part.", ("service", "part"))
PARKED = Gauge("worker_parked", "Parked messages, which an operator must handle.", ("service",))


class WorkerStatus:
    """Status of all parts; call `update` every second to record since when a part is behind."""

    def __init__(
        self,
        service: Service,
        relay: OutboxRelay,
        subscriptions: Iterable[Subscriber],
        chaining: ChainTask,
        monitor: CheckpointMonitor,
    ) -> None:
        self._service, self._relay = service, relay
        self._chain_task, self._checkpoint_monitor = chaining, monitor
        self._subscriptions = {each.source: each for each in subscriptions}
        self._behind_since: dict[str, datetime] = {}

    def snapshot(self) -> dict[str, Any]:
        """Return positions in memory; a message without a policy counts as consumed."""
        store, projections = self._service.store, self._service.read_models.status()
        return {
            "service": store.service,
            "epoch": store.epoch,
            "relayed": self._relay.relayed_position,
            "inbox_positions": {source: _position_of(each) for source, each in self._subscriptions.items()},
            "reports": {name: each.position for name, each in projections.items()},
            "chained": self._chain_task.position,
            "published_head": store.published_head(),
            "head": store.head(),
            "parked": len(store.parked_entries()),
            "timers_due": len(store.due_timers(datetime.now(UTC))),
            "behind_since": {name: since.isoformat() for name, since in self._behind_since.items()},
            "alarms": self._failures() | _failed_projections(projections),
        }

    def update(self) -> None:
        """Record what is behind now."""
        snapshot = self.snapshot()
        for name, events in self._behind(snapshot).items():
            BEHIND.labels(snapshot["service"], name).set(events)
            if events > 0:
                self._behind_since.setdefault(name, datetime.now(UTC))
            else:
                self._behind_since.pop(name, None)
        PARKED.labels(snapshot["service"]).set(snapshot["parked"])

    def _behind(self, snapshot: Mapping[str, Any]) -> dict[str, int]:
        projections = {name: snapshot["head"] - position for name, position in snapshot["reports"].items()}
        sources = {
            source: each.source_head - each.subscriber.position.sequence for source, each in self._subscriptions.items()
        }
        chain = snapshot["head"] - snapshot["chained"]
        return {"relay": snapshot["published_head"] - snapshot["relayed"], "chain": chain, **sources, **projections}

    def _failures(self) -> dict[str, str]:
        """Return alarms for an operator, by source; `relay` is the service's own stream, `chain` its own log."""
        refusals = {source: each.refusal_reason for source, each in self._subscriptions.items()}
        refusals |= {"relay": self._relay.refusal_reason, "chain": self._chain_task.failure}
        refusals |= {f"log of {service}": reason for service, reason in self._checkpoint_monitor.failures.items()}
        return {name: reason for name, reason in refusals.items() if reason is not None}


def _failed_projections(projections: Mapping[str, projections.ProjectionStatus]) -> dict[str, str]:
    """Return the projections stopped by an error, each with its error."""
    return {f"report {name}": each.error for name, each in projections.items() if each.error}


def _position_of(subscription: Subscriber) -> dict[str, Any]:
    at = subscription.subscriber.position
    return {"epoch": at.epoch, "position": at.sequence}
