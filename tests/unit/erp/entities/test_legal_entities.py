"""The legal entity `main`: the one place of the firm's name, currency, time zone and fiscal calendar."""

from pathlib import Path
from typing import Any

import pytest

from services.erp.service import Erp
from shared.contracts import erp
from shared.domain import Firm, InvalidInput, TimeZonePeriod
from shared.testing.services import catch_up, open_service, published_events, recorded_events
from shared.testing.web import Client, create_client
from shared.wiring import migrate
from tests.unit.erp.examples import an_erp, receive_stock

FIRST_EVENTS = ["erp.LegalEntity.Registered", "erp.ChartOfAccounts.Adopted"]


@pytest.fixture
def service(tmp_path: Path) -> Erp:
    return open_service(Erp, tmp_path)


def client_of(service: Erp) -> Client:
    return create_client(catch_up(service))


def change(service: Erp, **changes: Any) -> Any:
    client = client_of(service)
    seen = client.get("/entities/main").headers["ETag"]
    return client.patch("/entities/main", json=changes, headers={"If-Match": seen})


def test_every_firm_starts_with_the_entity_main(service: Erp) -> None:
    shown = client_of(service).get("/entities/main").json
    assert {name: shown[name] for name in ("code", "name", "base_currency", "time_zone", "fiscal_year_starts")} == {
        "code": "main", "name": None, "base_currency": "USD", "time_zone": "UTC", "fiscal_year_starts": 1,
    }  # fmt: skip
    assert shown["base_currency_is_fixed"] is False
    assert shown["time_zones"] == [{"time_zone": "UTC", "first_day": None}]
    assert [each["code"] for each in client_of(service).get("/entities").json["data"]] == ["main"]


def test_starting_again_registers_nothing_new(service: Erp) -> None:
    migrate(service)
    assert [each.type for each in recorded_events(service)] == FIRST_EVENTS


def test_the_first_start_registers_what_is_configured(tmp_path: Path) -> None:
    configured = Firm(base_currency="CNY", time_zones=(TimeZonePeriod("Asia/Shanghai"),))
    service = open_service(Erp, tmp_path, initial_firm=configured)
    shown = client_of(service).get("/entities/main").json
    assert (shown["base_currency"], shown["time_zone"]) == ("CNY", "Asia/Shanghai")


def test_a_change_is_published_as_it_then_stands(service: Erp) -> None:
    assert change(service, name="Northwind Traders", base_currency="EUR", fiscal_year_starts=7).status_code == 200
    (registered, revised) = published_events(service)
    assert isinstance(registered, erp.LegalEntityRegistered)
    assert registered.firm == Firm()
    assert isinstance(revised, erp.LegalEntityRevised)
    assert revised.firm == Firm(name="Northwind Traders", base_currency="EUR", fiscal_year_starts=7)
    shown = client_of(service).get("/settings").json
    assert (shown["firm"], shown["base_currency"], shown["time_zone"]) == ("Northwind Traders", "EUR", "UTC")


def test_statements_are_in_the_base_currency(service: Erp) -> None:
    change(service, base_currency="EUR")
    assert client_of(service).get("/trial-balance").json["totals"]["debit"]["currency"] == "EUR"


def test_the_base_currency_is_fixed_after_the_first_posting(tmp_path: Path) -> None:
    service = an_erp(tmp_path)
    assert change(service, base_currency="EUR").status_code == 200
    receive_stock(service, ("CHAI", "1", "1.00"))
    refused = change(service, base_currency="USD")
    assert (refused.status_code, refused.json["code"]) == (409, "base_currency_fixed")
    assert refused.json["detail"] == "base_currency must stay EUR after the first posting"
    shown = client_of(service).get("/entities/main").json
    assert (shown["base_currency"], shown["base_currency_is_fixed"]) == ("EUR", True)
    assert change(service, name="Tea House", time_zone="Asia/Shanghai").status_code == 200


@pytest.mark.parametrize(
    ("invalid", "field"),
    [
        ({"base_currency": "usd"}, "base_currency"),
        ({"base_currency": None}, "base_currency"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "UTC", "time_zone_from": "2020-01-01"}, "time_zone_from"),
        ({"time_zone_from": "2099-01-01"}, "time_zone_from"),
        ({"fiscal_year_starts": 0}, "fiscal_year_starts"),
        ({"fiscal_year_starts": 13}, "fiscal_year_starts"),
        ({"name": ""}, "name"),
        ({"code": "second"}, "code"),
    ],
)
def test_an_invalid_value_is_refused_with_its_field(service: Erp, invalid: dict[str, Any], field: str) -> None:
    refused = change(service, **invalid)
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, [f"/{field}"])
    assert len(recorded_events(service)) == len(FIRST_EVENTS)


def test_a_second_entity_cannot_be_registered_yet(service: Erp) -> None:
    assert client_of(service).post("/entities", json={"entity": "second"}).status_code == 405
    assert client_of(service).get("/entities/second").status_code == 404


def test_an_entity_cannot_have_the_code_of_another_path(service: Erp) -> None:
    with pytest.raises(InvalidInput, match=r"^entity Import is reserved; choose another$") as refused:
        service.entities.entities.register(Firm(entity="Import"))
    assert refused.value.field == "entity"


def test_an_equal_value_records_no_event(service: Erp) -> None:
    assert change(service, base_currency="USD", time_zone="UTC", fiscal_year_starts=1).status_code == 200
    assert len(recorded_events(service)) == len(FIRST_EVENTS)


def test_the_entity_can_only_be_revised(service: Erp) -> None:
    (row,) = client_of(service).get("/entities?show=allowed_commands").json["data"]
    assert row["allowed_commands"] == ["revise"]
    assert client_of(service).get("/entities/main?show=allowed_commands").json["allowed_commands"] == ["revise"]
