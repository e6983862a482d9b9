"""S83-S85: versions in If-Match, and commands that are sent more than once."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.integration.bad_input.firm import SampleFirm
from tests.integration.bad_input.gateway_caller import GatewayCaller, assert_refused
from tests.integration.bad_input.test_parsing import customer


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(("seen", "status"), [(None, 428), ('"1000"', 412), ('W/"1"', 400), ("1", 400)])
def test_s83_a_change_without_the_current_version_is_refused(
    desk: GatewayCaller, firm: SampleFirm, seen: str | None, status: int
) -> None:
    for path in (f"/crm/customers/{firm.customer}", "/scm/items/BOLT"):
        assert_refused(desk.request("PATCH", path, {"name": "Other"}, If_Match=seen), status)
    if status == 412:
        assert_refused(desk.post(f"/crm/sales-orders/{firm.draft}/place", If_Match=seen), 412)


@pytest.mark.usefixtures("nothing_stored")
def test_s84_a_command_without_a_valid_idempotency_key_is_refused(desk: GatewayCaller, firm: SampleFirm) -> None:
    for path in ("/crm/customers", f"/crm/sales-orders/{firm.draft}/place"):
        assert_refused(desk.post(path, customer(), Idempotency_Key=None), 400, code="idempotency_key_missing")
        assert_refused(desk.post(path, customer(), Idempotency_Key="x" * 300), 422, "/Idempotency-Key")


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("second", ["one", "two"])
def test_s84_two_idempotency_keys_are_refused(desk: GatewayCaller, second: str) -> None:
    keys = ("Idempotency-Key: one", f"Idempotency-Key: {second}", "Content-Length: 2")
    status, _, body = desk.send_raw(desk.request_head("/api/v1/crm/customers", *keys), b"{}")
    assert (status, [each["pointer"] for each in json.loads(body)["errors"]]) == (422, ["/Idempotency-Key"])


def test_s84_an_idempotency_key_identifies_one_command_of_one_caller(desk: GatewayCaller, firm: SampleFirm) -> None:
    del firm
    seller, key = desk.with_new_key("sales"), uuid4().hex
    first = desk.post("/crm/customers", customer(code="S84-1"), Idempotency_Key=key)
    before = desk.stored_counts()
    again = desk.post("/crm/customers", customer(code="S84-1"), Idempotency_Key=key)
    assert_refused(desk.post("/crm/customers", customer(code="S84-2"), Idempotency_Key=key), 422)
    assert (again.status_code, again.content, desk.stored_counts()) == (201, first.content, before)
    other = seller.post("/crm/customers", customer(code="S84-2"), Idempotency_Key=key)
    assert (other.status_code, other.json()["id"] != first.json()["id"]) == (201, True)
    desk.suite.wait_until_idle()


def test_s85_concurrent_requests_with_one_key_have_one_effect(desk: GatewayCaller, firm: SampleFirm) -> None:
    del firm
    key, desks = uuid4().hex, [GatewayCaller(desk.suite) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda n: desks[n % 20].post("/crm/customers", customer(code="S85"), Idempotency_Key=key), range(100)
            )
        )
    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.content for each in answers if each.status_code == 201}) == 1
    assert len(desk.get_json("/crm/customers?code=S85")["data"]) == 1
    desk.suite.wait_until_idle()
