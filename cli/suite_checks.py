"""Checks of a suite for `sihe doctor`: its processes, its clock, its stores and their chains."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from cli.audit import load_settings
from cli.findings import Finding, ok, wrong
from cli.home import PROCESSES, Home
from cli.machine_checks import port_finding
from cli.main_modules import main_module_of
from shared.config import InvalidSettings
from shared.http_client import HttpClient, Unreachable
from shared.service import Service
from shared.store import GENERATION, StoreError
from shared.store.integrity import IntegrityFailure
from shared.store_memory import POSTGRESQL, kind_of, remembered_store

MAX_CLOCK_SECONDS = 5.0
PROBE_SECONDS = 5.0


def suite_findings(home: Home, port: int, admin_key: str | None) -> Iterator[Finding]:
    """Judge the processes of the suite of this home; without one, the port that it would open."""
    running = home.read_running_or_none()
    if running is None or not any(map(_is_alive, running["pids"].values())):
        yield ok("suite", f"no suite runs on {home.folder}")
        yield port_finding(port)
        return
    yield from _running_findings(f"http://127.0.0.1:{running['port']}", len(running["pids"]), admin_key)


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() if Path("/proc/self").exists() else True


def _running_findings(url: str, processes: int, admin_key: str | None) -> Iterator[Finding]:
    client = HttpClient("the gateway", url, read_seconds=PROBE_SECONDS)
    try:
        ready = client.request("GET", "/readyz", {})
        state = f"{processes} processes at {url}"
        reason = "" if ready.is_ok else ready.json().get("detail", "")
        yield ok("suite", f"{state}, ready") if ready.is_ok else wrong("suite", f"{state}: {reason} See its logs.")
        if stated := ready.header("date"):
            yield _clock_finding(parsedate_to_datetime(stated), "the gateway")
        if admin_key:
            lag = client.request("GET", "/api/v1/ops/lag", {"Authorization": f"Bearer {admin_key}"})
            yield from _alarm_findings(lag.json()) if lag.is_ok else ()
    except Unreachable:
        yield wrong("suite", f"{processes} processes run, but {url} does not answer: see the logs of the gateway")
    finally:
        client.close()


def _clock_finding(stated: datetime, other: str) -> Finding:
    """Compare the clock of this process with the time that another one states, to the second."""
    seconds = abs((datetime.now(UTC) - stated).total_seconds())
    if seconds > MAX_CLOCK_SECONDS:
        return wrong("clock", f"{seconds:.0f} s apart from {other}: synchronise the clocks (NTP)")
    return ok("clock", f"as that of {other}")


def _alarm_findings(lag: dict[str, Any]) -> Iterator[Finding]:
    parts = {**lag["services"], "gateway": lag["gateway"]}
    alarms = [(service, of, text) for service, part in parts.items() for of, text in part["alarms"].items()]
    yield from (wrong("alarms", f"{service} {of}: {text}") for service, of, text in alarms)
    yield from (wrong("alarms", f"the worker of {each} does not answer") for each in lag["missing"])
    parked = {service: part["parked"] for service, part in lag["services"].items() if part["parked"]}
    yield from (
        wrong("parked", f"{service}: {count} messages wait for a decision") for service, count in parked.items()
    )
    if not alarms and not lag["missing"] and not parked:
        yield ok("alarms", "none, and no parked messages")


def store_findings(home: Path) -> Iterator[Finding]:
    """Judge the event store and the hash chain of each service that has data in this home."""
    for name in PROCESSES:
        if remembered_store(home, name) is not None:
            yield from _store_finding(home, name)


def _store_finding(home: Path, name: str) -> Iterator[Finding]:
    try:
        settings = load_settings(name, home)
        service: Service = main_module_of(name).create_service(settings)
        with closing(service.store), closing(service.chain):
            service.store.check()
            yield from _described(service, kind_of(settings.database_url))
    except (StoreError, InvalidSettings, IntegrityFailure, OSError) as error:
        yield wrong("store", f"{name}: {error}")


def _described(service: Service, kind: str) -> Iterator[Finding]:
    store, head = service.store, service.store.head()
    text = f"{store.service}: {kind}, epoch {store.epoch}, generation {GENERATION}, {head:,} events"
    if kind == POSTGRESQL:
        yield _clock_finding(store.database_time(), kind)
    contradiction = service.chain.comparison.own_contradiction()
    if contradiction:
        yield wrong("store", f"{text}: {contradiction}")
        return
    behind = head - service.chain.head().position
    yield ok("store", f"{text}, chain {'complete' if behind == 0 else f'{behind:,} events behind'}")
