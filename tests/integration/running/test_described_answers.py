"""Every answer of a running suite has exactly the members and types that the API description states."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.described_answers import JSON, NDJSON, PREFIX, DescribedAnswers
from tests.running_suite import ADMIN_KEY, RunningSuite
from tests.same_answers import questions
from tests.same_answers.answers import Question, Reader
from tests.same_answers.document import operations
from tests.small_firm import write_tables

pytestmark = [pytest.mark.case("F2"), pytest.mark.xdist_group("sample")]

LOGS = ("crm", "srm", "scm", "erp", "gateway")
SHEETS = ("/export", "/template")
USD = "USD"
REASON = {"code": "DAMAGED", "text": "The goods were damaged"}
OPENING_BALANCE = {
    "account": "1200", "amount": {"amount": "60.00", "currency": USD}, "document_number": "OLD-7",
    "document_on": "1996-06-03", "due_on": "1996-07-03",
}  # fmt: skip


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """A running suite with a small firm: orders, purchases, invoices, payments, and what an import leaves out."""
    folder = tmp_path_factory.mktemp("described")
    with RunningSuite(folder / "home") as running:
        command = [sys.executable, "-m", "cli.main", "import", "northwind", str(write_tables(folder / "firm"))]
        place = ["--url", running.url, "--key", ADMIN_KEY]
        subprocess.run([*command, *place], capture_output=True, timeout=600, check=True)
        with running.client as client:
            record_what_an_import_leaves_out(client)
        running.wait_until_idle()
        yield running


def record_what_an_import_leaves_out(client: httpx2.Client) -> None:
    """Record a reason in each service, a unit, a count, opening stock and an open item of a customer."""

    def post(path: str, body: Any) -> None:
        client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex}).raise_for_status()

    for service in ("crm", "srm", "scm", "erp"):
        post(f"/{service}/reasons", REASON)
    warehouse = client.get("/scm/warehouses").json()["data"][0]["code"]
    customer = client.get("/crm/customers").json()["data"][0]["id"]
    post("/scm/units", {"code": "sack", "name": "Sack"})
    post("/scm/items", {"sku": "SALT", "name": "Salt", "unit": "sack"})
    value = {"amount": "30.00", "currency": USD}
    goods = {"sku": "SALT", "quantity": "12"}
    post(
        "/scm/opening-stock", {"warehouse": warehouse, "opened_on": "1996-07-01", "lines": [{**goods, "value": value}]}
    )
    post("/scm/stock-counts", {"warehouse": warehouse, "lines": [{**goods, "quantity": "11"}]})
    post("/erp/opening-balances", {"posted_on": "1996-07-01", "lines": [{**OPENING_BALANCE, "party": customer}]})


@pytest.fixture(scope="module")
def document(suite: RunningSuite) -> Any:
    with suite.client as client:
        return client.get(f"{suite.url}/openapi.json").raise_for_status().json()


@pytest.fixture(scope="module")
def described(document: Any) -> DescribedAnswers:
    return DescribedAnswers(document)


@pytest.fixture(scope="module")
def asked(suite: RunningSuite, document: Any) -> list[Question]:
    """The reading requests that the document offers: lists, single records, statements on all days, logs."""
    offered, client = list(operations(document)), suite.client
    lists = questions.whole_lists(Reader(client), offered)
    order = lists["/crm/sales-orders"][0]["id"]
    key = client.post("/access/keys", json={"name": "reader", "roles": ["auditor"]}).raise_for_status().json()["id"]
    own = [f"/access/keys/{key}", "/access/keys", "/ops/lag", "/ops/parked", "/audit/access-log", "/audit/readings"]
    logs = [f"/audit/{log}/{page}" for log in LOGS for page in ("events", "stored", "checkpoint", "checkpoints")]
    return [
        *(Question.of(path) for path in [*lists, *own, *logs, f"/audit/crm/aggregates/{order}"]),
        Question.of("/scm/stock", as_of="1998-05-01"),
        *questions.records(offered, lists),
        *(each for each in questions.statements(offered, {}) if "format" not in each.query),
    ]


def test_every_answer_has_exactly_the_described_members(
    suite: RunningSuite, described: DescribedAnswers, asked: list[Question]
) -> None:
    client = suite.client
    different = [line for each in asked for line in differences(described, client, each)]
    assert different == []
    reads = {name for name in described.operations if name.startswith(f"GET {PREFIX}") and not name.endswith(SHEETS)}
    assert reads - described.checked == set()


def differences(described: DescribedAnswers, client: httpx2.Client, question: Question) -> list[str]:
    response = client.get(question.path, params=question.query)
    assert response.status_code == 200, response.text
    media_type = response.headers["content-type"].partition(";")[0]
    lines = response.content.splitlines()
    body = [json.loads(line) for line in lines] if media_type == NDJSON else response.json()
    return described.differences("GET", f"{PREFIX}{question.path}", 200, body, media_type)


def test_a_member_that_is_not_described_is_found(described: DescribedAnswers) -> None:
    body = {"data": [{"code": "1000", "name": "Bank", "kind": "asset", "more": 1}], "has_more": False}
    (unknown, missing) = described.differences("GET", f"{PREFIX}/erp/accounts", 200, body, JSON)
    assert "'more' was unexpected" in unknown
    assert "'next_cursor' is a required property" in missing
