"""What a worker tells of itself when something in it has stopped."""

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
from shared.worker.chain_tasks import ChainTask
from shared.worker.status import WorkerStatus


class Lantern(Aggregate):
    @event("Lit")
    def __init__(self, colour: str) -> None:
        self.colour = colour


class Colours(Projection):
    """How many of each; cannot count green ones."""

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


def a_standing(
    street: Street, witness: CheckpointMonitor | None = None, chaining: ChainTask | None = None
) -> WorkerStatus:
    relay = OutboxRelay(street.store, BrokerClient("nats://nowhere", name="street", inbox_prefix="_"))
    chain = street.chain
    return WorkerStatus(
        street, relay, [], chaining or ChainTask(chain, run_inline), witness or CheckpointMonitor(chain.checkpoints)
    )


def test_a_report_that_stopped_is_an_alarm_that_says_why(street: Street) -> None:
    standing = a_standing(street)
    street.lanterns.light("red")
    street.read_models.process_batch()
    assert standing.snapshot()["alarms"] == {}
    street.lanterns.light("green")
    street.read_models.process_batch()
    told = standing.snapshot()
    assert "green cannot be counted" in told["alarms"]["report colours"]
    assert told["reports"] == {"colours": 1}


def test_a_log_that_was_changed_is_an_alarm_its_own_and_that_of_another(street: Street) -> None:
    chaining, witness = ChainTask(street.chain, run_inline), CheckpointMonitor(street.chain.checkpoints)
    standing = a_standing(street, witness, chaining)
    street.lanterns.light("red")
    assert (standing.snapshot()["chained"], standing.snapshot()["alarms"]) == (0, {})
    chaining.failure = "event 1 of street is not what it was"
    witness.failures["avenue"] = "it no longer begins as it did"
    told = standing.snapshot()["alarms"]
    assert told == {"chain": chaining.failure, "log of avenue": witness.failures["avenue"]}
