"""What a worker tells of itself when something in it has stopped."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from shared.bus.connection import Bus
from shared.bus.inline import inline
from shared.bus.relay import Relay
from shared.chain.witness import Witness
from shared.domain import Aggregate, event
from shared.policy import Policies, Published
from shared.report import Report, Rows, on
from shared.service import Service
from shared.testing.services import opened
from shared.working.chaining import Chaining
from shared.working.standing import Standing


class Lantern(Aggregate):
    @event("Lit")
    def __init__(self, colour: str) -> None:
        self.colour = colour


class Colours(Report):
    """How many of each; cannot count green ones."""

    version: ClassVar[int] = 1

    @on(Lantern.Lit)
    def lit(self, lit: Lantern.Lit, rows: Rows) -> None:
        if lit.colour == "green":
            raise ArithmeticError("green cannot be counted")
        rows[lit.colour] = {"seen": True}


class Street(Service):
    NAME = "street"
    policies = Policies()
    published = Published()
    reports = (Colours,)

    def light(self, colour: str) -> None:
        self.save(Lantern(colour))


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    street = opened(Street, tmp_path)
    yield street
    street.store.close()


def a_standing(street: Street, witness: Witness | None = None, chaining: Chaining | None = None) -> Standing:
    relay = Relay(street.store, Bus("nats://nowhere", name="street", inbox_prefix="_"))
    chain = street.chain
    return Standing(street, relay, [], chaining or Chaining(chain, inline), witness or Witness(chain.kept))


def test_a_report_that_stopped_is_an_alarm_that_says_why(street: Street) -> None:
    standing = a_standing(street)
    street.light("red")
    street.read_models.advance()
    assert standing.told()["alarms"] == {}
    street.light("green")
    street.read_models.advance()
    told = standing.told()
    assert "green cannot be counted" in told["alarms"]["report colours"]
    assert told["reports"] == {"colours": 1}


def test_a_log_that_was_changed_is_an_alarm_its_own_and_that_of_another(street: Street) -> None:
    chaining, witness = Chaining(street.chain, inline), Witness(street.chain.kept)
    standing = a_standing(street, witness, chaining)
    street.light("red")
    assert (standing.told()["chained"], standing.told()["alarms"]) == (0, {})
    chaining.refused = "event 1 of street is not what it was"
    witness.refused["avenue"] = "it no longer begins as it did"
    told = standing.told()["alarms"]
    assert told == {"chain": chaining.refused, "log of avenue": witness.refused["avenue"]}
