"""A whole suite in real processes for a test: started, queried, killed and stopped by process id."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from cli.background import BackgroundSuite, wait_for

READY_SECONDS = 240.0
IDLE_SECONDS = 360.0
ADMIN_KEY = "the admin key of one test run"


class ConditionNotMet(AssertionError):
    """Raised when a condition did not become true in time."""


def wait_until(condition: Callable[[], Any], seconds: float, description: str) -> Any:
    """Return the first true result of `condition`, polled. Raises ConditionNotMet with the description."""
    if answer := wait_for(condition, seconds):
        return answer
    raise ConditionNotMet(f"not within {seconds:.0f} s: {description}")


class RunningSuite(BackgroundSuite):
    """One suite on its own home and a free port; ends with the `with` block around it."""

    def __init__(self, home: Path, **settings: str) -> None:
        super().__init__(home, ADMIN_KEY, **settings)
        self._clients: list[httpx2.Client] = []

    def start(self) -> None:
        """Start the suite and wait until it is ready; fail if a signal ended one of its processes meanwhile."""
        log = self.home / "up.log"
        earlier = log.stat().st_size if log.exists() else 0
        super().start()
        lines = log.read_bytes()[earlier:].decode(errors="replace").splitlines()
        assert not (ended := [each for each in lines if "was ended by" in each]), ended

    def pid(self, process: str) -> int:
        """Return the current process id of `nats`, `gateway`, `crm-api`, `crm-worker`, …"""
        pid: int = wait_until(lambda: self.running["pids"].get(process), READY_SECONDS, f"{process} to run")
        return pid

    def kill(self, process: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one process; do nothing if it has just ended."""
        try:
            os.kill(self.pid(process), number)
        except ProcessLookupError:
            return

    def stop(self) -> None:
        """Close the clients and end the suite as Ctrl-C does."""
        while self._clients:
            self._clients.pop().close()
        super().stop()

    @property
    def client(self) -> httpx2.Client:
        """Return a client of the administrator; paths begin after `/api/v1`. Closed with the suite at the latest."""
        return self.client_with(ADMIN_KEY)

    def client_with(self, key: str) -> httpx2.Client:
        """Return a client that sends a key, like `client`."""
        headers = {"Authorization": f"Bearer {key}"}
        client = httpx2.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=120, trust_env=False)
        self._clients.append(client)
        return client

    def lag(self) -> dict[str, Any]:
        with self.client as client:
            lag: dict[str, Any] = client.get("/ops/lag").json()
        return lag

    def wait_until_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Wait until no service has pending work. Raises ConditionNotMet with the lag."""
        last: dict[str, Any] = {}

        def quiet() -> bool:
            nonlocal last
            try:
                last = self.lag()
            except (httpx2.HTTPError, ValueError):
                return False
            return bool(last.get("quiet"))

        try:
            wait_until(quiet, seconds, "quiet")
        except ConditionNotMet as error:
            raise ConditionNotMet(f"{error}; the lag is {json.dumps(last)}") from None
