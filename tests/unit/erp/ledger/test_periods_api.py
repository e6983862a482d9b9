"""Accounting periods over HTTP."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.testing.services import catch_up
from shared.testing.web import usd
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold


def test_the_list_names_every_period_with_its_days(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    assert client.get("/periods").json["data"] == [
        {
            "id": "2026-03", "code": "2026-03", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "status": "open",
            "entity": "main",
        },
    ]  # fmt: skip
    assert client.get("/periods?code=2026-03&status=closed").json["data"] == []
    assert client.get("/periods?entity=second").json["data"] == []


def test_a_closed_period_is_shown_as_closed(tmp_path: Path):
    service = sold(tmp_path)
    answered = create_erp_client(service).post("/periods/2026-03/close")
    assert answered.status_code == 200
    closed = answered.json
    assert all(each["ok"] for each in closed.pop("checks"))
    assert closed == {
        "id": "2026-03", "code": "2026-03", "starts_on": "2026-03-01", "ends_on": "2026-03-31",
        "status": "closed", "entity": "main", "closing": None, "reopening": None,
    }  # fmt: skip
    client = create_erp_client(service)
    assert client.get("/periods/2026-02").json["status"] == "closed"
    assert client.get("/periods/2026-04").json["status"] == "open"
    assert [each["status"] for each in client.get("/periods").json["data"]] == ["closed"]
    catch_up(service)
    again = client.post("/periods/2026-03/close", json={})
    assert (again.status_code, again.json["code"]) == (409, "wrong_status")


def test_a_client_clock_set_forward_closes_no_period(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    answered = client.post("/periods/2150-01/close", json={"effective_on": "2150-02-01"})
    assert (answered.status_code, answered.json["errors"][0]["pointer"]) == (422, "/effective_on")
    assert client.post("/periods/2150-01/close", json={}).json["code"] == "period_not_over"


@pytest.mark.parametrize("code", ["2026-13", "march", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_period_is_not_found(tmp_path: Path, code: str):
    client = create_erp_client(sold(tmp_path))
    assert client.get(f"/periods/{code}").status_code == 404
    assert client.post(f"/periods/{code}/close", json={}).status_code == 404


def test_a_payment_dated_in_a_closed_period_is_refused_with_a_remedy(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    payment = a_payment(an_invoice(client))
    client.post("/periods/2026-03/close")
    refused = client.post("/payments", json=payment)
    assert (refused.status_code, refused.json["code"]) == (409, "period_closed")
    assert [each["pointer"] for each in refused.json["errors"]] == ["/paid_on"]
    assert "2026-04-01" in refused.json["detail"]
    elsewhere = client.post("/payments", json={**payment, "posted_on": "2026-04-02"})
    assert (elsewhere.status_code, elsewhere.json["errors"][0]["pointer"]) == (422, "/posted_on")
    assert client.post("/payments", json={**payment, "posted_on": "2026-04-01"}).status_code == 201
    (line,) = create_erp_client(service).get("/journal?account=1000").json["data"]
    assert (line["date"], line["dated"]) == ("2026-04-01", "2026-03-09")


def test_a_period_is_reopened_by_two_people(tmp_path: Path):
    service = sold(tmp_path)
    margaret, bert = create_erp_client(service), create_erp_client(service, "bert")
    margaret.post("/periods/2026-03/close")
    path, reason = "/periods/2026-03/reopen", {"reason": "a receipt was forgotten"}
    assert margaret.post(path, json={}).status_code == 422
    requested = margaret.post(path, json=reason).json
    assert (requested["status"], requested["reopening"]) == (
        "closed", {"period": "2026-03", "reason": "a receipt was forgotten", "requested_by": "margaret"},
    )  # fmt: skip
    alone = margaret.post(path, json=reason)
    assert (alone.status_code, alone.json["code"]) == (403, "four_eyes_required")
    assert bert.post(path, json={"reason": "agreed"}).json["status"] == "open"


def line(account: str, party: UUID | None = None, **sides: str) -> dict[str, Any]:
    named = {"party": str(party)} if party else {}
    return {"account": account, **named, **{side: usd(amount) for side, amount in sides.items()}}


@pytest.mark.parametrize(("command", "body"), [("close", {}), ("reopen", {"reason": "late"})])
def test_a_command_based_on_an_old_version_is_refused(tmp_path: Path, command: str, body: dict[str, Any]):
    service = sold(tmp_path)
    client = create_erp_client(service)
    client.post("/periods/2026-03/close")
    catch_up(service)
    before = service.store.head()
    refused = client.post(f"/periods/2026-03/{command}", json=body, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json["code"], service.store.head()) == (412, "stale", before)
