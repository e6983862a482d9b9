"""Fill a suite with the same business in the same order: the demo's order, Northwind, late news of a closed year."""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from cli.client import Client, RequestFailed
from cli.northwind import importer
from cli.northwind.steps import Step, StepRunner
from cli.northwind.tables import NorthwindTables
from cli.sample.scenario import OrderScenario
from tests.late import late_events as late
from tests.late.late_events import ApiClient, LateEvents
from tests.running_suite import ADMIN_KEY, RunningSuite
from tests.same_answers.order import in_order

CLOSED = "1997-12"
NEWS, SEED = 120, 1997
IDLE_SECONDS, LOOK_SECONDS = 60.0, 0.002
DATES = frozenset({"billed_on", "paid_on", "posted_on", "effective_on"})
FROM_THE_FIRST = "3"
"""Orders of so many pieces name no warehouse: the first one has no goods, so that they are refused."""
SETTLED = {"in": ("/erp/invoices", "invoiced_on"), "out": ("/erp/bills", "billed_on")}
"""The documents that a payment settles, and the name of their day, by its direction."""

Row = dict[str, Any]
Marks = dict[str, str]
Report = Callable[[str], None]


class OrderlyClient(Client):
    """Sends a command only after every service has reacted to the one before: the order of events never varies."""

    def post(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        answer = super().post(path, body, key)
        wait_until_idle(self)
        return answer

    def rows(self, path: str, **query: str) -> Iterator[Row]:
        """Return the rows of a list in an order that does not depend on their random ids."""
        return iter(in_order(super().rows(path, **query)))

    def patch(self, path: str, changes: Mapping[str, Any], key: str, version: int) -> dict[str, Any]:
        answer = super().patch(path, changes, key, version)
        wait_until_idle(self)
        return answer


def wait_until_idle(client: Client) -> None:
    """Wait until every event is published and consumed; read models may be behind, reads wait for them."""
    deadline = time.monotonic() + IDLE_SECONDS
    while not _is_idle(client.get("ops/lag")):
        if time.monotonic() > deadline:
            raise RequestFailed(f"events are pending after {IDLE_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)


def _is_idle(lag: Mapping[str, Any]) -> bool:
    services = lag["services"].values()
    pending = [part["events"] for each in services for part in (each["relay"], *each["reactors"].values())]
    return not lag["missing"] and not any(pending) and not any(each["timers_due"] for each in services)


class OrderlySteps(StepRunner):
    """Runs the steps of an import one after the other."""

    def _run(self, steps: Iterable[Step]) -> None:
        for step in steps:
            step()
            self._progress.step()


class OrderlyClerk(ApiClient):
    """Reads rows in an order that does not depend on their random ids, and sends what all trees accept alike."""

    def post(self, path: str, **body: Any) -> Row | None:
        """Send what older trees know, dated no earlier than what it continues: they accepted any day.

        A receipt whose supplier invoice was released is not reversed: older trees went on to pay the invoice.
        """
        if path.endswith("/reverse") and self._is_released(path.removesuffix("/reverse")):
            return None
        body.pop("duplicate_reason", None)
        if path == "/crm/sales-orders" and body["lines"][0]["quantity"] != FROM_THE_FIRST:
            body["warehouse"] = late.WAREHOUSE
        days = DATES & body.keys()
        return super().post(path, **body | {name: max(body[name], self._earliest(path, body)) for name in days})

    def _is_released(self, receipt: str) -> bool:
        """Return whether an invoice of the receipt's purchase order is released."""
        order = self.get(receipt).get("purchase_order_id")
        return any(each["released_by"] and str(order) in json.dumps(each) for each in self.get_all("/erp/bills"))

    def _earliest(self, path: str, body: Row) -> str:
        """Return the day of the record that a request continues."""
        if path == "/erp/bills":
            return str(self.get(f"/srm/purchase-orders/{body['purchase_order_id']}")["ordered_on"])
        if path == "/erp/payments":
            documents, day = SETTLED[body["direction"]]
            return max(self.get(f"{documents}/{each['document_id']}")[day] for each in body["allocations"])
        if path.endswith("/reverse"):
            record = self.get(path.removesuffix("/reverse"))
            return str(record.get("received_on") or record["paid_on"])
        return ""

    def get(self, path: str, **query: str) -> Any:
        found = super().get(path, **query)
        return found | {"data": in_order(found["data"])} if "data" in found else found

    def get_all(self, path: str, **query: str) -> Iterator[Row]:
        return iter(in_order(super().get_all(path, **query)))


class Phases:
    """Passes the names of the import's phases on."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def phase(self, name: str, steps: int) -> None:
        self._report(f"import: {name}, {steps} steps")

    def step(self) -> None: ...


def fill(suite: RunningSuite, report: Report, data: Path | None) -> Marks:
    """Fill an empty suite, without data with the demo's order only. Return the instants between the parts, by name."""
    marks: Marks = {}
    with OrderlyClient(suite.url, ADMIN_KEY) as client:
        report("the order of the demo")
        OrderScenario(client, _firm(), lambda *_, **__: None).run()
        marks["demonstrated"] = _now()
        if data is not None:
            with patch.object(importer, "StepRunner", OrderlySteps):
                importer.NorthwindImport(NorthwindTables(data), client, Phases(report)).run()
            marks["imported"] = _now()
            _late_news(suite, report)
            marks["late"] = _now()
        client.wait_until_idle()
    return marks


def _late_news(suite: RunningSuite, report: Report) -> None:
    """Close 1997, then report receipts, shipments, counts, bills, payments and reversals of that year."""
    chance = random.Random()
    with patch.object(late, "uuid4", lambda: UUID(int=chance.getrandbits(128))):
        clerk = OrderlyClerk(suite)
        second = OrderlyClerk(suite, clerk.create_key("second"))
        assert clerk.post(f"/erp/periods/{CLOSED}/close"), "the year is closed"
        news = LateEvents(clerk, second, chance)
        for number in range(NEWS):
            if number % 40 == 0:
                report(f"late news {number} of {NEWS}")
            chance.seed(f"{SEED}/{number}")
            news.kinds[chance.choice(list(news.kinds))]()
        report(f"refused: {dict(clerk.refusals + second.refusals)}")


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _firm() -> Any:
    return json.loads(files("cli.sample").joinpath("firm.json").read_text(encoding="utf-8"))
