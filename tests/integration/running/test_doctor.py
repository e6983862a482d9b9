"""`sihe doctor` on a home folder: what is in order, what is wrong, and what to do."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.home import Home
from shared.ports import free_ports
from tests.running_suite import ADMIN_KEY, RunningSuite

pytestmark = pytest.mark.xdist_group("doctor")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """A running suite with one customer."""
    with RunningSuite(tmp_path_factory.mktemp("doctor") / "home") as running:
        with running.client as client:
            customer = {"code": "ONE", "name": "One", "currency": "USD"}
            client.post("/crm/customers", json=customer, headers={"Idempotency-Key": "one"})
        running.wait_until_idle()
        yield running


def examine(home: Path, **settings: str) -> tuple[int, dict[str, list[str]], list[str]]:
    """Return exit code, the findings by their state, and all lines."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SIHE_")}
    [port] = free_ports(1)
    given = {"HOME": str(home), "PORT": str(port), "ADMIN_KEY": ADMIN_KEY} | settings
    variables = inherited | {f"SIHE_{name}": value for name, value in given.items()}
    line = [sys.executable, "-m", "cli.main", "doctor"]
    done = subprocess.run(line, env=variables, capture_output=True, text=True, timeout=300, check=False)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    found: dict[str, list[str]] = {"ok": [], "warning": [], "wrong": []}
    for each in lines[2:-1]:
        state, _, text = each.partition(" ")
        found[state].append(" ".join(text.split()))
    return done.returncode, found, lines


def write_backup(home: Path, hours: float) -> None:
    taken_at = datetime.now(UTC) - timedelta(hours=hours)
    (home / "backup.json").write_text(json.dumps({"taken_at": taken_at.isoformat()}))


def test_a_sound_suite_has_nothing_wrong(suite: RunningSuite) -> None:
    code, found, lines = examine(suite.home)
    assert (code, found["wrong"]) == (0, [])
    assert found["warning"] == [f"backup no backup of {suite.home} is known: see Backup in docs/operations.md"]
    assert f"suite 10 processes at {suite.url}, ready" in found["ok"]
    assert "clock as that of the gateway" in found["ok"]
    assert "alarms none, and no parked messages" in found["ok"]
    stores = [each for each in found["ok"] if each.startswith("store ")]
    assert [each.split()[1] for each in stores] == ["crm:", "srm:", "scm:", "erp:", "gateway:"]
    assert all("SQLite, epoch " in each and ", generation " in each for each in stores)
    assert any(each.startswith("versions nats-server") for each in found["ok"])
    assert lines[-1].endswith(", 1 to look at, 0 wrong.")


def test_the_age_of_the_newest_backup_is_judged(suite: RunningSuite) -> None:
    write_backup(suite.home, hours=2)
    assert "backup the newest backup is 2.0 hours old" in examine(suite.home)[1]["ok"]
    write_backup(suite.home, hours=30)
    assert "backup the newest backup is 30.0 hours old: take one" in examine(suite.home)[1]["warning"]
    (suite.home / "backup.json").unlink()


def test_a_key_that_others_can_read_is_wrong_and_the_remedy_is_named(suite: RunningSuite) -> None:
    secret = suite.home / "keys" / "crm.secret"
    secret.chmod(0o644)
    code, found, _ = examine(suite.home)
    secret.chmod(0o600)
    assert (code, found["wrong"]) == (1, [f"keys {secret} can be read by other users: chmod 600 {secret}"])


def test_a_suite_whose_service_has_ended_is_not_ready(suite: RunningSuite) -> None:
    os.killpg(suite.pid("erp-api"), signal.SIGSTOP)
    code, found, _ = examine(suite.home)
    os.killpg(suite.pid("erp-api"), signal.SIGCONT)
    assert code == 1
    assert f"suite 10 processes at {suite.url}: Not ready: erp. See its logs." in found["wrong"]


def test_wrong_settings_are_listed_as_at_a_start(tmp_path: Path) -> None:
    code, found, _ = examine(tmp_path, TIME_ZONE="Berlin", TIMEZONE="Europe/Berlin")
    zone = "SIHE_TIME_ZONE must be an IANA time zone such as Europe/Berlin, not 'Berlin'. Did you mean Europe/Berlin?"
    assert (code, found["wrong"]) == (1, [f"settings {zone}"])
    unknown = "SIHE_TIMEZONE is not a setting and has no effect. Did you mean SIHE_TIME_ZONE?"
    assert found["warning"] == [f"settings {unknown}"]


def test_a_port_that_another_program_uses_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, found, _ = examine(tmp_path, PORT=port)
    stated = f"port port {port} is used by another program: stop it, or choose another SIHE_PORT"
    assert (code, found["wrong"]) == (1, [stated])


def test_the_clock_of_a_postgresql_is_compared(tmp_path: Path, postgres_database: str) -> None:
    home = Home(tmp_path / "home")
    home.keys.mkdir(parents=True)
    home.make_keys()
    given = {**os.environ, "SIHE_HOME": str(home.folder), "SIHE_DATABASE_URL": postgres_database}
    subprocess.run([sys.executable, "-m", "services.crm.main", "migrate"], env=given, check=True, timeout=120)
    code, found, _ = examine(home.folder, DATABASE_URL=postgres_database)
    assert (code, found["wrong"]) == (0, [])
    assert "clock as that of PostgreSQL" in found["ok"]
    assert any(each.startswith("store crm: PostgreSQL, epoch ") for each in found["ok"])


def test_a_stopped_suite_without_one_of_its_stores_is_named(fresh_suite: RunningSuite) -> None:
    fresh_suite.stop()
    for each in (fresh_suite.home / "crm").glob("events.db*"):
        each.unlink()
    code, found, _ = examine(fresh_suite.home)
    assert code == 1
    assert found["wrong"] == ["store crm: there is no event store of crm yet: run migrate first"]
    assert f"suite no suite runs on {fresh_suite.home}" in found["ok"]
