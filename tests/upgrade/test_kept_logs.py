"""Logs of earlier versions: this version reads every event, and the figures are those that were answered then."""

import json
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cli import verify
from gateway.access.application import Access
from gateway.access.keyring import Keyring
from shared.config import SERVICES
from shared.event_codec import decode_event
from shared.service import Service
from shared.store import NewEvent
from shared.store.sql import from_micros
from shared.testing.services import open_service_of_log
from shared.testing.web import create_client

LOGS = sorted(each.parent for each in Path(__file__).parent.glob("*/log.ndjson"))


@pytest.fixture(scope="module", params=LOGS, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture(scope="module")
def services(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Service]:
    """All services over the kept events, with read models that this version built."""
    home = tmp_path_factory.mktemp("home")
    return {name: open_service_of_log(kind_of(name), home / name, events_of(kept, name)) for name in SERVICES}


def kind_of(name: str) -> type[Service]:
    kind: type[Service] = getattr(import_module(f"services.{name}.service"), name.capitalize())
    return kind


def events_of(kept: Path, log: str) -> Iterator[tuple[datetime, NewEvent]]:
    """Yield the events of one log with the times at which they were recorded."""
    current = None
    for line in map(json.loads, (kept / "log.ndjson").read_text().splitlines()):
        current = line.get("log", current)
        if "state" in line and current == log:
            event = NewEvent(UUID(line["aggregate"]), line["version"], line["type"], line["state"].encode())
            yield from_micros(line["recorded_at_us"]), event


def test_the_kept_log_is_unchanged(kept: Path) -> None:
    assert verify.main([str(kept / "log.ndjson")]) == 0


def test_every_event_is_read(kept: Path, services: dict[str, Service]) -> None:
    for name, service in services.items():
        recorded = service.store.log(0, 1_000)
        assert len(recorded) == len([*events_of(kept, name)]) > 10
        for each in recorded:
            assert decode_event(each).originator_id == each.aggregate


def test_all_answers_are_those_of_the_time(kept: Path, services: dict[str, Service]) -> None:
    for address, answered in json.loads((kept / "figures.json").read_text()).items():
        name, _, path = address.partition("/")
        auditor = create_client(services[name], actor="auditor", roles=("auditor",), permissions=("*:read*",))
        assert without_cursor(auditor.get(f"/{path}").json) == without_cursor(answered), address


def without_cursor(answer: Any) -> Any:
    """Return the answer without the key that a cursor is signed with; no kept list has a second page."""
    assert not answer.get("has_more")
    return answer


def test_keys_are_known(kept: Path, tmp_path: Path) -> None:
    access = open_service_of_log(Access, tmp_path / "gateway", events_of(kept, "gateway"))
    assert [(key.name, key.roles) for key in Keyring(access.store, "x" * 16).list_keys()] == [("auditor", ("auditor",))]
