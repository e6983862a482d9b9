"""Large responses are compressed for clients that accept it, and pages that are the same for all are sent once."""

import gzip
import json
from typing import Any

import pytest

CUSTOMERS = "/api/v1/crm/customers"
MANY = {"data": [{"name": f"Customer {number}"} for number in range(200)]}


@pytest.fixture(scope="module")
def gateway(shared_gateway: Any) -> Any:
    shared_gateway.services["crm"].responses["/customers"] = MANY
    for service in shared_gateway.services.values():
        service.responses["/openapi.json"] = {"paths": {}}
    return shared_gateway


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "br;q=1.0, gzip;q=0.5", "*", "deflate, *;q=0.1"])
def test_a_large_response_is_compressed_for_clients_that_accept_it(gateway: Any, accepted: str) -> None:
    response = gateway.client.get(CUSTOMERS, headers={"Accept-Encoding": accepted})
    assert response.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(response.data)) == MANY
    assert int(response.headers["Content-Length"]) == len(response.data) < len(json.dumps(MANY)) / 5
    assert "Accept-Encoding" in ", ".join(response.headers.getlist("Vary"))


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip;q=0.0, *;q=1", "nonsense;q=x"])
def test_others_get_it_as_it_is(gateway: Any, accepted: str) -> None:
    response = gateway.client.get(CUSTOMERS, headers={"Accept-Encoding": accepted})
    assert ("Content-Encoding" in response.headers, response.json) == (False, MANY)


def test_a_small_response_is_not_compressed(gateway: Any) -> None:
    response = gateway.client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert ("Content-Encoding" in response.headers, response.json) == (False, {"status": "ok"})


@pytest.mark.parametrize("page", ["/openapi.json", "/asyncapi.json", "/docs/swagger-ui.css"])
def test_a_page_that_the_client_has_is_not_sent_again(gateway: Any, page: str) -> None:
    client = gateway.client.with_key(None)
    first = client.get(page, headers={"Accept-Encoding": "gzip"})
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, max-age=60")
    assert gzip.decompress(first.data) == client.get(page).data
    again = client.get(page, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(page, headers={"If-None-Match": 'W/"other"'}).status_code == 200
