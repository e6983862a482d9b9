"""Parked messages of a service: listed, redriven and discarded by the roles that may do so."""

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
    """The folder of the cancellation request of one order."""

    @classmethod
    def create_id(cls, order_id: UUID) -> UUID:
        return cls.derive_id(order_id)

    @event("Opened")
    def __init__(self, order_id: UUID) -> None:
        pass


class Archive(Service):
    """A service whose policy fails while the archive is closed."""

    NAME = "archive"
    modules = (Module("files"),)
    closed = True


@Archive.policies.when(crm.SalesOrderCancellationRequested)
def open_folder(requested: crm.SalesOrderCancellationRequested, uow: UnitOfWork) -> Iterator[Aggregate]:
    """Open a folder for every order with a cancellation request."""
    if Archive.closed:
        raise ValueError("the archive is closed")
    yield uow.get_or_create(Folder, order_id=requested.order_id)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Archive, "closed", True)
    service = open_service(Archive, tmp_path)
    deliver(service, crm.SalesOrderCancellationRequested(uuid4(), "late"))
    deliver(service, crm.SalesOrderCancellationRequested(uuid4(), "wrong goods"))
    return service


def test_parked_messages_are_listed_with_their_error(archive: Archive) -> None:
    response = create_client(archive, [], roles=("auditor",)).get("/parked")
    assert [(each["source"], each["sequence"], each["attempts"]) for each in response.json["data"]] == [
        ("crm", 1, 3), ("crm", 2, 3),
    ]  # fmt: skip
    assert {each["error"] for each in response.json["data"]} == {"ValueError: the archive is closed"}
    assert {each["type"] for each in response.json["data"]} == {"crm.sales_order.cancellation_requested.v1"}


def test_a_redrive_applies_the_messages_that_no_longer_fail(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = create_client(archive, [])
    assert admin.post("/parked/crm/retry").json == {"applied": 0, "parked": 2}
    monkeypatch.setattr(Archive, "closed", False)
    assert admin.post("/parked/crm/retry").json == {"applied": 2, "parked": 0}
    assert admin.get("/parked").json == {"data": []}
    assert [each.type for each in archive.store.log(0, 100)].count(Folder.Opened.TOPIC) == 2


def test_discarding_a_message_needs_a_reason_and_is_recorded(archive: Archive) -> None:
    admin = create_client(archive, [], actor="anna")
    assert admin.post("/parked/crm/1/discard", json={}).status_code == 422
    assert admin.post("/parked/crm/1/discard", json={"reason": "sent by mistake"}).json["status"] == "discarded"
    assert admin.post("/parked/crm/1/discard", json={"reason": "again"}).status_code == 404
    assert [each["sequence"] for each in admin.get("/parked").json["data"]] == [2]
    (discarded,) = [each for each in archive.store.log(0, 100) if each.type.endswith("Discarded")]
    assert b"sent by mistake" in discarded.state
    assert b'"actor":"anna"' in discarded.state


def test_only_administrators_may_redrive_and_discard_messages(archive: Archive) -> None:
    seller, auditor = create_client(archive, [], roles=("sales",)), create_client(archive, [], roles=("auditor",))
    assert seller.get("/parked").status_code == 403
    for change in ("/parked/crm/retry", "/parked/crm/1/discard"):
        for client in (seller, auditor):
            assert client.post(change, json={"reason": "tidy"}).status_code == 403
    assert len(archive.parked_messages.entries()) == 2


def test_a_response_has_the_position_of_the_log_if_requested(archive: Archive) -> None:
    auditor = create_client(archive, [], roles=("auditor",))
    assert auditor.get("/parked", headers={"Prefer": "position"}).headers["Sihe-Position"] == str(archive.store.head())
    assert "Sihe-Position" not in auditor.get("/parked").headers
