"""Settings of a service: read and changed over the API, and every change is an event."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.codec import decode_untyped
from shared.commands import Commands
from shared.domain import ServiceSettings, value_object
from shared.fields import Percent
from shared.module import Module
from shared.service import Service
from shared.testing.services import open_service
from shared.testing.web import Client, create_client
from shared.web.settings import settings_resource


@value_object
class Settings(ServiceSettings):
    sugar_percent: Percent = Decimal("12.5")


class Drinks(Commands):
    def sugar(self) -> Decimal:
        return self.uow.get_settings(Settings).sugar_percent


class Kiosk(Service):
    NAME = "kiosk"
    modules = (Module("drinks", commands=Drinks, settings=Settings),)


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return open_service(Kiosk, tmp_path)


def create_settings_client(kiosk: Kiosk) -> Client:
    return create_client(kiosk, [settings_resource(Kiosk)], actor="anna")


def patch_settings(client: Client, version: str | None, **changes: Any) -> Any:
    return client.patch("/settings", json=changes, headers={"If-Match": version})


def events(kiosk: Kiosk) -> list[tuple[str, Any]]:
    return [(each.type, decode_untyped(each.state).get("changes")) for each in kiosk.store.log(0, 100)]


def test_settings_have_default_values_before_the_first_change(kiosk: Kiosk) -> None:
    response = create_settings_client(kiosk).get("/settings")
    assert response.headers["ETag"] == '"0"'
    assert response.json == {
        "version": 0, "firm": None, "base_currency": "USD", "time_zone": "UTC", "sugar_percent": "12.5",
    }  # fmt: skip
    assert events(kiosk) == []


def test_a_changed_setting_applies_from_now_on(kiosk: Kiosk) -> None:
    client = create_settings_client(kiosk)
    response = patch_settings(client, '"0"', firm="Kiosk at the corner", sugar_percent="10")
    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert client.get("/settings").json == response.json
    assert (response.json["firm"], response.json["sugar_percent"]) == ("Kiosk at the corner", "10")
    assert kiosk.drinks.sugar() == 10
    assert events(kiosk) == [
        ("shared.FirmSettings.Started", None),
        ("shared.FirmSettings.Changed", {"firm": "Kiosk at the corner", "sugar_percent": "10"}),
    ]


def test_an_event_contains_only_the_changed_settings(kiosk: Kiosk) -> None:
    client = create_settings_client(kiosk)
    patch_settings(client, '"0"', sugar_percent="10")
    patch_settings(client, '"2"', sugar_percent="10.0", firm="Kiosk")
    patch_settings(client, '"3"', firm="Kiosk")
    assert [changes for _, changes in events(kiosk)] == [None, {"sugar_percent": "10"}, {"firm": "Kiosk"}]


@pytest.mark.parametrize(("version", "status"), [(None, 428), ('"1"', 412), ('"9"', 412), ('"2"', 200)])
def test_a_change_requires_the_current_version(kiosk: Kiosk, version: str | None, status: int) -> None:
    client = create_settings_client(kiosk)
    patch_settings(client, '"0"', firm="Kiosk")
    assert patch_settings(client, version, firm="Stall").status_code == status


def test_a_later_version_is_refused_before_the_first_change(kiosk: Kiosk) -> None:
    assert patch_settings(create_settings_client(kiosk), '"1"', firm="Kiosk").status_code == 412
    assert events(kiosk) == []


@pytest.mark.parametrize(
    "invalid",
    [{"time_zone": "Mars/Olympus"}, {"base_currency": "usd"}, {"sugar_percent": "101"}, {"salt": "1"}, {"firm": ""}],
)
def test_an_invalid_value_is_refused_with_its_field(kiosk: Kiosk, invalid: dict[str, str]) -> None:
    response = patch_settings(create_settings_client(kiosk), '"0"', **invalid)
    assert response.status_code == 422
    assert [each["pointer"] for each in response.json["errors"]] == [f"/{next(iter(invalid))}"]
    assert events(kiosk) == []


def test_the_business_day_begins_in_the_time_zone_of_the_firm(kiosk: Kiosk) -> None:
    patch_settings(create_settings_client(kiosk), '"0"', time_zone="Pacific/Kiritimati")
    kiosk.runner._cached_time_zone = None
    midday = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert str(kiosk.runner.date_of(midday)) == "2026-03-02"


def test_an_initial_setting_applies_until_it_is_changed(tmp_path: Path) -> None:
    opened, initial = open_service(Kiosk, tmp_path), {"base_currency": "JPY", "unknown": 1}
    kiosk = Kiosk(opened.store, opened.key_store, read_models=opened.read_models, initial_settings=initial)
    assert create_settings_client(kiosk).get("/settings").json["base_currency"] == "JPY"
    patch_settings(create_settings_client(kiosk), '"0"', base_currency="EUR")
    assert create_settings_client(kiosk).get("/settings").json["base_currency"] == "EUR"
