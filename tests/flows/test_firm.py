"""One firm in four services: who has not received it yet, and what a change reaches."""

from pathlib import Path
from typing import Any

import pytest

from services.crm.service import Crm
from services.erp.service import Erp
from services.scm.service import Scm
from services.srm.service import Srm
from shared.service import Service
from shared.testing.services import ConnectedServices, open_service, recorded_events
from shared.testing.web import create_client

RECEIVING = (Crm, Srm, Scm)
REGISTRATIONS = {
    Crm: ("/customers", {"code": "ALFKI", "name": "Alfreds", "currency": "EUR"}),
    Srm: ("/suppliers", {"code": "EXOTIC", "name": "Exotic Liquids", "currency": "EUR"}),
    Scm: ("/carriers", {"code": "SPEEDY", "name": "Speedy Express"}),
}


def open_without_firm(service_class: type[Service], folder: Path) -> Service:
    return open_service(service_class, folder, knows_firm=False)


def settings_of(service: Service) -> dict[str, Any]:
    settings: dict[str, Any] = create_client(service).get("/settings").json
    return {name: settings[name] for name in ("firm", "base_currency", "time_zone")}


@pytest.mark.parametrize("service_class", RECEIVING)
def test_a_service_without_the_firm_refuses_commands_and_answers_queries(
    tmp_path: Path, service_class: type[Service]
) -> None:
    service = open_without_firm(service_class, tmp_path)
    client, (path, body) = create_client(service), REGISTRATIONS[service_class]
    refused = client.post(path, json=body)
    assert (refused.status_code, refused.json["code"]) == (503, "firm_unknown")
    assert "Retry-After" in refused.headers
    assert refused.json["detail"] == (
        "The firm's base currency and time zone have not arrived from ERP yet. Try again soon."
    )
    assert client.get("/readyz").status_code == 503
    assert client.get(path).json["data"] == []
    assert settings_of(service) == {"firm": None, "base_currency": None, "time_zone": None}
    assert service.store.head() == 0


@pytest.mark.parametrize("service_class", RECEIVING)
def test_the_same_command_succeeds_once_the_firm_has_arrived(tmp_path: Path, service_class: type[Service]) -> None:
    service = open_without_firm(service_class, tmp_path)
    client, (path, body) = create_client(service), REGISTRATIONS[service_class]
    key: dict[str, str | None] = {"Idempotency-Key": "registration"}
    assert client.post(path, json=body, headers=key).status_code == 503
    ConnectedServices(service, open_service(Erp, tmp_path)).deliver_all()
    assert client.get("/readyz").status_code == 200
    assert client.post(path, json=body, headers=key).status_code == 201
    assert settings_of(service) == {"firm": None, "base_currency": "USD", "time_zone": "UTC"}


def test_a_change_reaches_every_service(tmp_path: Path) -> None:
    services = [open_without_firm(each, tmp_path) for each in RECEIVING] + [open_service(Erp, tmp_path)]
    suite = ConnectedServices(*services)
    suite.deliver_all()
    changes = {"name": "茶叶公司", "base_currency": "CNY", "time_zone": "Asia/Shanghai"}
    client = create_client(services[-1])
    seen = client.get("/entities/main").headers["ETag"]
    assert client.patch("/entities/main", json=changes, headers={"If-Match": seen}).status_code == 200
    suite.deliver_all()
    for each in services:
        assert settings_of(each) == {"firm": "茶叶公司", "base_currency": "CNY", "time_zone": "Asia/Shanghai"}


@pytest.mark.parametrize("service_class", [*RECEIVING, Erp])
@pytest.mark.parametrize("field", ["firm", "base_currency", "time_zone"])
def test_no_service_has_a_currency_or_a_zone_of_its_own(
    tmp_path: Path, service_class: type[Service], field: str
) -> None:
    service = open_service(service_class, tmp_path)
    before, events = settings_of(service), len(recorded_events(service))
    refused = create_client(service).patch("/settings", json={field: "CNY"}, headers={"If-Match": '"0"'})
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, [f"/{field}"])
    assert "PATCH /api/v1/erp/entities/main" in refused.json["errors"][0]["detail"]
    assert (settings_of(service), len(recorded_events(service))) == (before, events)


def test_news_that_change_nothing_record_no_event(tmp_path: Path) -> None:
    crm = open_service(Crm, tmp_path)
    before = crm.store.head()
    ConnectedServices(crm, open_service(Erp, tmp_path)).deliver_all()
    assert crm.store.head() == before
