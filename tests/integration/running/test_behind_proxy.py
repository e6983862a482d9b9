"""What the gateway does with the headers of a reverse proxy, as docs/reverse-proxy.md states it, and the unit file."""

from configparser import ConfigParser
from pathlib import Path

import pytest

from shared.config import unknown_settings
from tests.running_suite import RunningSuite

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "deploy" / "systemd" / "sihe.service"
ITEM = {"name": "Lamp", "unit": "piece"}


def test_forwarded_headers_change_neither_responses_nor_addresses(fresh_suite: RunningSuite) -> None:
    forwarded = {"X-Forwarded-For": "9.9.9.9", "Forwarded": "for=9.9.9.9", "X-Forwarded-Host": "elsewhere.example"}
    forwarded |= {"X-Forwarded-Proto": "https", "Host": "books.example.com", "Idempotency-Key": "one"}
    with fresh_suite.client as client:
        created = client.post("/scm/items", json={"sku": "LAMP", **ITEM}, headers=forwarded)
        pages = client.get("/audit/scm/stored?limit=1", headers=forwarded)
        contradicting = client.get("/scm/items", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"})
    assert (created.status_code, created.headers["location"]) == (201, "/api/v1/scm/items/LAMP")
    assert pages.headers["link"].startswith("</api/v1/audit/scm/stored?")
    assert contradicting.status_code == 400


@pytest.mark.case("O1")
def test_the_unit_file_runs_the_suite_as_a_user_without_rights() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT, encoding="utf-8")
    service = dict(unit["Service"])
    hardened = {"ProtectSystem": "strict", "ProtectHome": "yes", "NoNewPrivileges": "yes", "CapabilityBoundingSet": ""}
    assert hardened.items() <= service.items()
    assert service["User"] == "sihe"
    assert service["StateDirectory"] == "sihe"
    settings = dict(each.split("=", 1) for each in service["Environment"].split())
    assert unknown_settings(settings) == {}
    assert settings["SIHE_HOME"] == "/var/lib/sihe"
    assert service["ExecStart"].endswith(".venv/bin/sihe up")
