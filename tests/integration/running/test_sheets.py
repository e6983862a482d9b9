"""Many records in one request through the gateway of a running suite: as a batch and as a sheet."""

import csv
from collections.abc import Iterator
from uuid import uuid4

import httpx2

from tests.running_suite import RunningSuite

CSV = "text/csv; charset=utf-8"
SHEET = "\ufeffcode,name,currency,contacts.1.name\r\nA1,四合商贸,CNY,安娜\r\nA2,'=1+1,USD,\r\n".encode()


def send(client: httpx2.Client, path: str, content: bytes | Iterator[bytes], **more: str) -> httpx2.Response:
    return client.post(path, content=content, headers={"Content-Type": CSV, "Idempotency-Key": uuid4().hex, **more})


def chunks() -> Iterator[bytes]:
    """Yield a sheet of 33 mebibytes, to be sent without a Content-Length."""
    yield b"code,name,currency\n"
    for _ in range(33):
        yield b"x" * (1 << 20)


def names(client: httpx2.Client) -> dict[str, str]:
    return {row["code"]: row["name"] for row in client.get("/crm/customers").json()["data"]}


def test_customers_are_imported_and_exported_as_a_sheet_all_or_none(fresh_suite: RunningSuite) -> None:
    client = fresh_suite.client
    assert send(client, "/crm/customers/import", chunks()).status_code == 413
    cut = send(client, "/crm/customers/import?rows=3", SHEET)
    assert (cut.status_code, cut.json()["errors"][0]["pointer"]) == (422, "/rows")
    tried = send(client, "/crm/customers/import?rows=2&dry_run=true", SHEET)
    assert tried.json() == {"dry_run": True, "rows": 2, "errors": []}
    assert names(client) == {}
    assert send(client, "/crm/customers/import?rows=2", SHEET).json()["errors"] == []
    assert names(client) == {"A1": "四合商贸", "A2": "=1+1"}
    again = send(client, "/crm/customers/import", SHEET)
    assert [each["pointer"] for each in again.json()["errors"]] == ["/rows/2/code", "/rows/3/code"]
    exported = client.get("/crm/customers/export?sort=code")
    assert exported.headers["Content-Disposition"] == 'attachment; filename="customers.csv"'
    header, first, second = csv.reader(exported.content.decode("utf-8-sig").splitlines())
    assert (first[:3], "安娜" in first) == (["A1", "四合商贸", "CNY"], True)
    assert second[:3] == ["A2", "'=1+1", "USD"]
    assert header[:3] == ["code", "name", "currency"]


def test_a_batch_requires_the_role_of_its_single_command(fresh_suite: RunningSuite) -> None:
    client = fresh_suite.client
    issued = client.post("/access/keys", json={"name": "till", "roles": ["sales"]}).json()
    item = {"sku": "BOLT", "name": "Bolt", "unit": "piece"}
    key = {"Idempotency-Key": uuid4().hex}
    refused = client.post(
        "/scm/items/batch", json={"items": [item]}, headers={**key, "Authorization": f"Bearer {issued['secret']}"}
    )
    assert refused.status_code == 403
    answer = client.post("/scm/items/batch", json={"items": [item, item]}, headers=key).json()
    assert [each["status"] for each in answer["data"]] == [201, 409]
    assert client.get("/scm/items/BOLT").json()["name"] == "Bolt"
