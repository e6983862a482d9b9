"""Invariants that hold after every fault, read from the four stores."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from cli.audit import compare_all
from cli.client import Client
from cli.export import export_documents, write
from cli.verify import verify
from shared import codec
from shared.config import SERVICES
from tests.faults.trade import RetryingClient
from tests.running_suite import ADMIN_KEY, RunningSuite


@dataclass(frozen=True)
class Event:
    """One stored event in the form of the audit export."""

    position: int
    aggregate: str
    version: int
    type: str
    recorded_at: int
    causation: str


def log(home: Path, service: str) -> list[Event]:
    """Return the whole log of one service, opened read-only."""
    with sqlite3.connect(f"file:{home / service / 'events.db'}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT position, aggregate, version, type, recorded_at, state FROM events ORDER BY position")
        return [
            Event(at, str(UUID(bytes=key)), version, kind, micros, codec.decode_untyped(state)["meta"]["causation_id"])
            for at, key, version, kind, micros, state in rows
        ]


def sizes(home: Path) -> dict[str, int]:
    """Return the number of events in each store."""
    return {service: len(log(home, service)) for service in SERVICES}


def check_all(suite: RunningSuite, trader: RetryingClient) -> None:
    """Wait until idle; check that no event is lost, repeated or out of order and that ledger and read models agree."""
    suite.wait_until_idle()
    logs = {service: log(suite.home, service) for service in SERVICES}
    check_accepted_commands(logs, trader)
    for service, events in logs.items():
        check_aggregate_order(service, events)
        check_effects(service, events, logs)
    check_inbox_positions(suite)
    check_read_models(suite)
    check_ledger_balance(suite)
    check_history(suite)


def check_accepted_commands(logs: dict[str, list[Event]], trader: RetryingClient) -> None:
    known = {(service, event.aggregate) for service, events in logs.items() for event in events}
    lost = [each for each in trader.accepted if each not in known]
    assert not lost


def check_aggregate_order(service: str, events: list[Event]) -> None:
    assert [event.position for event in events] == list(range(1, len(events) + 1)), service
    assert all(earlier.recorded_at <= later.recorded_at for earlier, later in pairwise(events)), service
    versions: dict[str, int] = defaultdict(int)
    for event in events:
        versions[event.aggregate] += 1
        assert event.version == versions[event.aggregate], (service, event)


def check_effects(service: str, events: list[Event], logs: dict[str, list[Event]]) -> None:
    """Check that each message has one transaction of effects, a stored cause, and the order of its aggregate."""
    times_of_effects: dict[str, set[int]] = defaultdict(set)
    consumed: dict[str, list[int]] = defaultdict(list)
    for event in events:
        for source, position in _cause(event):
            assert position <= len(logs[source]), f"{service} consumed what {source} never published: {event}"
            times_of_effects[event.causation].add(event.recorded_at)
            consumed[logs[source][position - 1].aggregate].append(position)
    assert [cause for cause, at in times_of_effects.items() if len(at) > 1] == [], service
    assert [key for key, positions in consumed.items() if positions != sorted(positions)] == [], service


def _cause(event: Event) -> Iterator[tuple[str, int]]:
    kind, _, rest = event.causation.partition(":")
    if kind in SERVICES and not event.type.startswith("shared."):
        yield kind, int(rest.partition("-")[2])


def check_inbox_positions(suite: RunningSuite) -> None:
    for service, backlog in suite.lag()["services"].items():
        for source, behind in backlog["reactors"].items():
            assert behind["events"] == 0, f"{service} is behind {source}"
        assert backlog["parked"] == 0, service


def check_read_models(suite: RunningSuite) -> None:
    for comparison in compare_all(suite.home):
        assert comparison.is_equal, comparison


def check_history(suite: RunningSuite) -> None:
    """Check the chain of every whole log, and the checkpoints that the services hold of each other."""
    export = BytesIO()
    with Client(suite.url, ADMIN_KEY) as client:
        write(export_documents(client), export)
    verifier = verify(export.getvalue().splitlines(keepends=True))
    assert (verifier.faults, len(verifier.sound)) == ([], len(SERVICES) + 1)
    assert [backlog["alarms"] for backlog in suite.lag()["services"].values() if backlog["alarms"]] == []


def check_ledger_balance(suite: RunningSuite) -> None:
    with suite.client as client:
        balance = client.get("/erp/trial-balance").json()
        stock = client.get("/erp/stock-value").json()
    assert balance["totals"]["debit"] == balance["totals"]["credit"]
    assert _amount(stock["totals"]["value"]) == _balance_of(balance, "1400")


def _balance_of(balance: dict[str, Any], account: str) -> str:
    for row in balance["rows"]:
        if row["account"] == account:
            return str(Decimal(_amount(row["debit"])) - Decimal(_amount(row["credit"])))
    return "0.00"


def _amount(money: dict[str, str]) -> str:
    return money["amount"]
