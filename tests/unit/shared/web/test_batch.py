"""Batches: many commands in one request, each judged and refused as if it came alone."""

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


def statuses(answered):
    assert answered.status_code == 200, answered.text
    return [each["status"] for each in answered.json["data"]]


def test_each_item_has_its_result_in_the_order_of_the_items(shop, caller):
    answered = caller.post("/notes/batch", json=batch(a_note(code="A"), a_note(code="B", name="Bob")))
    assert statuses(answered) == [201, 201]
    assert (answered.json["done"], answered.json["refused"]) == (2, 0)
    for result, code in zip(answered.json["data"], ("A", "B"), strict=True):
        assert result["resource"]["code"] == code
        shown = caller.get(result["location"].removeprefix("/api/v1/shop")).json
        assert {name: shown[name] for name in result["resource"]} == result["resource"]


def test_an_item_is_refused_alone(shop, caller):
    caller.post("/notes", json=a_note(code="A"))
    answered = caller.post(
        "/notes/batch",
        json=batch(a_note(code="A"), a_note(code="B"), {"code": "C"}, 7, a_note(code="B"), a_note(code="D")),
    )
    assert statuses(answered) == [409, 201, 422, 422, 409, 201]
    taken, _, incomplete, no_object, again, _ = answered.json["data"]
    assert taken["problem"]["code"] == again["problem"]["code"] == "already_taken"
    assert [each["pointer"] for each in incomplete["problem"]["errors"]] == ["/name"]
    assert no_object["problem"]["errors"][0]["code"] == "not_an_object"
    assert (answered.json["done"], answered.json["refused"]) == (2, 4)
    assert codes_of(shop, caller) == ["A", "B", "D"]


def test_an_atomic_batch_is_done_whole_or_not_at_all(shop, caller):
    items = [a_note(code=code) for code in "ABC"]
    refused = caller.post("/notes/batch", json=batch(*items, a_note(code="B"), a_note(code="A"), atomic=True))
    assert (refused.status_code, refused.json["code"]) == (409, "items_refused")
    assert [each["pointer"] for each in refused.json["errors"]] == ["/items/3/code", "/items/4/code"]
    assert shop.store.head() == 0
    assert statuses(caller.post("/notes/batch", json=batch(*items, atomic=True))) == [201, 201, 201]


def test_an_atomic_batch_names_every_value_that_is_wrong(shop, caller):
    told = field_errors(
        caller.post("/notes/batch", json=batch(a_note(code="!"), a_note(), a_note(extra=1), atomic=True))
    )
    assert told == {"/items/0/code": "not_a_code", "/items/2/extra": "unknown_field"}
    assert shop.store.head() == 0


def test_one_forbidden_item_forbids_all_and_is_named(shop, caller):
    items = [a_note(code=f"N{number}") for number in range(100)]
    items[57] = a_note(code="N57", name="forbidden")
    for atomic in (False, True):
        answered = caller.post("/notes/batch", json=batch(*items, atomic=atomic))
        assert (answered.status_code, answered.json["code"]) == (403, "forbidden")
        assert [each["pointer"] for each in answered.json["errors"]] == ["/items/57"]
    assert shop.store.head() == 0


def test_the_key_is_that_of_the_whole(shop, caller):
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
def test_what_is_no_batch(shop, caller, body, fault):
    assert field_errors(caller.post("/notes/batch", json=body)) == fault
    assert shop.store.head() == 0


def test_a_batch_needs_a_body(caller):
    assert caller.post("/notes/batch").json["code"] == "empty_body"


def test_each_item_counts_from_its_own_day_and_has_its_own_story(shop, caller):
    days = ["2026-03-03", "2026-04-04"]
    caller.post("/notes/batch", json=batch(*(a_note(code=day, taken_on=day) for day in days), a_note(code="today")))
    told = caller.get("/audit/events").text.splitlines()
    assert [day in line for day, line in zip(days, told, strict=False)] == [True, True]
    assert not any(day in told[2] for day in days)
    stories = {line.partition('"correlation":"')[2][:36] for line in told}
    assert len(stories) == 3


def test_a_thousand_at_once(shop, caller):
    answered = caller.post("/notes/batch", json=batch(*({"code": f"N{number}", "name": "x"} for number in range(1000))))
    assert answered.json["done"] == 1000
    assert shop.store.head() == 1000


def test_news_is_waited_for_once_however_many_wait_for_it(shop, caller, monkeypatch):
    monkeypatch.setattr(commands, "MAX_WAIT_SECONDS", 0.1)
    Shop.known_after = 1_000_000
    items = [a_note(code="A"), a_note(code="B", name="unknown"), a_note(code="C", name="unknown")]
    answered = caller.post("/notes/batch", json=batch(*items))
    assert statuses(answered) == [201, 409, 409]
    assert answered.json["data"][1]["problem"]["code"] == "not_yet_available"
    Shop.known_after = Shop.attempts + 4
    items = [a_note(code="D"), a_note(code="E", name="unknown"), a_note(code="F", name="unknown")]
    assert statuses(caller.post("/notes/batch", json=batch(*items))) == [201, 201, 201]


def test_only_making_new_things_can_be_batched(caller):
    assert caller.post("/renamings/batch", json=batch(1)).status_code == 404
    assert caller.post(f"/notes/{uuid4()}/batch", json=batch(1)).status_code == 404
