"""Batches: many commands in one request, each validated and executed as if it was sent alone."""

from uuid import uuid4

import pytest

from shared.testing.services import catch_up
from shared.testing.web import field_errors
from shared.web import commands
from tests.unit.shared.web.shop import Shop, a_note

KEY = {"Idempotency-Key": "the one key"}


def batch(*items, **more):
    return {"items": list(items), **more}


def codes_of(shop, caller):
    catch_up(shop)
    return [row["code"] for row in caller.get("/notes?sort=code").json["data"]]


def statuses(response):
    assert response.status_code == 200, response.text
    return [each["status"] for each in response.json["data"]]


def test_results_are_in_the_order_of_the_items(shop, caller):
    response = caller.post("/notes/batch", json=batch(a_note(code="A"), a_note(code="B", name="Bob")))
    assert statuses(response) == [201, 201]
    assert (response.json["done"], response.json["refused"]) == (2, 0)
    for result, code in zip(response.json["data"], ("A", "B"), strict=True):
        assert result["resource"]["code"] == code
        record = caller.get(result["location"].removeprefix("/api/v1/shop")).json
        assert {name: record[name] for name in result["resource"]} == result["resource"]


def test_a_refused_item_does_not_affect_the_others(shop, caller):
    caller.post("/notes", json=a_note(code="A"))
    response = caller.post(
        "/notes/batch",
        json=batch(a_note(code="A"), a_note(code="B"), {"code": "C"}, 7, a_note(code="B"), a_note(code="D")),
    )
    assert statuses(response) == [409, 201, 422, 422, 409, 201]
    taken, _, incomplete, no_object, again, _ = response.json["data"]
    assert taken["problem"]["code"] == again["problem"]["code"] == "already_taken"
    assert [each["pointer"] for each in incomplete["problem"]["errors"]] == ["/name"]
    assert no_object["problem"]["errors"][0]["code"] == "not_an_object"
    assert (response.json["done"], response.json["refused"]) == (2, 4)
    assert codes_of(shop, caller) == ["A", "B", "D"]


@pytest.mark.parametrize("item", [None, 7, "a note", [], True])
def test_an_item_that_is_no_object_is_refused_alone(caller, item):
    response = caller.post("/notes/batch", json=batch(a_note(code="A"), item))
    assert statuses(response) == [201, 422]
    (error,) = response.json["data"][1]["problem"]["errors"]
    assert (error["pointer"], error["detail"]) == ("", "must be an object")


def test_an_atomic_batch_executes_all_items_or_none(shop, caller):
    items = [a_note(code=code) for code in "ABC"]
    refused = caller.post("/notes/batch", json=batch(*items, a_note(code="B"), a_note(code="A"), atomic=True))
    assert (refused.status_code, refused.json["code"]) == (409, "items_refused")
    assert [each["pointer"] for each in refused.json["errors"]] == ["/items/3/code", "/items/4/code"]
    assert shop.store.head() == 0
    assert statuses(caller.post("/notes/batch", json=batch(*items, atomic=True))) == [201, 201, 201]


def test_an_atomic_batch_reports_every_invalid_value(shop, caller):
    errors = field_errors(
        caller.post("/notes/batch", json=batch(a_note(code="!"), a_note(), a_note(extra=1), atomic=True))
    )
    assert errors == {"/items/0/code": "not_a_code", "/items/2/extra": "unknown_field"}
    assert shop.store.head() == 0


def test_one_forbidden_item_forbids_an_atomic_batch_and_is_reported(shop, caller):
    items = [a_note(code=f"N{number}") for number in range(100)]
    items[57] = a_note(code="N57", name="forbidden")
    response = caller.post("/notes/batch", json=batch(*items, atomic=True))
    assert (response.status_code, response.json["code"]) == (403, "forbidden")
    assert [each["pointer"] for each in response.json["errors"]] == ["/items/57"]
    assert shop.store.head() == 0


def test_a_forbidden_item_of_another_batch_has_its_own_result(shop, caller):
    items = [a_note(code="A"), a_note(code="B", name="forbidden"), a_note(code="!"), a_note(code="C")]
    response = caller.post("/notes/batch", json=batch(*items))
    assert response.status_code == 200
    assert [each["status"] for each in response.json["data"]] == [201, 403, 422, 201]
    assert response.json["data"][1]["problem"]["code"] == "forbidden"
    assert (response.json["done"], response.json["refused"], shop.store.head()) == (2, 2, 2)


def test_a_batch_of_which_no_item_is_allowed_is_forbidden(shop, caller):
    items = [a_note(code="A", name="forbidden"), a_note(code="B", name="forbidden")]
    response = caller.post("/notes/batch", json=batch(*items))
    assert (response.status_code, response.json["code"]) == (403, "forbidden")
    assert [each["pointer"] for each in response.json["errors"]] == ["/items/0", "/items/1"]
    assert shop.store.head() == 0


def test_the_idempotency_key_covers_the_whole_batch(shop, caller):
    items = batch(a_note(code="A", email="ann@example.com"), a_note(code="A"))
    first, again = (caller.post("/notes/batch", json=items, headers=KEY) for _ in range(2))
    assert (first.status_code, again.data) == (200, first.data)
    assert "ann@example.com" in first.text
    assert shop.store.head() == 1
    assert field_errors(caller.post("/notes/batch", json=batch(a_note(code="C")), headers=KEY)) == {
        "/Idempotency-Key": "key_reused"
    }
    missing = caller.post("/notes/batch", json=items, headers={"Idempotency-Key": None})
    assert missing.json["code"] == "idempotency_key_missing"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, {"/items": "required"}),
        ({"items": []}, {"/items": "empty"}),
        ({"items": {}}, {"/items": "not_a_list"}),
        ({"items": [1], "atomic": "yes"}, {"/atomic": "not_a_flag"}),
        ({"items": [1], "also": 1}, {"/also": "unknown_field"}),
        ({"items": [1] * 1001}, {"/items": "too_many"}),
    ],
)
def test_an_invalid_batch_is_refused(shop, caller, body, fault):
    assert field_errors(caller.post("/notes/batch", json=body)) == fault
    assert shop.store.head() == 0


def test_a_batch_needs_a_body(caller):
    assert caller.post("/notes/batch").json["code"] == "empty_body"


def test_each_item_has_its_own_business_date_and_correlation(shop, caller):
    days = ["2026-03-03", "2026-04-04"]
    caller.post("/notes/batch", json=batch(*(a_note(code=day, taken_on=day) for day in days), a_note(code="today")))
    lines = caller.get("/audit/events").text.splitlines()
    assert [day in line for day, line in zip(days, lines, strict=False)] == [True, True]
    assert not any(day in lines[2] for day in days)
    correlations = {line.partition('"correlation":"')[2][:36] for line in lines}
    assert len(correlations) == 3


def test_a_batch_can_have_a_thousand_items(shop, caller):
    response = caller.post("/notes/batch", json=batch(*({"code": f"N{number}", "name": "x"} for number in range(1000))))
    assert response.json["done"] == 1000
    assert shop.store.head() == 1000


def test_a_batch_waits_once_for_all_items_that_need_an_event(shop, caller, monkeypatch):
    monkeypatch.setattr(commands, "MAX_WAIT_SECONDS", 0.1)
    Shop.known_after = 1_000_000
    items = [a_note(code="A"), a_note(code="B", name="unknown"), a_note(code="C", name="unknown")]
    response = caller.post("/notes/batch", json=batch(*items))
    assert statuses(response) == [201, 409, 409]
    assert response.json["data"][1]["problem"]["code"] == "not_yet_available"
    Shop.known_after = Shop.attempts + 4
    items = [a_note(code="D"), a_note(code="E", name="unknown"), a_note(code="F", name="unknown")]
    assert statuses(caller.post("/notes/batch", json=batch(*items))) == [201, 201, 201]


def test_only_commands_that_create_records_can_be_batched(caller):
    assert caller.post("/renamings/batch", json=batch(1)).status_code == 404
    assert caller.post(f"/notes/{uuid4()}/batch", json=batch(1)).status_code == 404
