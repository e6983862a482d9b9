"""A whole suite in real processes for a test: started, asked, hurt and ended by their ids."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

READY_SECONDS = 60.0
QUIET_SECONDS = 90.0
STOP_SECONDS = 20.0
ADMIN_KEY = "the admin key of one test run"
LOOK_SECONDS = 0.05


class NotInTime(AssertionError):
    """What a test waited for did not come."""


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first truthy answer of `holds`, asked again and again. Raises NotInTime naming `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := holds():
            return answer
        time.sleep(LOOK_SECONDS)
    raise NotInTime(f"not within {seconds:.0f} s: {what}")


class RunningSuite:
    """One suite on a home of its own and a free port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._up: subprocess.Popen[bytes] | None = None
        self._clients: list[httpx2.Client] = []

    def start(self) -> None:
        """From nothing, or from what the home holds, to ready."""
        variables = {**os.environ, "SIHE_HOME": str(self.home), "SIHE_PORT": "0", "SIHE_ADMIN_KEY": ADMIN_KEY}
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.log").open("ab") as said:
            command = [sys.executable, "-m", "cli.main", "up"]
            self._up = subprocess.Popen(command, env=variables, stdout=said, stderr=said)
        until(self._is_ready, READY_SECONDS, f"the suite to be ready; it said:\n{self._said()}")

    def _said(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")[-4000:]

    def _is_ready(self) -> bool:
        assert self._up is not None
        if self._up.poll() is not None:
            raise AssertionError(f"the suite ended with {self._up.returncode}:\n{self._said()}")
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2, trust_env=False).status_code == 200
        except (httpx2.HTTPError, FileNotFoundError, KeyError):
            return False

    @property
    def running(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.home / "run" / "ports.json").read_text())
        return told

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running['port']}"

    def pid(self, process: str) -> int:
        """The id of `nats`, `gateway`, `crm-api`, `crm-worker`, … as it runs now."""
        pid: int = until(lambda: self.running["pids"].get(process), READY_SECONDS, f"{process} to run")
        return pid

    def kill(self, process: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one process; nothing if it is just gone."""
        try:
            os.kill(self.pid(process), number)
        except ProcessLookupError:
            return

    def stop(self) -> None:
        """End it as Ctrl-C does; kill what does not end in time."""
        while self._clients:
            self._clients.pop().close()
        if self._up is None:
            return
        self._up.send_signal(signal.SIGINT)
        try:
            self._up.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._up.kill()
            self._up.wait()
            raise
        finally:
            self._up = None

    @property
    def client(self) -> httpx2.Client:
        """Asks as the administrator; paths begin after `/api/v1`. Closed with the suite at the latest."""
        return self.client_with(ADMIN_KEY)

    def client_with(self, key: str) -> httpx2.Client:
        """Asks with a key, as `client` does."""
        headers = {"Authorization": f"Bearer {key}"}
        client = httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=35, trust_env=False)
        self._clients.append(client)
        return client

    def lag(self) -> dict[str, Any]:
        with self.client as client:
            told: dict[str, Any] = client.get("/ops/lag").json()
        return told

    def wait_until_quiet(self, seconds: float = QUIET_SECONDS) -> None:
        """Nothing anywhere is behind any more."""
        last: dict[str, Any] = {}

        def quiet() -> bool:
            nonlocal last
            try:
                last = self.lag()
            except (httpx2.HTTPError, ValueError):
                return False
            return bool(last.get("quiet"))

        try:
            until(quiet, seconds, "quiet")
        except NotInTime as late:
            raise NotInTime(f"{late}; the lag is {json.dumps(last)}") from None


@contextmanager
def running_suite(home: Path) -> Iterator[RunningSuite]:
    """A suite that ends with the test."""
    suite = RunningSuite(home)
    try:
        suite.start()
        yield suite
    finally:
        suite.stop()
