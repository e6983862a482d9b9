"""Worker status: the position of each part, and since when a part has been behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Gauge

from shared.bus.outbox_relay import OutboxRelay
from shared.bus.subscriber import Subscriber
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.projections import ProjectionStatus
from shared.service import Service
from shared.worker.chain_task import ChainTask
from shared.worker.figure_check import FigureCheck
from shared.worker.row_check_task import RowCheckTask

BEHIND = Gauge("sihe_worker_lag_events", "Events not yet processed, by part.", ("service", "part"))
STORE_BYTES = Gauge("sihe_store_bytes", "Size of the event store.", ("service",))
STORE_EVENTS = Gauge("sihe_store_events", "Events in the event store.", ("service",))
PARKED = Gauge("sihe_worker_parked_messages", "Parked messages, which an operator must handle.", ("service",))


@dataclass
class WorkerStatus:
    """Status of a worker's parts; call `update` every second to record since when a part is behind."""

    service: Service
    relay: OutboxRelay
    subscribers: Sequence[Subscriber]
    chain_task: ChainTask
    checkpoint_monitor: CheckpointMonitor
    row_check: RowCheckTask | None = None
    figure_checks: Sequence[FigureCheck] = ()
    _behind_since: dict[str, datetime] = field(default_factory=dict, init=False)

    def snapshot(self) -> dict[str, Any]:
        """Return positions in memory; a message without a policy counts as consumed."""
        store, projections = self.service.store, self.service.read_models.status()
        return {
            "service": store.service,
            "epoch": store.epoch,
            "relayed": self.relay.relayed_position,
            "inbox_positions": {each.source: _position_of(each) for each in self.subscribers},
            "reports": {name: each.position for name, each in projections.items()},
            "chained": self.chain_task.position,
            "published_head": store.published_head(),
            "head": store.head(),
            "parked": store.parked_count()[1],
            "timers_due": store.count_due_timers(datetime.now(UTC)),
            "behind_since": {name: since.isoformat() for name, since in self._behind_since.items()},
            "alarms": self._failures(projections),
        }

    def measure(self) -> None:
        """Measure what takes too long for every second."""
        store = self.service.store
        STORE_BYTES.labels(store.service).set(store.size_bytes())
        STORE_EVENTS.labels(store.service).set(store.head())

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
        sources = {each.source: each.source_head - each.inbox.position.sequence for each in self.subscribers}
        chain = snapshot["head"] - snapshot["chained"]
        return {"relay": snapshot["published_head"] - snapshot["relayed"], "chain": chain, **sources, **projections}

    def _failures(self, projections: Mapping[str, ProjectionStatus]) -> dict[str, str]:
        """Return alarms for an operator, by source; `relay` is the service's own stream, `chain` its own log."""
        refusals = {each.source: each.refusal_reason for each in self.subscribers}
        refusals |= {"relay": self.relay.refusal_reason, "chain": self.chain_task.failure}
        refusals |= {"rows": self.row_check.failure if self.row_check else None}
        refusals |= {f"figures {each.name}": each.failure for each in self.figure_checks}
        refusals |= {f"report {name}": each.error for name, each in projections.items()}
        refusals |= {f"log of {service}": reason for service, reason in self.checkpoint_monitor.failures.items()}
        return {name: reason for name, reason in refusals.items() if reason is not None}


def _position_of(subscriber: Subscriber) -> dict[str, Any]:
    at = subscriber.inbox.position
    return {"epoch": at.epoch, "position": at.sequence}
