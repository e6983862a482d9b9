"""Alert rules and dashboard against the real page of metrics; alarms are provoked in a running suite."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import yaml

from tests.integration.running.alert_expressions import Vector, evaluate, metrics_of, read_page
from tests.running_suite import ADMIN_KEY, RunningSuite, wait_until

pytestmark = [pytest.mark.case("O5"), pytest.mark.xdist_group("alarms")]

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "monitoring"
GROUPS = yaml.safe_load((FOLDER / "rules.yaml").read_text(encoding="utf-8"))["groups"]
RULES = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
OF_THE_MACHINE = {"DiskLow"}
OF_THE_HOME = {"sihe_backup_age_seconds"}
"""Metrics that exist as soon as a backup was taken."""
PROVOKED_SECONDS = 90.0


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """A running suite with one customer."""
    with RunningSuite(tmp_path_factory.mktemp("alarms") / "home") as running:
        register(running)
        running.wait_until_idle()
        yield running


def register(suite: RunningSuite) -> None:
    code = uuid4().hex[:8]
    with suite.client as client:
        customer = {"code": code, "name": code, "currency": "USD"}
        assert client.post("/crm/customers", json=customer, headers={"Idempotency-Key": code}).status_code == 201


def page_text(suite: RunningSuite, key: str = ADMIN_KEY) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.get(f"{suite.url}/metrics", headers=headers, timeout=60, trust_env=False)


def page(suite: RunningSuite) -> dict[str, Vector]:
    return read_page(page_text(suite).text)


def by_labels(vector: Vector) -> list[tuple[dict[str, str], float]]:
    return [(dict(labels), value) for labels, value in vector.items()]


def firing(suite: RunningSuite, earlier: dict[str, Vector] | None = None) -> set[str]:
    """Return the alarms whose expression holds now, at once: without the time for which it must hold."""
    now = page(suite)
    return {name for name, rule in RULES.items() if evaluate(rule["expr"], earlier or now, now)}


def wait_for(suite: RunningSuite, *alarms: str, earlier: dict[str, Vector] | None = None) -> None:
    wait_until(lambda: {*alarms} <= firing(suite, earlier), PROVOKED_SECONDS, f"{', '.join(alarms)} to fire")


def wait_for_calm(suite: RunningSuite) -> None:
    wait_until(lambda: firing(suite) <= OF_THE_MACHINE, PROVOKED_SECONDS, "no alarm to fire")


@contextmanager
def frozen(suite: RunningSuite, process: str) -> Iterator[None]:
    """Freeze a process with its children."""
    group = suite.pid(process)
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


def test_a_sound_suite_raises_no_alarm_and_names_every_process(suite: RunningSuite) -> None:
    wait_for_calm(suite)
    samples = page(suite)
    up = {
        (dict(labels)["service"], dict(labels)["process"]): value
        for labels, value in samples["sihe_process_up"].items()
    }
    assert up == {
        ("gateway", "gateway"): 1.0,
        **{(service, process): 1.0 for service in ("crm", "srm", "scm", "erp") for process in ("api", "worker")},
    }
    requests = {each["service"] for each, _ in by_labels(samples["sihe_http_request_duration_seconds_count"])}
    assert {"crm", "gateway"} <= requests
    [crm] = [value for each, value in by_labels(samples["sihe_store_events"]) if each["service"] == "crm"]
    with closing(sqlite3.connect(suite.home / "crm" / "events.db")) as database:
        [[stored]] = database.execute("SELECT count(*) FROM events")
    assert crm == stored


def test_every_metric_of_the_rules_and_the_dashboard_is_on_the_page(suite: RunningSuite) -> None:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    named = set().union(*map(metrics_of, [*panels, *(rule["expr"] for rule in RULES.values())]))
    assert len(named) > 20
    assert named - OF_THE_HOME - page(suite).keys() == set()


def test_every_alarm_has_a_section_in_the_runbook_and_every_section_an_alarm() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, _, alarms = operations.partition("### Alarms\n")
    sections = re.findall(r"^#### (\w+)$", alarms, re.MULTILINE)
    assert sorted(sections) == sorted(RULES)
    for name, rule in RULES.items():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_the_dashboard_has_what_grafana_needs_of_each_panel() -> None:
    assert len({each["id"] for each in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for each in DASHBOARD["panels"]:
        assert {"title", "type", "datasource", "gridPos", "targets"} <= each.keys()
        assert each["gridPos"]["x"] + each["gridPos"]["w"] <= 24


@pytest.mark.parametrize(("role", "status"), [("monitor", 200), ("auditor", 200), ("sales", 403), ("hr", 403)])
def test_the_page_is_for_keys_that_may_read_it(suite: RunningSuite, role: str, status: int) -> None:
    with suite.client as client:
        secret = client.post("/access/keys", json={"name": f"prometheus {role}", "roles": [role]}).json()["secret"]
    answer = page_text(suite, secret)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain" if status == 200 else "application/problem+json")
    with suite.client_with(secret) as client:
        assert (client.get("/ops/lag").status_code == 200) == (status == 200)
        assert client.get("/erp/trial-balance").status_code == (200 if role == "auditor" else 403)


def test_the_page_needs_a_key(suite: RunningSuite) -> None:
    assert httpx2.get(f"{suite.url}/metrics", trust_env=False).status_code == 401
    assert page_text(suite, "a wrong key of some length").status_code == 401


def test_a_frozen_api_is_down_cannot_write_and_fails_requests(suite: RunningSuite) -> None:
    earlier = page(suite)
    with frozen(suite, "erp-api"), suite.client as client:
        assert client.get("/erp/accounts").status_code == 503
        wait_for(suite, "ProcessDown", "StoreNotWritable", "ErrorRate", earlier=earlier)
        down = evaluate(RULES["ProcessDown"]["expr"], {}, page(suite))
        assert [dict(each) for each in down] == [{"service": "erp", "process": "api"}]
    wait_for_calm(suite)


def test_events_that_are_not_published_and_not_received_are_named(suite: RunningSuite) -> None:
    with frozen(suite, "nats"):
        register(suite)
        wait_for(suite, "RelayBehind")
        [waiting] = evaluate(RULES["RelayBehind"]["expr"], {}, page(suite))
        assert dict(waiting) == {"service": "crm"}
    suite.wait_until_idle()
    wait_for_calm(suite)


def test_an_old_backup_is_an_alarm(suite: RunningSuite) -> None:
    record = suite.home / "backup.json"
    record.write_text(json.dumps({"taken_at": (datetime.now(UTC) - timedelta(hours=27)).isoformat()}))
    assert "BackupOld" in firing(suite)
    record.write_text(json.dumps({"taken_at": datetime.now(UTC).isoformat()}))
    assert "BackupOld" not in firing(suite)


@pytest.mark.parametrize(
    ("alarm", "line"),
    [
        ("CheckpointRefused", 'sihe_suite_alarm{service="erp",of="log of crm"} 1'),
        ("AccessLogChanged", 'sihe_suite_alarm{service="gateway",of="access log"} 1'),
        ("StreamRefused", 'sihe_bus_stream_refused{service="crm"} 1'),
        ("SourceRefused", 'sihe_bus_source_refused{service="erp",source="crm"} 1'),
        ("HostileMessage", 'sihe_bus_rejected_messages_total{service="erp",source="crm"} 1'),
        ("AlarmRaised", 'sihe_suite_alarm{service="crm",of="rows"} 1'),
        ("Parked", 'sihe_worker_parked_messages{service="erp"} 2'),
        ("FiguresDiffer", 'sihe_different_figures{service="erp",figures="stock_quantities"} 1'),
        ("InboxBehind", 'sihe_inbox_behind_seconds{service="erp",source="crm"} 61'),
        ("ProjectionBehind", 'sihe_projection_behind_seconds{service="erp",projection="journal"} 301'),
        ("ChainBehind", 'sihe_chain_behind_seconds{service="erp"} 601'),
        ("TimerLate", 'sihe_timers_due{service="erp"} 1'),
        ("TaskFails", 'sihe_worker_task_failures_total{service="erp",task="timers"} 4'),
        ("DiskLow", "sihe_disk_free_bytes 19\nsihe_disk_bytes 100"),
        ("VersionsMixed", 'sihe_build_info{version="0.1.0"} 1\nsihe_build_info{version="0.2.0"} 1'),
        ("LogLinesLost", 'sihe_log_lines_lost_total{service="erp",process="api"} 3'),
    ],
    ids=lambda each: each.split("{")[0].split()[0],
)
def test_the_other_alarms_fire_for_what_their_metrics_show(alarm: str, line: str) -> None:
    rule, calm = RULES[alarm]["expr"], re.sub(r" \d+$", " 0", line.splitlines()[0])
    assert evaluate(rule, {}, read_page(f"{line}\n"))
    assert not evaluate(rule, {}, read_page(f"{calm}\n"))


def test_more_than_one_slow_command_in_a_hundred_is_an_alarm() -> None:
    labels = 'process="gateway",method="POST",route="x",status="201"'
    name = "sihe_http_request_duration_seconds"

    def commands(quick: int) -> dict[str, Any]:
        lines = f'{name}_bucket{{{labels},le="1.0"}} {quick}\n{name}_count{{{labels}}} 1000\n'
        return read_page(f"# TYPE {name} histogram\n{lines}")

    assert evaluate(RULES["SlowCommands"]["expr"], {}, commands(980))
    assert not evaluate(RULES["SlowCommands"]["expr"], {}, commands(995))


def test_a_changed_event_breaks_the_chain(fresh_suite: RunningSuite) -> None:
    register(fresh_suite)
    fresh_suite.wait_until_idle()
    with closing(sqlite3.connect(fresh_suite.home / "crm" / "events.db", timeout=30)) as database, database:
        statement = "UPDATE events SET state=CAST(replace(CAST(state AS TEXT), 'USD', 'EUR') AS BLOB) WHERE position=2"
        assert database.execute(statement).rowcount == 1
    wait_for(fresh_suite, "ChainBroken", "AlarmRaised")
    line = [sys.executable, "-m", "cli.main", "doctor"]
    home = {"SIHE_HOME": str(fresh_suite.home), "SIHE_ADMIN_KEY": ADMIN_KEY}
    done = subprocess.run(line, env={**os.environ, **home}, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert re.search(r"^wrong +alarms +crm chain: ", done.stdout, re.MULTILINE)
