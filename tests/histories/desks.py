"""Where a history happens: in one process over real stores, or in the real processes of a running suite."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from cli.audit import compare_all
from shared.testing.web import ApiCaller
from tests.cases.desk import Desk
from tests.flows.firm import Delivery, deliver_in_order
from tests.running_suite import RunningSuite


class HistoryDesk(Desk):
    """The desk of a history: a second person, and what the suite finds wrong with itself."""

    def post_as_other(self, path: str, body: Any) -> Any:
        """Post to ERP as another person."""
        service, _, rest = path.lstrip("/").partition("/")
        answered = ApiCaller(self.firm.services[service], actor="bert").post(f"/{rest}", body)
        self.firm.deliver_all()
        return answered

    def faults(self) -> list[str]:
        """Return parked messages, and read models that differ from those rebuilt from the events."""
        services = self.firm.services.values()
        parked = [f"a message of {each.NAME} is parked" for each in services if each.parked_messages.entries()]
        rebuilt = ((each.NAME, name, found) for each in services for name, found in each.read_models.rebuild().items())
        return parked + [
            f"{service} {name} differs when rebuilt" for service, name, found in rebuilt if not found.is_equal
        ]


class Answer:
    """A response of a running suite with the attributes of one in process."""

    def __init__(self, response: Any) -> None:
        self.status_code, self.text = response.status_code, response.text
        self.json = response.json()


class RunningDesk(HistoryDesk):
    """Requests through the gateway of a running suite; after each, nothing is pending."""

    def __init__(self, suite: RunningSuite) -> None:
        self.suite, self._numbers = suite, count(1)
        self._client = suite.client
        issued = self._client.post("/access/keys", json={"name": "bert", "roles": ["accountant"]})
        assert issued.status_code == 201, issued.text
        self._other = suite.client_with(issued.json()["secret"])

    def send(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        return self._request(self._client, method, path, body, headers)

    def post_as_other(self, path: str, body: Any) -> Any:
        return self._request(self._other, "POST", path, body, {})

    def _request(self, client: Any, method: str, path: str, body: Any, headers: Any) -> Answer:
        response = client.request(method, path, json=body, headers={"Idempotency-Key": uuid4().hex, **headers})
        self.suite.wait_until_idle()
        return Answer(response)

    def get(self, path: str) -> Any:
        return self._client.get(path).json()

    def faults(self) -> list[str]:
        lag = self.suite.lag()["services"]
        pending = [
            f"{name}: {each['parked']} parked, {each['alarms']}"
            for name, each in lag.items()
            if each["parked"] or each["alarms"]
        ]
        self.suite.stop()
        return pending + [str(each) for each in compare_all(self.suite.home) if not each.is_equal]


@contextmanager
def open_history_desk(delivery: Delivery = deliver_in_order) -> Iterator[HistoryDesk]:
    """In this process, with files of its own, which end with it."""
    with TemporaryDirectory() as folder:
        desk = HistoryDesk(Path(folder), delivery)
        try:
            yield desk
        finally:
            desk.firm.close()


@contextmanager
def open_running_desk() -> Iterator[RunningDesk]:
    """In processes of its own, which end with it."""
    with TemporaryDirectory(prefix="sihe-history-") as folder, RunningSuite(Path(folder) / "home") as suite:
        yield RunningDesk(suite)
