"""What waits for a person in a service can be seen, tried again and given up, by those who may."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts import crm
from shared.domain import Aggregate, UnitOfWork, event
from shared.module import Module
from shared.service import Service
from shared.testing.services import deliver, open_service
from shared.testing.web import create_client


class Folder(Aggregate):
    """Keeps what was asked for one order."""

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Opened")
    def __init__(self, order_id: UUID) -> None:
        pass


class Archive(Service):
    """Cannot file anything while it is closed."""

    NAME = "archive"
    modules = (Module("files"),)
    closed = True


@Archive.policies.when(crm.SalesOrderCancellationRequested)
def file_it(asked: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """A folder for every order that is to be cancelled."""
    if Archive.closed:
        raise ValueError("the archive is closed")
    yield uow.get_or_create(Folder, order_id=asked.order_id)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Archive, "closed", True)
    service = open_service(Archive, tmp_path)
    deliver(service, crm.SalesOrderCancellationRequested(uuid4(), "late"))
    deliver(service, crm.SalesOrderCancellationRequested(uuid4(), "wrong goods"))
    return service


def test_what_is_parked_is_told_with_its_reason(archive: Archive) -> None:
    answer = create_client(archive, [], roles=("auditor",)).get("/parked")
    assert [(each["source"], each["sequence"], each["attempts"]) for each in answer.json["data"]] == [
        ("crm", 1, 3), ("crm", 2, 3),
    ]  # fmt: skip
    assert {each["error"] for each in answer.json["data"]} == {"ValueError: the archive is closed"}
    assert {each["type"] for each in answer.json["data"]} == {"crm.sales_order.cancellation_requested.v1"}


def test_trying_again_applies_what_now_can_be(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = create_client(archive, [])
    assert admin.post("/parked/crm/retry").json == {"applied": 0, "parked": 2}
    monkeypatch.setattr(Archive, "closed", False)
    assert admin.post("/parked/crm/retry").json == {"applied": 2, "parked": 0}
    assert admin.get("/parked").json == {"data": []}
    assert [each.type for each in archive.store.log(0, 100)].count(Folder.Opened.TOPIC) == 2


def test_giving_up_one_needs_a_reason_and_is_on_record(archive: Archive) -> None:
    admin = create_client(archive, [], actor="anna")
    assert admin.post("/parked/crm/1/discard", json={}).status_code == 422
    assert admin.post("/parked/crm/1/discard", json={"reason": "sent by mistake"}).json["status"] == "discarded"
    assert admin.post("/parked/crm/1/discard", json={"reason": "again"}).status_code == 404
    assert [each["sequence"] for each in admin.get("/parked").json["data"]] == [2]
    (given_up,) = [each for each in archive.store.log(0, 100) if each.type.endswith("Discarded")]
    assert b"sent by mistake" in given_up.state
    assert b'"actor":"anna"' in given_up.state


def test_only_those_who_run_the_suite_may(archive: Archive) -> None:
    seller, auditor = create_client(archive, [], roles=("sales",)), create_client(archive, [], roles=("auditor",))
    assert seller.get("/parked").status_code == 403
    for change in ("/parked/crm/retry", "/parked/crm/1/discard"):
        for somebody in (seller, auditor):
            assert somebody.post(change, json={"reason": "tidy"}).status_code == 403
    assert len(archive.parked_messages.entries()) == 2


def test_an_answer_says_how_far_the_log_was_when_that_is_wished(archive: Archive) -> None:
    auditor = create_client(archive, [], roles=("auditor",))
    assert auditor.get("/parked", headers={"Prefer": "position"}).headers["Sihe-Position"] == str(archive.store.head())
    assert "Sihe-Position" not in auditor.get("/parked").headers
