"""The gateway in front of the real suite: one order with a shortage, in complete and in partial views."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from cli import verify
from cli.client import Client, RequestFailed
from cli.export import export_documents, write
from cli.memory import with_descendants
from cli.trace import correlation_tree_of
from gateway.api_documents import PAGES
from gateway.routes import ROUTES
from shared.bus.event_feed import FeedUnavailable
from shared.chain import Checkpoint
from shared.chain.checkpoint_monitor import CheckpointProof
from shared.codec import decode
from shared.http_client import HttpClient
from shared.identity import TokenSigner
from shared.worker.checkpoint_monitor_task import http_fetcher
from tests.running_suite import ADMIN_KEY, RunningSuite, wait_until

SERVICES = ("crm", "srm", "scm", "erp")
USD = "USD"


class ApiUser:
    """A caller with an access key; each request requires a status."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def get(self, path: str, status: int = 200) -> Any:
        answer = self._client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        answer = self._client.post(path, json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    with RunningSuite(Path(tmp_path_factory.mktemp("suite")) / "home") as running:
        yield running


@pytest.fixture(scope="module")
def admin(suite: RunningSuite) -> ApiUser:
    return ApiUser(suite.client)


@pytest.fixture(scope="module")
def order(suite: RunningSuite, admin: ApiUser) -> Any:
    """An order of ten bolts without stock: bought, received, billed, shipped, invoiced."""
    admin.post("/scm/warehouses", {"code": "MAIN", "name": "Main"}, 201)
    admin.post("/scm/items", {"sku": "BOLT", "name": "Bolt", "unit": "piece"}, 201)
    supplier = admin.post("/srm/suppliers", {"code": "S1", "name": "Smith", "currency": USD}, 201)
    price = {"amount": "1.00", "currency": USD}
    offer = {"supplier_id": supplier["id"], "sku": "BOLT", "unit_price": price, "lead_time_days": 2}
    admin.post("/srm/supplier-items", offer, 201)
    customer = admin.post("/crm/customers", {"code": "C1", "name": "Carpenter", "currency": USD}, 201)
    suite.wait_until_idle()
    lines = [{"sku": "BOLT", "quantity": "10", "unit_price": {"amount": "2.50", "currency": USD}}]
    drafted = admin.post("/crm/sales-orders", {"customer_id": customer["id"], "currency": USD, "lines": lines}, 201)
    admin.post(f"/crm/sales-orders/{drafted['id']}/place")
    suite.wait_until_idle()
    (bought,) = admin.get("/srm/purchase-orders")["data"]
    admin.post(f"/srm/purchase-orders/{bought['id']}/send")
    suite.wait_until_idle()
    goods = {"purchase_order_id": bought["id"], "lines": [{"sku": "BOLT", "quantity": "10"}]}
    admin.post("/scm/goods-receipts", goods, 201)
    suite.wait_until_idle()
    billed = [{"sku": "BOLT", "quantity": "10", "unit_price": price}]
    bill = {"supplier_id": supplier["id"], "number": "SM-77", "purchase_order_id": bought["id"], "lines": billed}
    admin.post("/erp/bills", {**bill, "billed_on": f"{datetime.now(UTC):%F}"}, 201)
    (shipment,) = admin.get(f"/scm/shipments?sales_order_id={drafted['id']}")["data"]
    admin.post(f"/scm/shipments/{shipment['id']}/dispatch")
    suite.wait_until_idle()
    return drafted


def events_below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in node["children"]:
        yield from [child] if "type" in child else []
        yield from events_below(child)


def test_an_order_with_a_shortage_is_one_tree_of_all_four_services(admin: ApiUser, order: Any) -> None:
    view = admin.get(f"/views/orders/{order['id']}")
    assert view["order"]["status"] == "invoiced"
    assert [len(view[part]) for part in ("shipments", "invoices", "purchase_requests")] == [1, 1, 1]
    assert {name: source["ok"] for name, source in view["sources"].items()} == dict.fromkeys(SERVICES, True)
    (beginning,) = view["correlation_tree"]["children"]
    happened = list(events_below(view["correlation_tree"]))
    assert beginning["children"][0]["type"] == "crm.SalesOrder.Drafted"
    assert {event["service"] for event in happened} == set(SERVICES)
    assert len(happened) == view["correlation_tree"]["events"] == len({event["id"] for event in happened})


OWN_OF_SALES = {"crm": {"SalesOrder"}, "scm": {"StockItem"}, "erp": {"Invoice"}}
PARTS = {
    "sales": ({"invoices"}, OWN_OF_SALES),
    "accountant": ({"shipments", "invoices", "credit", "purchase_requests"}, None),
    "representative": (set[str](), {}),
}


@pytest.mark.case("X25")
@pytest.mark.parametrize("role", PARTS)
def test_a_view_has_only_what_the_role_reads_elsewhere(
    suite: RunningSuite, admin: ApiUser, order: Any, role: str
) -> None:
    parts, aggregates = PARTS[role]
    person = admin.get(f"/crm/customers/{order['customer_id']}")["owner"]
    issued = admin.post("/access/keys", {"name": f"view of {role}", "roles": [role], "person": f"{role} {person}"}, 201)
    with suite.client_with(issued["secret"]) as client:
        response = client.get(f"/views/orders/{order['id']}")
        if role == "representative":
            assert response.status_code == 404
            return
        view = response.json()
        customer = client.get(f"/views/customers/{order['customer_id']}").json()
    assert {name for name in PARTS["accountant"][0] if view[name] is not None} == parts
    shown: dict[str, set[str]] = {}
    for event in events_below(view["correlation_tree"]):
        shown.setdefault(event["service"], set()).add(event["type"].split(".")[1])
    if aggregates is None:
        assert shown.keys() == set(SERVICES)
    else:
        assert shown.pop("crm") >= aggregates["crm"]
        assert shown.pop("scm", set()) <= aggregates["scm"]
        assert shown == {"erp": aggregates["erp"]}
    assert (customer["credit"] is not None, "shipments" in customer["more"]) == (role != "sales", role != "sales")
    assert "invoices" in customer["more"]


def test_a_correlation_of_several_pages_is_traced_completely(
    suite: RunningSuite, admin: ApiUser, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.trace.PAGE_SIZE", "2")
    with Client(suite.url, ADMIN_KEY) as client:
        traced = correlation_tree_of(client, order["number"])
    assert traced.events == admin.get(f"/views/orders/{order['id']}")["correlation_tree"]["events"] > 8


def test_each_source_of_a_view_has_its_position(admin: ApiUser, order: Any) -> None:
    lengths = {}
    for name in SERVICES:
        answer = admin._client.get(f"/audit/{name}/events?limit=1000")
        lengths[name] = len(answer.text.splitlines())
    sources = admin.get(f"/views/orders/{order['id']}")["sources"]
    assert {name: source["position"] for name, source in sources.items()} == lengths


def test_a_customer_is_seen_with_order_shipment_invoice_and_credit(admin: ApiUser, order: Any) -> None:
    view = admin.get(f"/views/customers/{order['customer_id']}")
    assert [row["id"] for row in view["orders"]] == [order["id"]]
    assert (len(view["shipments"]), len(view["invoices"])) == (1, 1)
    assert view["credit"]["exposure"] == {"amount": "25.00", "currency": USD}
    assert view["timeline"]


def send_signal(suite: RunningSuite, process: str, number: signal.Signals) -> None:
    """Send a signal to a process and its children: the supervisor of the web server and the server itself."""
    pid = suite.pid(process)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        os.kill(each, number)


def test_a_view_names_a_hanging_service_within_seconds_and_shows_the_others(
    suite: RunningSuite, admin: ApiUser, order: Any
) -> None:
    send_signal(suite, "erp-api", signal.SIGSTOP)
    try:
        began = time.monotonic()
        view = admin.get(f"/views/orders/{order['id']}")
        took = time.monotonic() - began
        assert (view["invoices"], view["sources"]["erp"]["ok"], view["order"]["id"]) == (None, False, order["id"])
        assert took < 25
        assert admin.get("/crm/customers")["data"]
        assert {event["service"] for event in events_below(view["correlation_tree"])} == {"crm", "srm", "scm"}
    finally:
        send_signal(suite, "erp-api", signal.SIGCONT)
    wait_until(lambda: admin.get(f"/views/orders/{order['id']}")["sources"]["erp"]["ok"], 120, "ERP to answer again")


def test_requests_to_a_killed_service_succeed_after_its_restart(
    suite: RunningSuite, admin: ApiUser, order: Any
) -> None:
    killed = with_descendants([suite.pid("crm-api")])
    suite.kill("crm-api")
    key = {"Idempotency-Key": uuid4().hex}
    body = {"code": "C2", "name": "Cooper", "currency": USD}

    def ask() -> httpx2.Response:
        return admin._client.post("/crm/customers", json=body, headers=key)

    asked = [ask() for _ in range(3)]
    wait_until(lambda: not with_descendants(killed), 60, "the killed service to have ended, its orphans too")
    wait_until(lambda: asked[-1].status_code == 201 or asked.append(ask()), 60, "the customer to be registered")
    found = wait_until(lambda: (answer := admin._client.get("/crm/customers?code=C2")).is_success and answer, 60, "CRM")
    assert {answer.status_code for answer in asked} <= {201, 503}
    assert len({answer.json()["id"] for answer in asked if answer.status_code == 201}) == 1
    assert len(found.json()["data"]) == 1


def test_a_hanging_worker_is_reported_as_missing_and_the_suite_as_not_quiet(
    suite: RunningSuite, admin: ApiUser
) -> None:
    suite.kill("scm-worker", signal.SIGSTOP)
    try:
        answer = admin.get("/ops/lag")
        assert (answer["quiet"], answer["missing"]) == (False, ["scm"])
    finally:
        suite.kill("scm-worker", signal.SIGCONT)
    suite.wait_until_idle()


@pytest.mark.parametrize(("query", "status"), [("&".join(["a=1"] * 2_000), 400), ("a" * 9_000, 414)])
def test_long_addresses_are_refused_by_the_gateway_and_the_server(admin: ApiUser, query: str, status: int) -> None:
    assert admin._client.get(f"/crm/customers?{query}").status_code == status


def test_a_seller_registers_customers_and_cannot_read_the_ledger(
    suite: RunningSuite, admin: ApiUser, order: Any
) -> None:
    issued = admin.post("/access/keys", {"name": "till", "roles": ["sales"], "person": "anna"}, 201)
    with httpx2.Client(
        base_url=f"{suite.url}/api/v1", headers={"Authorization": f"Bearer {issued['secret']}"}, trust_env=False
    ) as client:
        anna = ApiUser(client)
        anna.post("/crm/customers", {"code": "C3", "name": "Smith", "currency": USD}, 201)
        assert anna.get(f"/views/orders/{order['id']}")["invoices"]
        for path in ("/erp/journal", "/scm/shipments", "/srm/suppliers", "/audit/crm/events", "/access/keys"):
            assert anna.get(path, 403)["code"] == "forbidden"
        admin.post(f"/access/keys/{issued['id']}/revoke")
        assert anna.get("/crm/customers", 401)["code"] == "authentication_required"
    log = admin._client.get("/audit/crm/events?actor=anna").text
    assert [line.count("crm.Customer.Registered") for line in log.splitlines()] == [1]


def test_one_document_describes_all_public_routes(suite: RunningSuite) -> None:
    answer = httpx2.get(f"{suite.url}/openapi.json", trust_env=False).json()
    described = sum(len(item) for item in answer["paths"].values())
    assert described == len(ROUTES) + len(PAGES)


# -- the history and its proof


@pytest.mark.case("U3")
def test_a_trace_with_details_is_readable_for_an_auditor(suite: RunningSuite, admin: ApiUser, order: Any) -> None:
    with Client(suite.url, ADMIN_KEY) as client:
        plain = [line.plain for line in correlation_tree_of(client, order["number"]).lines]
        detailed = [line.plain for line in correlation_tree_of(client, order["number"], details=True).lines]
    assert len(plain) == len(detailed)
    assert [each.partition(" · ")[0] for each in detailed] == [each.removesuffix(" ◂") for each in plain]
    assert any("POST /sales-orders/{order_id}/place" in each for each in detailed)
    assert any("POST /shipments/{shipment_id}/dispatch" in each for each in detailed)
    [drafted] = [each for each in detailed if "SalesOrder.Drafted" in each]
    assert re.search(rf" · \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \S+ · {order['number']} · ", drafted)
    [invoiced] = [each for each in detailed if " Invoice.Posted " in each]
    (invoice,) = admin.get(f"/erp/invoices?sales_order_id={order['id']}")["data"]
    assert f" · {invoice['number']} · " in invoiced
    assert f"total {invoice['total']['amount']} {invoice['total']['currency']}" in invoiced
    line = invoice["lines"][0]
    assert f"lines: {line['quantity']} × {line['sku']} " in invoiced
    assert any("1200 debit" in each and "JournalEntry.Posted" in each for each in detailed)


def identifiers_of(admin: ApiUser, order: Any) -> dict[str, str]:
    """Return the identifiers of one correlation that users know: numbers, ids, a posting, an event."""
    (invoice,) = admin.get(f"/erp/invoices?sales_order_id={order['id']}")["data"]
    posted = admin.get("/erp/journal?account=1200")["data"][0]
    lines = admin._client.get(f"/audit/scm/events?correlation={correlation_of(admin, order)}").text.splitlines()
    event = json.loads(lines[-1])["id"]
    return {
        "order's number": order["number"], "order": order["id"], "invoice's number": invoice["number"],
        "invoice": invoice["id"], "entry": posted["entry"], "posting": posted["id"], "event": event,
        "bill's number": "SM-77",
    }  # fmt: skip


def correlation_of(admin: ApiUser, order: Any) -> str:
    line = admin._client.get(f"/audit/crm/events?aggregate={order['id']}&limit=1").text
    return str(json.loads(line)["correlation"])


def test_every_identifier_of_a_correlation_returns_the_same_tree(
    suite: RunningSuite, admin: ApiUser, order: Any
) -> None:
    identifiers = identifiers_of(admin, order)
    with Client(suite.url, ADMIN_KEY) as client:
        traced = {kind: correlation_tree_of(client, name) for kind, name in identifiers.items()}
        for unknown in ("nothing", "crm:0000000000000000-1", "unknown:00-1", str(uuid4()), f"{9:015}-0"):
            with pytest.raises(RequestFailed):
                correlation_tree_of(client, unknown)
    trees = {kind: [line.plain.removesuffix(" ◂") for line in answer.lines] for kind, answer in traced.items()}
    assert all(tree == trees["order"] for tree in trees.values())
    marked = {kind: sum(line.plain.endswith(" ◂") for line in answer.lines) for kind, answer in traced.items()}
    assert (marked["event"], marked["posting"]) == (1, 1)
    assert min(marked.values()) == 1


def test_an_export_of_the_running_suite_is_sound_and_matches_kept_checkpoints(
    suite: RunningSuite, admin: ApiUser, order: Any, tmp_path: Path
) -> None:
    kept, file = tmp_path / "kept", tmp_path / "history"
    kept.write_bytes(b"".join(admin._client.get(f"/audit/{name}/checkpoint").content + b"\n" for name in SERVICES))
    with Client(suite.url, ADMIN_KEY) as client, file.open("wb") as writing:
        write(export_documents(client), writing)
    assert verify.main([str(file), "--checkpoint", str(kept)]) == 0
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"BOLT"', b'"BELT"', 1).replace(b'\\"BOLT\\"', b'\\"BELT\\"', 1))
    assert verify.main([str(file), "--checkpoint", str(kept)]) == 1


def test_services_request_checkpoints_of_each_other_and_store_them(
    suite: RunningSuite, admin: ApiUser, order: Any
) -> None:
    admin._client.get("/audit/erp/checkpoint")
    seed = bytes.fromhex((suite.home / "keys" / "crm.seed").read_text())
    address = f"http://127.0.0.1:{suite.running['ports']['erp-api']}"
    erp = HttpClient("erp", address)
    ask = http_fetcher({"erp": erp}, partial(TokenSigner("crm", seed).issue_token, "crm", ()))
    answer = decode(ask("erp", "/audit/checkpoint?since=0"), CheckpointProof)
    answer.checkpoint.verify()
    listed = admin._client.get("/audit/erp/checkpoints").text.splitlines()
    assert decode(listed[-1], Checkpoint) == answer.checkpoint
    with pytest.raises(FeedUnavailable):
        ask("erp", "/audit/events")
    erp.close()
    held = admin._client.get("/audit/erp/checkpoints?held_by=crm")
    assert held.status_code == 200
    assert admin._client.get("/audit/erp/checkpoints?held_by=unknown").status_code == 404
    assert admin._client.get("/audit/unknown/checkpoints?held_by=crm").status_code == 404


def test_an_order_is_shown_at_an_earlier_version(admin: ApiUser, order: Any) -> None:
    drafted = admin.get(f"/audit/crm/aggregates/{order['id']}?version=1")
    now = admin.get(f"/audit/crm/aggregates/{order['id']}")
    assert (drafted["state"]["status"], drafted["aggregate_type"]) == ("draft", "crm.SalesOrder")
    assert now["version"] > 1
    for service in SERVICES:
        for line in admin._client.get(f"/audit/{service}/events").text.splitlines():
            event = json.loads(line)
            then = admin.get(f"/audit/{service}/aggregates/{event['aggregate']}?position={event['position']}")
            assert then["version"] == event["version"]


def test_an_auditor_changes_nothing(suite: RunningSuite, admin: ApiUser, order: Any) -> None:
    """S102: every command is sent with a key of that role."""
    key = admin.post("/access/keys", {"name": "auditor", "roles": ["auditor"]}, 201)["secret"]
    heads = {name: admin.get(f"/audit/{name}/checkpoint")["checkpoint"]["position"] for name in SERVICES}
    with httpx2.Client(base_url=suite.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as auditor:
        for route in ROUTES.values():
            if route.method != "GET":
                path = f"/api/v1/{re.sub(r'{[^}]+}', order['id'], route.path)}"
                answer = auditor.request(route.method, path, json={}, headers={"Idempotency-Key": uuid4().hex})
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), route.name
    assert {name: admin.get(f"/audit/{name}/checkpoint")["checkpoint"]["position"] for name in SERVICES} == heads
