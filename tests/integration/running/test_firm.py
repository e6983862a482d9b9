"""One firm in a running suite: a change in one place is in force in four services."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.running_suite import RunningSuite, wait_until

SERVICES = ("crm", "srm", "scm", "erp")
ARRIVAL_SECONDS = 60.0


def settings_of(client: httpx2.Client, service: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/{service}/settings").json()
    return {name: answer[name] for name in ("firm", "base_currency", "time_zone")}


def patch(client: httpx2.Client, path: str, changes: dict[str, Any]) -> httpx2.Response:
    version = client.get(path).headers["ETag"]
    return client.patch(path, json=changes, headers={"If-Match": version, "Idempotency-Key": uuid4().hex})


@pytest.mark.case("A11", "C22")
def test_a_change_of_the_firm_is_in_force_in_four_services(fresh_suite: RunningSuite) -> None:
    changed = {"firm": "茶叶公司", "base_currency": "CNY", "time_zone": "Asia/Shanghai"}
    with fresh_suite.client as client:
        assert settings_of(client, "crm") == {"firm": None, "base_currency": "USD", "time_zone": "UTC"}
        revised = patch(
            client, "/erp/entities/main", {"name": "茶叶公司", "base_currency": "CNY", "time_zone": "Asia/Shanghai"}
        )
        assert revised.status_code == 200, revised.text
        for each in SERVICES:
            wait_until(lambda each=each: settings_of(client, each) == changed, ARRIVAL_SECONDS, f"the firm in {each}")
        for each in SERVICES:
            refused = patch(client, f"/{each}/settings", {"base_currency": "USD"})
            assert (refused.status_code, settings_of(client, each)) == (422, changed)
