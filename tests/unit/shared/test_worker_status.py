"""Worker status: lists the alarms of parts that have stopped."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from shared.bus.blocking_calls import run_inline
from shared.bus.connection import BrokerClient
from shared.bus.outbox_relay import OutboxRelay
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.commands import Commands
from shared.domain import Aggregate, event
from shared.module import Module
from shared.projections import Projection, Rows, on
from shared.service import Service
from shared.testing.services import open_service
from shared.worker.chain_task import ChainTask
from shared.worker.status import WorkerStatus


class Lantern(Aggregate):
    @event("Lit")
    def __init__(self, colour: str) -> None:
        self.colour = colour


class Colours(Projection):
    """The colours of all lanterns; fails for green ones."""

    version: ClassVar[int] = 1

    @on(Lantern.Lit)
    def lit(self, lit: Lantern.Lit, rows: Rows) -> None:
        if lit.colour == "green":
            raise ArithmeticError("green cannot be counted")
        rows[lit.colour] = {"seen": True}


class Lanterns(Commands):
    def light(self, colour: str) -> None:
        self.uow.save(Lantern(colour))


class Street(Service):
    NAME = "street"
    modules = (Module("lanterns", commands=Lanterns, projections=(Colours,)),)


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    street = open_service(Street, tmp_path)
    yield street
    street.store.close()


def create_status(
    street: Street, monitor: CheckpointMonitor | None = None, chain_task: ChainTask | None = None
) -> WorkerStatus:
    relay = OutboxRelay(street.store, BrokerClient("nats://nowhere", name="street", inbox_prefix="_"))
    chain = street.chain
    return WorkerStatus(
        street, relay, [], chain_task or ChainTask(chain, run_inline), monitor or CheckpointMonitor(chain.checkpoints)
    )


def test_a_stopped_projection_is_an_alarm_with_its_reason(street: Street) -> None:
    status = create_status(street)
    street.lanterns.light("red")
    street.read_models.process_batch()
    assert status.snapshot()["alarms"] == {}
    street.lanterns.light("green")
    street.read_models.process_batch()
    snapshot = status.snapshot()
    assert "green cannot be counted" in snapshot["alarms"]["report colours"]
    assert snapshot["reports"] == {"colours": 1}


def test_a_changed_log_of_this_or_another_service_is_an_alarm(street: Street) -> None:
    chain_task, monitor = ChainTask(street.chain, run_inline), CheckpointMonitor(street.chain.checkpoints)
    status = create_status(street, monitor, chain_task)
    street.lanterns.light("red")
    assert (status.snapshot()["chained"], status.snapshot()["alarms"]) == (0, {})
    chain_task.verify_all()
    street.store._connections.get().execute("UPDATE events SET recorded_at=recorded_at+1")  # type: ignore[attr-defined]
    chain_task.verify_all()
    monitor.failures["avenue"] = "its log no longer extends the last checkpoint"
    alarms = status.snapshot()["alarms"]
    changed = "event 1 of street was changed after it was chained"
    assert alarms == {"chain": changed, "log of avenue": monitor.failures["avenue"]}
