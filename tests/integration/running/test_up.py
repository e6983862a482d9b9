import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from cli.client import Client
from cli.memory import megabytes
from tests.running_suite import ADMIN_KEY, RunningSuite, wait_until

ALL = {
    "nats",
    "gateway",
    *(f"{service}-{part}" for service in ("crm", "srm", "scm", "erp") for part in ("api", "worker")),
}
DRAIN_SECONDS = 30.0
MEGABYTES = 600


def _register(suite: RunningSuite) -> dict[str, object]:
    with Client(suite.url, ADMIN_KEY) as client:
        client.post("scm/items", {"sku": "LAMP", "name": "Lamp", "unit": "piece"}, str(uuid4()))
    return _items(suite)


def _items(suite: RunningSuite) -> dict[str, object]:
    with Client(suite.url, ADMIN_KEY) as client:
        return {row["sku"]: row["version"] for row in client.rows("scm/items")}


def test_ten_processes_stay_within_their_memory_limit(fresh_suite: RunningSuite) -> None:
    assert fresh_suite.running["pids"].keys() == ALL
    assert 0 < megabytes(fresh_suite.running["pids"].values()) < MEGABYTES


@pytest.mark.case("O10")
def test_each_process_has_its_name_in_lists_of_processes(fresh_suite: RunningSuite) -> None:
    pids = fresh_suite.running["pids"]
    assert fresh_suite._up is not None
    done = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in done.stdout.splitlines()[1:]]
    titles = {int(pid): title for pid, _, title in rows}
    assert titles[fresh_suite._up.pid] == "sihe: up"
    assert {name: titles[pid] for name, pid in pids.items() if name.endswith("-worker")} == {
        f"{service}-worker": f"sihe: {service}-worker" for service in ("crm", "srm", "scm", "erp")
    }
    assert "nats-server" in titles[pids["nats"]]
    for name in ("gateway", "crm-api", "srm-api", "scm-api", "erp-api"):
        assert titles[pids[name]] == f"sihe: {name} (parent)"
        assert [title for _, parent, title in rows if int(parent) == pids[name]] == [f"sihe: {name}"]


def test_a_first_start_warns_of_no_lost_store(fresh_suite: RunningSuite) -> None:
    lines = [json.loads(line) for each in fresh_suite.home.glob("log/*.log") for line in each.read_text().splitlines()]
    of_the_store = {line["level"] for line in lines if "no signed checkpoint of its own" in line.get("reason", "")}
    assert of_the_store == {"info"}


def test_a_stopped_suite_drains_and_continues_after_a_restart(fresh_suite: RunningSuite) -> None:
    items = _register(fresh_suite)
    began = time.monotonic()
    fresh_suite.stop()
    assert time.monotonic() - began < DRAIN_SECONDS
    assert not (fresh_suite.home / "run" / "ports.json").exists()
    fresh_suite.start()
    assert _items(fresh_suite) == items == {"LAMP": 1}


def test_two_suites_run_on_two_homes_but_not_on_one(fresh_suite: RunningSuite, tmp_path: Path) -> None:
    _register(fresh_suite)
    with RunningSuite(tmp_path / "other") as other:
        assert _items(other) == {}
        given = {"SIHE_HOME": str(other.home), "SIHE_PORT": "0"}
        command = [sys.executable, "-m", "cli.main", "up"]
        second = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert f"A suite runs on {other.home} already (process" in second.stderr
        assert other.url in second.stderr
        assert set(other.running["ports"].values()).isdisjoint(fresh_suite.running["ports"].values())


def test_a_killed_process_is_restarted(fresh_suite: RunningSuite) -> None:
    before = dict(fresh_suite.running["pids"])
    for name in ("gateway", "scm-api", "scm-worker", "nats"):
        fresh_suite.kill(name, signal.SIGKILL)
    wait_until(lambda: _is_restarted(fresh_suite, before), 120.0, "the killed processes to run again")
    assert _register(fresh_suite) == {"LAMP": 1}
    fresh_suite.wait_until_idle()


def _is_restarted(suite: RunningSuite, before: dict[str, int]) -> bool:
    now = suite.running["pids"]
    changed = {name for name in ALL if name in now and now[name] != before[name]}
    return now.keys() == ALL and changed == {"gateway", "scm-api", "scm-worker", "nats"}


def test_the_files_of_a_suite_are_readable_by_their_owner_only(fresh_suite: RunningSuite) -> None:
    _register(fresh_suite)
    open_to_others = [
        str(file)
        for file in fresh_suite.home.rglob("*")
        if not file.is_socket() and file.parent != fresh_suite.home and stat.S_IMODE(file.stat().st_mode) & 0o077
    ]
    assert open_to_others == []


def test_ports_and_process_ids_are_written_while_the_suite_runs(fresh_suite: RunningSuite) -> None:
    given = json.loads((fresh_suite.home / "run" / "ports.json").read_text())
    assert given["ports"].keys() == ALL - {"gateway"}
    with Client(f"http://127.0.0.1:{given['port']}", ADMIN_KEY) as client:
        assert client.get("ops/lag")["missing"] == []


@pytest.mark.case("X17")
def test_requests_are_answered_while_the_supervisor_takes_no_log_lines(fresh_suite: RunningSuite) -> None:
    assert fresh_suite._up is not None
    client = fresh_suite.client
    os.kill(fresh_suite._up.pid, signal.SIGSTOP)
    try:
        for _ in range(500):  # more lines than a pipe holds
            assert client.get("/scm/items").status_code == 200
        item = {"sku": "LAMP", "name": "Lamp", "unit": "piece"}
        assert client.post("/scm/items", json=item, headers={"Idempotency-Key": "one"}).status_code == 201
    finally:
        os.kill(fresh_suite._up.pid, signal.SIGCONT)
