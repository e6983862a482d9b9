"""A full disk: writes are refused, reads go on, no process ends for good, and all is well again when there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.running_suite import ADMIN_KEY, RunningSuite, wait_until

KILLED = ("gateway", "crm-api", "crm-worker", "scm-worker", "erp-api", "nats")
SECONDS = 120.0


class SmallDisk:
    """A file system of its own in memory, which can be filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Use all the room that is left."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def make_room(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "sihe-test", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def suite(disk: SmallDisk) -> Iterator[RunningSuite]:
    with RunningSuite(disk.folder / "home") as running:
        yield running


def register(client: httpx2.Client, number: int) -> int:
    """Register a customer; return the status."""
    body = {"code": f"C{number}", "name": "Carpenter", "currency": "USD"}
    return client.post("/crm/customers", json=body, headers={"Idempotency-Key": f"key {number}"}).status_code


def status(url: str) -> int:
    """Return the status of a response; 0 if there is none."""
    try:
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        return httpx2.get(url, headers=headers, trust_env=False, timeout=30).status_code
    except httpx2.HTTPError:
        return 0


@pytest.mark.case("X1", "X14")
def test_a_full_disk_refuses_writes_until_there_is_room_and_stops_nothing(disk: SmallDisk, suite: RunningSuite) -> None:
    url, client = suite.url, suite.client
    accepted = [number for number in range(20) if register(client, number) == 201]
    assert len(accepted) == 20
    suite.wait_until_idle()

    disk.fill()
    wait_until(lambda: register(client, 100) == 503, SECONDS, "a command to be refused")
    wait_until(lambda: status(f"{url}/readyz") == 503, SECONDS, "the suite not to be ready")
    assert status(f"{url}/healthz") == 200
    assert status(f"{url}/api/v1/crm/customers") == 200

    pids, logs = suite.running["pids"], suite.home / "log"
    restarted = {(name, pids[name]) for name in KILLED}
    for name in KILLED:
        os.kill(pids[name], 9)
    disk.fill()
    wait_until(lambda: status(f"{url}/healthz") == 200, SECONDS, "the gateway to be started again")
    wait_until(lambda: status(f"{url}/api/v1/crm/customers") == 200, SECONDS, "reads to go on")
    assert status(f"{url}/readyz") == 503
    assert register(client, 101) == 503

    disk.make_room()
    wait_until(lambda: status(f"{url}/readyz") == 200, SECONDS, "the suite to be ready by itself")
    assert register(client, 100) == 201
    suite.wait_until_idle(SECONDS)
    page = client.get("/crm/customers?count=true&limit=1").json()
    assert page["count"] == len(accepted) + 1
    wait_until(lambda: not restarted & set(suite.running["pids"].items()), SECONDS, "new ports.json")
    wait_until(lambda: any("were dropped" in log.read_text() for log in logs.glob("*.log")), SECONDS, "a note in a log")
