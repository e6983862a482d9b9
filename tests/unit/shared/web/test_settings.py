"""Settings of a service: read and changed over the API, and every change is an event."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.codec import decode_untyped
from shared.commands import Commands
from shared.domain import Firm, ServiceSettings, value_object
from shared.fields import Percent, Text
from shared.module import Module
from shared.service import Service
from shared.testing.services import open_service
from shared.testing.web import Client, create_client
from shared.web.settings import settings_resource


@value_object
class Settings(ServiceSettings):
    sugar_percent: Percent = Decimal("12.5")
    opening_hours: Text | None = None


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
        "opening_hours": None,
    }  # fmt: skip
    assert events(kiosk) == []


def test_a_changed_setting_applies_from_now_on(kiosk: Kiosk) -> None:
    client = create_settings_client(kiosk)
    response = patch_settings(client, '"0"', opening_hours="8 to 6", sugar_percent="10")
    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert client.get("/settings").json == response.json
    assert (response.json["opening_hours"], response.json["sugar_percent"]) == ("8 to 6", "10")
    assert kiosk.drinks.sugar() == 10
    assert events(kiosk) == [
        ("shared.FirmSettings.Started", None),
        ("shared.FirmSettings.Changed", {"opening_hours": "8 to 6", "sugar_percent": "10"}),
    ]


def test_an_event_contains_only_the_changed_settings(kiosk: Kiosk) -> None:
    client = create_settings_client(kiosk)
    patch_settings(client, '"0"', sugar_percent="10")
    patch_settings(client, '"2"', sugar_percent="10.0", opening_hours="9 to 5")
    patch_settings(client, '"3"', opening_hours="9 to 5")
    assert [changes for _, changes in events(kiosk)] == [None, {"sugar_percent": "10"}, {"opening_hours": "9 to 5"}]


@pytest.mark.parametrize(("version", "status"), [(None, 428), ('"1"', 412), ('"9"', 412), ('"2"', 200)])
def test_a_change_requires_the_current_version(kiosk: Kiosk, version: str | None, status: int) -> None:
    client = create_settings_client(kiosk)
    patch_settings(client, '"0"', opening_hours="9 to 5")
    assert patch_settings(client, version, opening_hours="all day").status_code == status


def test_a_later_version_is_refused_before_the_first_change(kiosk: Kiosk) -> None:
    assert patch_settings(create_settings_client(kiosk), '"1"', opening_hours="9 to 5").status_code == 412
    assert events(kiosk) == []


@pytest.mark.parametrize(
    "invalid",
    [{"sugar_percent": "101"}, {"salt": "1"}, {"opening_hours": ""}],
)
def test_an_invalid_value_is_refused_with_its_field(kiosk: Kiosk, invalid: dict[str, str]) -> None:
    response = patch_settings(create_settings_client(kiosk), '"0"', **invalid)
    assert response.status_code == 422
    assert [each["pointer"] for each in response.json["errors"]] == [f"/{next(iter(invalid))}"]
    assert events(kiosk) == []


@pytest.mark.parametrize("field", ["firm", "base_currency", "time_zone"])
def test_what_belongs_to_the_firm_is_refused_and_the_place_where_it_is_changed_is_named(
    kiosk: Kiosk, field: str
) -> None:
    response = patch_settings(create_settings_client(kiosk), '"0"', **{field: "EUR"})
    assert response.status_code == 422
    (error,) = response.json["errors"]
    assert error["pointer"] == f"/{field}"
    assert "Change it with PATCH /api/v1/erp/entities/main." in error["detail"]
    assert events(kiosk) == []


def test_a_service_that_receives_no_firm_keeps_the_one_that_it_starts_with(tmp_path: Path) -> None:
    opened, firm = open_service(Kiosk, tmp_path), Firm(name="Corner", base_currency="JPY")
    kiosk = Kiosk(opened.store, opened.key_store, read_models=opened.read_models, initial_firm=firm)
    shown = create_settings_client(kiosk).get("/settings").json
    assert (shown["firm"], shown["base_currency"], shown["time_zone"]) == ("Corner", "JPY", "UTC")


@pytest.mark.case("C19")
def test_settings_without_a_version_are_refused_with_the_current_one(kiosk: Kiosk) -> None:
    client = create_settings_client(kiosk)
    for sugar in ("10", "11"):
        version = client.get("/settings").json["version"]
        refused = client.patch("/settings", json={"sugar_percent": sugar})
        assert (refused.status_code, refused.json["current_version"]) == (428, version)
        assert refused.headers["ETag"] == f'"{version}"'
        patch_settings(client, refused.headers["ETag"], sugar_percent=sugar)
    assert client.get("/settings").json["sugar_percent"] == "11"


@pytest.mark.case("C18")
def test_settings_are_changed_in_any_version_by_an_asterisk_and_not_by_a_weak_etag(kiosk: Kiosk) -> None:
    client = create_settings_client(kiosk)
    weak = patch_settings(client, 'W/"0"', sugar_percent="11")
    assert weak.status_code == 400
    assert 'send "0"' in weak.json["detail"]
    assert patch_settings(client, "*", sugar_percent="11").json["sugar_percent"] == "11"
