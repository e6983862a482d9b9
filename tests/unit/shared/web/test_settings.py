"""What a firm decides about a service: seen, changed, and every change an event."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.codec import decode_untyped
from shared.commands import Commands
from shared.domain import ServiceSettings, value_object
from shared.module import Module
from shared.service import Service
from shared.testing.services import open_service
from shared.testing.web import Client, create_client
from shared.web import fields
from shared.web.settings import settings_resource


@value_object
class Settings(ServiceSettings):
    sugar_percent: Decimal = Decimal("12.5")


class Drinks(Commands):
    def sugar(self) -> Decimal:
        return self.uow.get_settings(Settings).sugar_percent


class Kiosk(Service):
    NAME = "kiosk"
    modules = (
        Module("drinks", commands=Drinks, settings=Settings, settings_fields={"sugar_percent": fields.Percent()}),
    )


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return open_service(Kiosk, tmp_path)


def asking(kiosk: Kiosk) -> Client:
    return create_client(kiosk, [settings_resource(Kiosk)], actor="anna")


def changed(client: Client, seen: str | None, **to: Any) -> Any:
    return client.patch("/settings", json=to, headers={"If-Match": seen})


def events(kiosk: Kiosk) -> list[tuple[str, Any]]:
    return [(each.type, decode_untyped(each.state).get("changes")) for each in kiosk.store.log(0, 100)]


def test_before_anything_is_decided_all_is_as_at_the_start(kiosk: Kiosk) -> None:
    shown = asking(kiosk).get("/settings")
    assert shown.headers["ETag"] == '"0"'
    assert shown.json == {
        "version": 0, "firm": None, "base_currency": "USD", "time_zone": "UTC", "sugar_percent": "12.5",
    }  # fmt: skip
    assert events(kiosk) == []


def test_what_is_decided_holds_from_now_on(kiosk: Kiosk) -> None:
    client = asking(kiosk)
    answered = changed(client, '"0"', firm="Kiosk at the corner", sugar_percent="10")
    assert (answered.status_code, answered.headers["ETag"]) == (200, '"2"')
    assert client.get("/settings").json == answered.json
    assert (answered.json["firm"], answered.json["sugar_percent"]) == ("Kiosk at the corner", "10")
    assert kiosk.drinks.sugar() == 10
    assert events(kiosk) == [
        ("shared.FirmSettings.Started", None),
        ("shared.FirmSettings.Changed", {"firm": "Kiosk at the corner", "sugar_percent": "10"}),
    ]


def test_only_what_differs_is_an_event(kiosk: Kiosk) -> None:
    client = asking(kiosk)
    changed(client, '"0"', sugar_percent="10")
    changed(client, '"2"', sugar_percent="10.0", firm="Kiosk")
    changed(client, '"3"', firm="Kiosk")
    assert [decided for _, decided in events(kiosk)] == [None, {"sugar_percent": "10"}, {"firm": "Kiosk"}]


@pytest.mark.parametrize(("seen", "status"), [(None, 428), ('"1"', 412), ('"9"', 412), ('"2"', 200)])
def test_who_has_not_seen_the_newest_changes_nothing(kiosk: Kiosk, seen: str | None, status: int) -> None:
    client = asking(kiosk)
    changed(client, '"0"', firm="Kiosk")
    assert changed(client, seen, firm="Stall").status_code == status


def test_before_anything_is_decided_there_is_no_later_version(kiosk: Kiosk) -> None:
    assert changed(asking(kiosk), '"1"', firm="Kiosk").status_code == 412
    assert events(kiosk) == []


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Mars/Olympus"}, {"base_currency": "usd"}, {"sugar_percent": "101"}, {"salt": "1"}, {"firm": ""}],
)
def test_what_cannot_be_meant_is_refused_naming_the_field(kiosk: Kiosk, wrong: dict[str, str]) -> None:
    answered = changed(asking(kiosk), '"0"', **wrong)
    assert answered.status_code == 422
    assert [each["pointer"] for each in answered.json["errors"]] == [f"/{next(iter(wrong))}"]
    assert events(kiosk) == []


def test_the_business_day_begins_in_the_time_zone_of_the_firm(kiosk: Kiosk) -> None:
    changed(asking(kiosk), '"0"', time_zone="Pacific/Kiritimati")
    kiosk.runner._cached_time_zone = None
    midday = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert str(kiosk.runner.date_of(midday)) == "2026-03-02"


def test_a_start_value_holds_until_it_is_decided_otherwise(tmp_path: Path) -> None:
    opened, start = open_service(Kiosk, tmp_path), {"base_currency": "JPY", "unknown": 1}
    kiosk = Kiosk(opened.store, opened.key_store, read_models=opened.read_models, initial_settings=start)
    assert asking(kiosk).get("/settings").json["base_currency"] == "JPY"
    changed(asking(kiosk), '"0"', base_currency="EUR")
    assert asking(kiosk).get("/settings").json["base_currency"] == "EUR"
