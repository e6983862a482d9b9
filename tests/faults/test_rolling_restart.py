"""Every process is stopped and started again, one after the other, while clients go on: no request fails."""

import signal
import threading
import time
from collections import Counter
from contextlib import closing
from functools import partial
from uuid import uuid4

import pytest

from cli.readiness import is_ready
from shared.config import SERVICES
from tests.running_suite import RunningSuite, wait_until

REQUESTS_PER_SECOND = 20
PROCESSES = [f"{service}-{part}" for part in ("worker", "api") for service in SERVICES] + ["gateway"]
SECONDS = 60.0


class Clients(threading.Thread):
    """Send reads and commands in turns, each once, on a kept connection, until stopped; `answers` counts them."""

    def __init__(self, suite: RunningSuite) -> None:
        super().__init__(daemon=True)
        self._client, self._is_stopped = suite.client, threading.Event()
        self.answers: Counter[str] = Counter()

    def run(self) -> None:
        with closing(self._client):
            while not self._is_stopped.wait(1 / REQUESTS_PER_SECOND):
                self.answers[self._read()] += 1
                self.answers[self._create()] += 1
                time.sleep(1 / REQUESTS_PER_SECOND)  # two requests were sent

    def stop(self) -> Counter[str]:
        self._is_stopped.set()
        self.join()
        return self.answers

    def _read(self) -> str:
        return self._answer("GET", "/scm/items")

    def _create(self) -> str:
        code = uuid4().hex[:12]
        body = {"code": code, "name": "Customer", "currency": "USD"}
        return self._answer("POST", "/crm/customers", json=body, headers={"Idempotency-Key": code})

    def _answer(self, method: str, path: str, **sent: object) -> str:
        try:
            response = self._client.request(method, path, **sent)  # type: ignore[arg-type]  # as httpx takes them
        except Exception as error:  # every failure is counted, by its kind
            return repr(error)
        return "ok" if response.is_success else f"{response.status_code} {response.text}"


@pytest.fixture
def clients(suite: RunningSuite) -> Clients:
    return Clients(suite)


def test_no_request_fails_while_all_processes_are_restarted(suite: RunningSuite, clients: Clients) -> None:
    clients.start()
    for process in PROCESSES:
        before = suite.pid(process)
        suite.kill(process, signal.SIGTERM)
        wait_until(partial(_is_back, suite, process, before), SECONDS, f"{process} to be back")
    answers = clients.stop()
    assert (set(answers), answers["ok"] > 2 * len(PROCESSES)) == ({"ok"}, True), answers
    suite.wait_until_idle()
    with suite.client as client:
        assert client.get("/crm/customers?count=true&limit=1").json()["count"] == answers["ok"] // 2


def _is_back(suite: RunningSuite, process: str, before: int) -> bool:
    return suite.pid(process) != before and is_ready(suite.running["port"])
