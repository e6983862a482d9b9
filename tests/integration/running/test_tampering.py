"""What a program that writes to the databases of a running suite achieves: an alarm, and no effect."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from uuid import UUID, uuid4

import httpx2
import pytest

from tests.running_suite import RunningSuite, wait_until

ALARM_SECONDS = 60.0

FORGE_MESSAGE = """INSERT INTO outbox SELECT position+1, position, type, aggregate_type, :other, version, recorded_at,
    meta, traceparent, digest, data FROM outbox ORDER BY position DESC LIMIT 1"""
FORGE_EVENT = """INSERT INTO events SELECT (SELECT max(position)+1 FROM events), aggregate, version+1, type,
    recorded_at, state, published_digest, mac FROM events WHERE aggregate=:aggregate ORDER BY version DESC LIMIT 1"""
CHANGE_EVENT = """UPDATE events SET state=CAST(replace(CAST(state AS TEXT), 'TWO', 'TOO') AS BLOB)
    WHERE aggregate=:aggregate"""


def change(suite: RunningSuite, service: str, statement: str, **values: object) -> None:
    """Change the event store of a service with SQL alone."""
    with closing(sqlite3.connect(suite.home / service / "events.db", timeout=30)) as db, db:
        assert db.execute(statement, values).rowcount > 0


def register(suite: RunningSuite, code: str) -> UUID:
    with suite.client as client:
        customer = {"code": code, "name": code, "currency": "USD"}
        created = client.post("/crm/customers", json=customer, headers={"Idempotency-Key": code})
        assert created.status_code == 201
    return UUID(created.json()["id"])


def alarms(suite: RunningSuite, service: str) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = suite.lag()["services"].get(service, {}).get("alarms", {})
    except (httpx2.HTTPError, OSError, ValueError, KeyError):
        return {}
    return found


def wait_for_alarm(suite: RunningSuite, service: str, part: str) -> str:
    """Return the alarm of a part of a service once it is raised."""
    return str(wait_until(lambda: alarms(suite, service).get(part), ALARM_SECONDS, f"alarm {part} of {service}"))


def status_of(suite: RunningSuite, customer: UUID) -> int:
    with suite.client as client:
        return client.get(f"/crm/customers/{customer}").status_code


def code_of(suite: RunningSuite, customer: UUID) -> str:
    with suite.client as client:
        return str(client.get(f"/crm/customers/{customer}").json()["code"])


@pytest.mark.case("X6", "X23")
def test_rows_written_by_another_program_have_no_effect_and_raise_alarms(fresh_suite: RunningSuite) -> None:
    first, second, third = (register(fresh_suite, code) for code in ("ONE", "TWO", "THREE"))
    fresh_suite.wait_until_idle()

    change(fresh_suite, "crm", FORGE_MESSAGE, other=uuid4().bytes)
    assert "was not written by the service" in wait_for_alarm(fresh_suite, "crm", "relay")
    with fresh_suite.client as client:
        assert len(client.get("/erp/credit").json()["data"]) == 3

    change(fresh_suite, "crm", CHANGE_EVENT, aggregate=second.bytes)
    assert "was changed after it was chained" in wait_for_alarm(fresh_suite, "crm", "chain")
    wait_until(lambda: status_of(fresh_suite, second) == 503, ALARM_SECONDS, "the changed customer to be refused")
    assert code_of(fresh_suite, first) == "ONE"

    change(fresh_suite, "crm", FORGE_EVENT, aggregate=first.bytes)
    wait_until(lambda: status_of(fresh_suite, first) == 503, ALARM_SECONDS, "the customer with a forged event")
    fresh_suite.stop()
    fresh_suite.start()
    wait_until(lambda: "is forged or changed" in alarms(fresh_suite, "crm").get("chain", ""), ALARM_SECONDS, "alarm")
    assert [status_of(fresh_suite, each) for each in (first, second, third)] == [503, 503, 200]
    assert rebuild(fresh_suite).startswith("Error: event ")


def rebuild(suite: RunningSuite) -> str:
    """Return the last line of `sihe audit rebuild`, which fails."""
    command = [sys.executable, "-m", "cli.main", "audit", "rebuild"]
    variables = {**os.environ, "SIHE_HOME": str(suite.home)}
    found = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300)
    assert found.returncode == 1
    return found.stderr.splitlines()[-1]


def cut(suite: RunningSuite, service: str, *lost: str) -> None:
    """Remove databases of a stopped service with their write-ahead logs, and what the home remembers of its store."""
    (suite.home / service / "store.json").unlink()
    for name in lost:
        for file in (suite.home / service).glob(f"{name}.db*"):
            file.unlink()


def answers_until_contradicted(
    suite: RunningSuite, path: str, body: Callable[[str], Mapping[str, object]]
) -> list[httpx2.Response]:
    """Send commands from the first moment on, until it is known that others hold another store; return all answers."""
    answers: list[httpx2.Response] = []

    def contradicted() -> bool:
        code = uuid4().hex
        with suppress(httpx2.HTTPError, OSError, ValueError), suite.client as client:
            answers.append(client.post(path, json=body(code), headers={"Idempotency-Key": code}))
        return bool(answers) and answers[-1].status_code == 503 and answers[-1].json()["code"] == "integrity"

    wait_until(contradicted, 2 * ALARM_SECONDS, "the lost store to be refused")
    return answers


@pytest.mark.case("X15", "X5")
@pytest.mark.parametrize("lost", [("events",), ("events", "chain")], ids=["its events", "its events and chain"])
def test_a_service_whose_store_was_lost_does_not_go_on_with_an_empty_one(
    fresh_suite: RunningSuite, lost: tuple[str, ...]
) -> None:
    register(fresh_suite, "ONE")
    fresh_suite.wait_until_idle()
    exchange_checkpoint(fresh_suite, "crm", holder="erp")
    fresh_suite.stop()
    assert {file.stat().st_size for file in fresh_suite.home.glob("*/events.db-wal")} <= {0}
    cut(fresh_suite, "crm", *lost)
    fresh_suite.launch()
    customer = {"name": "ONE", "currency": "USD"}
    answers = answers_until_contradicted(fresh_suite, "/crm/customers", lambda code: {"code": code, **customer})
    assert {each.status_code for each in answers} == {503}
    assert "restore all services from one backup" in answers[-1].json()["detail"]
    assert "restore all services from one backup" in wait_for_alarm(fresh_suite, "crm", "chain")


@pytest.mark.case("X15")
def test_the_access_log_is_whole_in_its_file_after_a_clean_stop(fresh_suite: RunningSuite) -> None:
    register(fresh_suite, "ONE")
    with fresh_suite.client as client:
        client.get("/crm/customers")
    with fresh_suite.client as client:
        before = client.get("/audit/access-log?limit=1000").text.splitlines()
    fresh_suite.stop()
    for each in fresh_suite.home.glob("gateway/readings.db-*"):
        each.unlink()
    fresh_suite.start()
    with fresh_suite.client as client:
        after = client.get("/audit/access-log?limit=1000").text.splitlines()
    assert before
    assert after[: len(before)] == before


def test_a_gateway_whose_keys_were_lost_issues_none_from_an_empty_store(fresh_suite: RunningSuite) -> None:
    with fresh_suite.client as client:
        assert client.post("/access/keys", json={"name": "bob", "roles": ["auditor"]}).status_code == 201
    exchange_checkpoint(fresh_suite, "gateway", holder="crm")
    fresh_suite.stop()
    cut(fresh_suite, "gateway", "events", "chain")
    fresh_suite.launch()
    answers = answers_until_contradicted(fresh_suite, "/access/keys", lambda code: {"name": code, "roles": ["auditor"]})
    assert {each.status_code for each in answers} == {503}
    assert "restore all services from one backup" in fresh_suite.lag()["gateway"]["alarms"]["chain"]


def test_a_service_that_lost_only_its_chain_goes_on_once_the_others_agree(fresh_suite: RunningSuite) -> None:
    register(fresh_suite, "ONE")
    fresh_suite.wait_until_idle()
    exchange_checkpoint(fresh_suite, "crm", holder="erp")
    fresh_suite.stop()
    cut(fresh_suite, "crm", "chain")
    fresh_suite.start()
    register(fresh_suite, "TWO")
    assert alarms(fresh_suite, "crm") == {}


def exchange_checkpoint(suite: RunningSuite, service: str, holder: str) -> None:
    """Create a checkpoint of a log; the holder requests it when its worker starts, at the latest a minute later."""
    with suite.client as client:
        assert client.get(f"/audit/{service}/checkpoint").json()["checkpoint"]["position"] > 0
    suite.kill(f"{holder}-worker")
    wait_until(lambda: held_by(suite, holder, service), 2 * ALARM_SECONDS, f"a checkpoint of {service} in {holder}")


def held_by(suite: RunningSuite, holder: str, service: str) -> list[str]:
    with suite.client as client:
        return client.get(f"/audit/{service}/checkpoints", params={"held_by": holder}).text.splitlines()


@pytest.mark.case("X7")
def test_a_role_changed_in_the_database_of_the_access_keys_gives_no_rights(fresh_suite: RunningSuite) -> None:
    with fresh_suite.client as client:
        issued = client.post("/access/keys", json={"name": "bob", "roles": ["representative"]})
        assert issued.status_code == 201
    exchange_checkpoint(fresh_suite, "gateway", holder="crm")
    fresh_suite.stop()
    change(
        fresh_suite,
        "gateway",
        """UPDATE events SET state=CAST(replace(CAST(state AS TEXT), '"representative"', '"admin"') AS BLOB)""",
    )
    fresh_suite.start()
    with fresh_suite.client_with(issued.json()["secret"]) as bob:
        assert bob.get("/access/keys").status_code == 503
    assert "event 1 of gateway was changed" in fresh_suite.lag()["gateway"]["alarms"]["chain"]


def count_bolts(suite: RunningSuite, quantity: str) -> None:
    """Register a warehouse and an item, and count so much of it."""
    written = {
        "warehouses": {"code": "MAIN", "name": "Main"},
        "items": {"sku": "BOLT", "name": "Bolt", "unit": "piece"},
        "stock-counts": {"warehouse": "MAIN", "lines": [{"sku": "BOLT", "quantity": quantity}]},
    }
    with suite.client as client:
        for path, body in written.items():
            created = client.post(f"/scm/{path}", json=body, headers={"Idempotency-Key": path})
            assert created.status_code == 201, created.text


def audit_figures(suite: RunningSuite) -> tuple[int, str]:
    """Return exit code and output of `sihe audit figures`."""
    command = [sys.executable, "-m", "cli.main", "audit", "figures"]
    variables = {**os.environ, "SIHE_HOME": str(suite.home)}
    found = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300)
    return found.returncode, re.sub(r"\s+", " ", found.stdout)


@pytest.mark.case("H1")
def test_a_quantity_changed_in_erp_alone_is_an_alarm_with_the_item_and_both_quantities(
    fresh_suite: RunningSuite,
) -> None:
    count_bolts(fresh_suite, "12")
    fresh_suite.wait_until_idle()
    assert audit_figures(fresh_suite) == (0, "stock_quantities of scm and erp: 1 figures, 0 differ ")
    with closing(sqlite3.connect(fresh_suite.home / "erp" / "reports.db", timeout=30)) as db, db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master")]
        [table] = [each for each in names if re.fullmatch(r"stock_quantities_\d+", each)]
        assert db.execute(f"UPDATE {table} SET row=replace(row, '12', '7') WHERE key LIKE '[%'").rowcount == 1
    assert wait_for_alarm(fresh_suite, "erp", "figures stock_quantities") == "BOLT in MAIN: 12 in scm, 7 in erp"
    assert audit_figures(fresh_suite)[0] == 1
