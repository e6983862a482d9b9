"""T3: whoever reads of persons or books is on record, and no record can be changed unseen."""

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
from shared.projections.sqlite import SqliteDatabase
from shared.store import StoreError

CUSTOMER = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def here(house: Any) -> Any:
    here = house()
    here.services["crm"].answers |= {"/customers": {"data": []}, f"/customers/{CUSTOMER}": {}, "/sales-orders": {}}
    here.services["erp"].answers |= {"/journal": {"data": []}}
    return here


def records(here: Any, **asked: str) -> list[dict[str, Any]]:
    told = here.browser.get("/api/v1/audit/access-log", query_string=asked)
    assert told.status_code == 200, told.text
    return [json.loads(line) for line in told.text.splitlines()]


def test_who_read_what_is_on_record_and_what_was_looked_for_is_not(here: Any) -> None:
    anna = here.create_key("sales", name="desk", person="anna")
    anna.get("/api/v1/crm/customers?q=Zoe+Smith&limit=5", headers={"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"})
    anna.get(f"/api/v1/crm/customers/{CUSTOMER}")
    first, second = (each["entry"] for each in records(here))
    assert (first["actor"], first["path"], first["parameters"]) == ("anna", "/api/v1/crm/customers", ["limit", "q"])
    assert first["trace_id"] == "1" * 32
    assert second["path"] == f"/api/v1/crm/customers/{CUSTOMER}"
    assert "Zoe" not in json.dumps(records(here))


def test_what_shows_neither_persons_nor_books_and_what_was_refused_is_not_on_record(here: Any) -> None:
    here.browser.get("/api/v1/crm/sales-orders")
    here.browser.get("/healthz")
    here.create_key("sales").get("/api/v1/erp/journal")
    here.browser.with_key("a wrong key").get("/api/v1/erp/journal")
    here.browser.get("/api/v1/erp/nothing")
    assert records(here) == []
    assert [each["entry"]["path"] for each in records(here)] == ["/api/v1/audit/access-log"]


def test_the_earlier_address_returns_the_same_records(here: Any) -> None:
    here.browser.get("/api/v1/erp/journal")
    earlier = here.browser.get("/api/v1/audit/readings?limit=1")
    assert earlier.status_code == 200
    assert here.browser.get("/api/v1/audit/access-log?limit=1").data == earlier.data


def test_every_row_of_the_books_and_of_the_history_is_private(here: Any) -> None:
    private = {route.path.partition("/")[0] for route in ROUTES.values() if route.is_audited}
    assert private == {"crm", "srm", "erp", "views", "audit", "access"}
    assert all(route.is_audited for route in ROUTES.values() if route.method == "GET" and route.service == "erp")


def test_each_record_is_hashed_with_the_one_before(here: Any) -> None:
    for _ in range(3):
        here.browser.get("/api/v1/erp/journal")
    told = here.browser.get("/api/v1/audit/access-log?limit=2")
    assert 'after=2>; rel="next"' in told.headers["Link"]
    before = INITIAL_CHAIN
    for number, line in enumerate(told.get_data().splitlines(), 1):
        reading = line.partition(b'"entry":')[2].rpartition(b',"chain_hash"')[0]
        before = sha256(before + reading).digest()
        assert (json.loads(line)["number"], json.loads(line)["chain_hash"]) == (number, before.hex())


@pytest.fixture
def address(here: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, here.app, threaded=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


def listed(here: Any, address: str, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, ["readings", "--url", address, "--key", str(here.browser.key), *more])
    return result.exit_code, result.output


def test_an_auditor_lists_them_and_a_record_changed_or_taken_out_is_named(here: Any, address: str) -> None:
    here.create_key("accountant", name="anna").get("/api/v1/erp/journal")
    here.browser.get("/api/v1/erp/journal")
    here.browser.get("/api/v1/erp/journal")
    code, told = listed(here, address, "--by", "anna")
    assert (code, told.count("/api/v1/erp/journal"), "3 readings" in told) == (0, 1, True)
    readings = here.app.extensions["gateway"].access.access_log
    for change in ("UPDATE access_log SET record=X'7B7D' WHERE position=2", "DELETE FROM access_log WHERE position=2"):
        with readings._database.transaction() as session:
            session.execute(change)
        code, told = listed(here, address)
        assert (code, "record 2 is missing or was changed" in told) == (1, True)


def test_reading_goes_on_where_nothing_can_be_recorded(
    here: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(AccessLog, "_append", full)
    assert here.browser.get("/api/v1/erp/journal").status_code == 200
    assert "access log entry not stored" in capsys.readouterr().err


def test_records_made_by_many_at_once_are_one_chain(tmp_path: Path) -> None:
    readings = [AccessLog(SqliteDatabase(tmp_path / "readings.db")) for _ in range(2)]
    readings[0].migrate()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: readings[n % 2].record("anna", f"/{n}", [], ""), range(100)))
    before, records = INITIAL_CHAIN, readings[0].after(0, 1000)
    for each in records:
        before = sha256(before + bytes(each.entry)).digest()
        assert each.chain_hash == before.hex()
    assert len(records) == 100
    for each in readings:
        each.close()
