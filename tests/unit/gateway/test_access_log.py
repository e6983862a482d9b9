"""Access log: reads of personal and accounting data are recorded, and a changed record is detected."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from cli.audit import command
from gateway.access_log import INITIAL_CHAIN, AccessLog
from gateway.routes import ROUTES
from shared.command_context import Caller
from shared.projections.sqlite import SqliteDatabase
from shared.store import StoreError

CUSTOMER = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def gateway(open_gateway: Any) -> Any:
    gateway = open_gateway()
    gateway.services["crm"].responses |= {"/customers": {"data": []}, f"/customers/{CUSTOMER}": {}, "/sales-orders": {}}
    gateway.services["erp"].responses |= {"/journal": {"data": []}}
    return gateway


def records(gateway: Any, **query: str) -> list[dict[str, Any]]:
    response = gateway.client.get("/api/v1/audit/access-log", query_string=query)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.mark.case("U6")
def test_a_read_is_recorded_with_the_actor_and_without_what_was_searched(gateway: Any) -> None:
    anna = gateway.create_key("sales", name="desk", person="anna")
    anna.get("/api/v1/crm/customers?q=Zoe+Smith&limit=5")
    anna.get(f"/api/v1/crm/customers/{CUSTOMER}")
    first, second = (each["entry"] for each in records(gateway))
    assert (first["actor"], first["path"], [*first["parameters"]]) == ("anna", "/api/v1/crm/customers", ["limit", "q"])
    assert first["parameters"]["limit"] == "5"
    assert first["parameters"]["q"].startswith("digest:")
    (received, _) = gateway.services["crm"].requests
    assert first["trace_id"] == received.headers["traceparent"].split("-")[1]
    assert second["path"] == f"/api/v1/crm/customers/{CUSTOMER}"
    assert "Zoe" not in json.dumps(records(gateway))


@pytest.mark.case("U6")
@pytest.mark.parametrize(
    ("query", "recorded"),
    [
        ("erp/bills?number=NL-1001", "NL-1001"),
        ("erp/bills?number=2026/17,NL-1001", "2026/17,NL-1001"),
        (f"erp/journal?party={CUSTOMER}", CUSTOMER),
        (f"erp/journal?anything={CUSTOMER}", CUSTOMER),
        ("erp/journal?date[gte]=2026-01-31", "2026-01-31"),
        ("erp/bills?due_on[lte]=2026-01-31", "2026-01-31"),
        ("erp/journal?account=1200", "1200"),
        ("crm/customers?code=ALFKI", "ALFKI"),
        ("crm/customers?name=Zoe+Smith", None),
        ("crm/customers?name=Zoe", None),
        ("crm/customers?email=zoe@example.com", None),
        ("crm/customers?code=zoe@example.com", None),
        ("crm/customers?number=Zoe+Smith", None),
        ("crm/customers?cursor=abc", None),
    ],
)
def test_ids_and_codes_are_recorded_as_given_and_other_values_as_digests(
    gateway: Any, query: str, recorded: str | None
) -> None:
    gateway.services["erp"].responses |= {"/bills": {"data": []}}
    gateway.client.get(f"/api/v1/{query}")
    [entry] = (each["entry"] for each in records(gateway))
    [value] = entry["parameters"].values()
    assert value == recorded if recorded else value.startswith("digest:")


@pytest.mark.case("U6")
def test_two_searches_for_the_same_can_be_compared_and_no_digest_is_that_of_the_bare_value(gateway: Any) -> None:
    for searched in ("Zoe", "Zoe", "Zoë"):
        gateway.client.get("/api/v1/crm/customers", query_string={"q": searched})
    first, second, other = (each["entry"]["parameters"]["q"] for each in records(gateway))
    assert first == second != other
    assert sha256(b"Zoe").hexdigest()[:16] not in first


def test_refused_reads_and_reads_of_other_data_are_not_recorded(gateway: Any) -> None:
    gateway.client.get("/api/v1/crm/sales-orders")
    gateway.client.get("/healthz")
    gateway.create_key("sales").get("/api/v1/erp/journal")
    gateway.client.with_key("a wrong key").get("/api/v1/erp/journal")
    gateway.client.get("/api/v1/erp/nothing")
    assert records(gateway) == []
    assert [each["entry"]["path"] for each in records(gateway)] == ["/api/v1/audit/access-log"]


def test_the_earlier_address_returns_the_same_records(gateway: Any) -> None:
    gateway.client.get("/api/v1/erp/journal")
    earlier = gateway.client.get("/api/v1/audit/readings?limit=1")
    assert earlier.status_code == 200
    assert gateway.client.get("/api/v1/audit/access-log?limit=1").data == earlier.data


def test_all_routes_with_accounting_data_or_audit_records_are_audited(gateway: Any) -> None:
    audited = {route.path.partition("/")[0] for route in ROUTES.values() if route.is_audited}
    assert audited == {"crm", "srm", "erp", "views", "audit", "access"}
    assert all(route.is_audited for route in ROUTES.values() if route.method == "GET" and route.service == "erp")


def test_each_record_is_hashed_with_the_previous_one(gateway: Any) -> None:
    for _ in range(3):
        gateway.client.get("/api/v1/erp/journal")
    response = gateway.client.get("/api/v1/audit/access-log?limit=2")
    assert 'after=2>; rel="next"' in response.headers["Link"]
    before = INITIAL_CHAIN
    for number, line in enumerate(response.get_data().splitlines(), 1):
        entry = line.partition(b'"entry":')[2].rpartition(b',"chain_hash"')[0]
        before = sha256(before + entry).digest()
        assert (json.loads(line)["number"], json.loads(line)["chain_hash"]) == (number, before.hex())


@pytest.fixture
def address(gateway: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, gateway.app, threaded=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def access_log_command(gateway: Any, address: str, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, ["access-log", "--url", address, "--key", str(gateway.client.key), *more])
    return result.exit_code, result.output


def test_the_command_lists_the_records_and_names_a_changed_or_removed_one(gateway: Any, address: str) -> None:
    gateway.create_key("accountant", name="anna").get("/api/v1/erp/journal")
    gateway.client.get("/api/v1/erp/journal")
    gateway.client.get("/api/v1/erp/journal?account=1200")
    code, output = access_log_command(gateway, address, "--by", "anna")
    assert (code, output.count("/api/v1/erp/journal"), "3 records" in output) == (0, 1, True)
    access_log = gateway.app.extensions["gateway"].access.access_log
    for change in ("UPDATE access_log SET record=X'7B7D' WHERE position=2", "DELETE FROM access_log WHERE position=2"):
        with access_log._database.transaction() as session:
            session.execute(change)
        code, output = access_log_command(gateway, address)
        assert (code, "record 2 is missing or was changed" in output) == (1, True)


def test_a_read_is_answered_if_it_cannot_be_recorded(
    gateway: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(AccessLog, "_append", full)
    assert gateway.client.get("/api/v1/erp/journal").status_code == 200
    assert "access log entry not stored" in capsys.readouterr().err


def test_concurrent_records_form_one_chain(tmp_path: Path) -> None:
    logs = [AccessLog(SqliteDatabase(tmp_path / "readings.db"), b"secret") for _ in range(2)]
    logs[0].migrate()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: logs[n % 2].record(Caller("anna"), "GET", f"/{n}", ()), range(100)))
    before, records = INITIAL_CHAIN, logs[0].after(0, 1000)
    for each in records:
        before = sha256(before + bytes(each.entry)).digest()
        assert each.chain_hash == before.hex()
    assert len(records) == 100
    for each in logs:
        each.close()
