"""Commands: done once per key, on the version the caller saw, refused in words programs can read."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.testing.services import catch_up
from shared.testing.web import field_errors
from shared.web import commands
from shared.web.commands import MAX_WAITING
from tests.unit.shared.web.shop import Shop, a_note, create_caller

KEY = {"Idempotency-Key": "the one key"}


def head(shop):
    return shop.store.head()


def test_a_new_thing_is_told_where_it_is_and_which_version_it_has(caller):
    answered = caller.post("/notes", json=a_note())
    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/api/v1/shop/notes/{answered.json['id']}"
    assert answered.headers["ETag"] == '"1"'
    assert answered.json["version"] == 1
    assert answered.json["total"] == {"amount": "0.25", "currency": "USD"}


def test_what_was_answered_is_what_is_then_shown(caller):
    told = caller.post("/notes", json=a_note(email="ann@example.com")).json
    shown = caller.get(f"/notes/{told['id']}")
    assert shown.headers["ETag"] == '"1"'
    assert {name: shown.json[name] for name in told} == told


def test_a_single_thing_is_always_current(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    caller.post(f"/notes/{note_id}/place", json={"effective_on": "2026-03-03"})
    assert caller.get(f"/notes/{note_id}").json["placed_on"] == "2026-03-03"


def test_nobody_knows_an_id_nobody_was_given(shop, caller):
    for answered in (caller.get(f"/notes/{uuid4()}"), caller.post(f"/notes/{uuid4()}/place")):
        assert (answered.status_code, answered.json["code"]) == (404, "not_found")
    assert head(shop) == 0


# -- keys


def test_a_command_needs_a_key(shop, caller):
    answered = caller.post("/notes", json=a_note(), headers={"Idempotency-Key": None})
    assert (answered.status_code, answered.json["code"]) == (400, "idempotency_key_missing")
    assert head(shop) == 0


@pytest.mark.parametrize("key", ["x" * 256, "x" * 300, "caf\u00e9", "a\tb", "\x7f"])
def test_a_key_is_printable_and_short(shop, caller, key):
    assert field_errors(caller.post("/notes", json=a_note(), headers={"Idempotency-Key": key})) == {
        "/Idempotency-Key": "malformed_key"
    }
    assert head(shop) == 0


def test_the_same_key_and_body_is_the_same_command(shop, caller):
    first = caller.post("/notes", json=a_note(email="ann@example.com"), headers=KEY)
    again = caller.post("/notes", json=a_note(email="ann@example.com"), headers=KEY)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert head(shop) == 1


def test_the_same_key_with_another_body_or_address_is_refused(shop, caller):
    note_id = caller.post("/notes", json=a_note(), headers=KEY).json["id"]
    told = {"/Idempotency-Key": "key_reused"}
    assert field_errors(caller.post("/notes", json=a_note(name="Bob"), headers=KEY)) == told
    assert field_errors(caller.post(f"/notes/{note_id}/place", headers=KEY)) == told
    patched = caller.patch(f"/notes/{note_id}", json={"name": "Bob"}, headers={**KEY, "If-Match": '"1"'})
    assert field_errors(patched) == told
    assert head(shop) == 1


def test_another_callers_key_is_another_key(shop, caller):
    caller.post("/notes", json=a_note(), headers=KEY)
    other = create_caller(shop, actor="another clerk").post("/notes", json=a_note(code="N-2"), headers=KEY)
    assert (other.status_code, other.json["code"]) == (201, "N-2")


def test_a_key_in_a_hundred_requests_at_once_has_one_effect(shop, caller):
    callers = [create_caller(shop) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(callers[n % 8].post, "/notes", json=a_note(), headers=KEY) for n in range(100)]
    answers = {(each.result().status_code, each.result().data) for each in asked}
    assert {status for status, _ in answers} == {201}
    assert len(answers) == 1
    assert head(shop) == 1


def test_a_refused_command_uses_up_nothing(shop, caller):
    caller.post("/notes", json=a_note())
    refused = caller.post("/notes", json=a_note(), headers=KEY)
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken")
    assert refused.json["errors"][0]["pointer"] == "/code"
    assert head(shop) == 1
    assert caller.post("/notes", json=a_note(code="N-2"), headers=KEY).status_code == 201


# -- versions


def renamed(caller, note_id, **headers):
    return caller.patch(f"/notes/{note_id}", json={"name": "Bob"}, headers=headers)


def test_a_change_names_the_version_it_is_for(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    missing = renamed(caller, note_id)
    assert (missing.status_code, missing.json["code"]) == (428, "version_missing")
    assert renamed(caller, note_id, **{"If-Match": '"1"'}).json["version"] == 2
    stale = renamed(caller, note_id, **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"], stale.json["current_version"]) == (412, "stale", 2)
    assert stale.headers["ETag"] == '"2"'
    assert head(shop) == 2


@pytest.mark.parametrize(
    "version", ["1", 'W/"1"', "*", '"1", "2"', '"x"', '"-1"', '""', '"1', '"１"', '"' + "9" * 5_000 + '"']
)
def test_a_version_is_one_strong_tag(shop, caller, version):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    answered = renamed(caller, note_id, **{"If-Match": version.encode().decode("latin-1")})
    assert (answered.status_code, answered.json["code"]) == (400, "malformed_version")
    assert head(shop) == 1


def test_a_version_is_honoured_on_any_command(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    stale = caller.post(f"/notes/{note_id}/place", headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json["current_version"]) == (412, 1)
    assert caller.post(f"/notes/{note_id}/place", headers={"If-Match": '"1"'}).status_code == 200


# -- what a command says


def test_the_business_date_is_the_callers(shop, caller):
    note_id = caller.post("/notes", json=a_note(taken_on="1996-07-04")).json["id"]
    caller.post(f"/notes/{note_id}/place", json={"effective_on": "1996-07-16"})
    lines = caller.get("/audit/events").text.splitlines()
    assert ['"effective_on":"1996-07-04"' in lines[0], '"effective_on":"1996-07-16"' in lines[1]] == [True, True]


def test_without_a_business_date_it_is_today(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    before = datetime.now(UTC).date().isoformat()
    placed = caller.post(f"/notes/{note_id}/place").json["placed_on"]
    assert before <= placed <= datetime.now(UTC).date().isoformat()


def test_a_broken_rule_has_its_name(shop, caller):
    note_id = caller.post("/notes", json=a_note(lines=[])).json["id"]
    refused = caller.post(f"/notes/{note_id}/place")
    assert (refused.status_code, refused.json["code"]) == (409, "empty_note")
    assert refused.json["detail"] == "a note without lines"


def test_a_value_only_the_rules_can_judge_is_named_too(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    answered = caller.patch(f"/notes/{note_id}", json={"name": "bad"}, headers={"If-Match": '"1"'})
    assert field_errors(answered) == {"/name": "invalid_input"}


def test_news_under_way_is_waited_for(shop, caller):
    Shop.known_after = 4
    assert caller.post("/notes/news").json == {"known": True}
    assert Shop.attempts == 4


def test_news_that_does_not_come_is_a_conflict_to_be_tried_again(caller, monkeypatch):
    monkeypatch.setattr("shared.web.commands.MAX_WAIT_SECONDS", 0.1)
    Shop.known_after = 1_000
    answered = caller.post("/notes/news")
    assert (answered.status_code, answered.json["code"]) == (409, "not_yet_available")
    assert int(answered.headers["Retry-After"]) >= 1
    assert 2 <= Shop.attempts < 10


def test_who_names_what_does_not_exist_holds_up_only_a_few(caller, monkeypatch):
    Shop.known_after = 1_000
    with ExitStack() as others:
        for _ in range(MAX_WAITING):
            assert commands._waiting.acquire(blocking=False)
            others.callback(commands._waiting.release)
        answered = caller.post("/notes/news")
    assert (answered.status_code, answered.json["code"], Shop.attempts) == (409, "not_yet_available", 1)
    Shop.attempts, Shop.known_after = 0, 4
    assert caller.post("/notes/news").json == {"known": True}


def test_trouble_with_the_store_is_a_503_that_tells_nothing(shop, caller):
    answered = caller.post("/notes/break", json={"how": "store"})
    assert (answered.status_code, answered.json["code"]) == (503, "store_unavailable")
    assert int(answered.headers["Retry-After"]) >= 1
    assert "locked" not in answered.text
    assert "/secret" not in answered.text


def test_a_damaged_database_is_a_503_and_no_500(shop, caller):
    caller.post("/notes", json=a_note())
    with closing(sqlite3.connect(shop.store.path)) as connection:
        connection.execute("DROP TABLE events")
    for answered in (caller.post("/notes", json=a_note(code="N-2")), caller.get("/audit/events")):
        assert (answered.status_code, answered.json["code"]) == (503, "store_unavailable")


# -- people


def test_personal_fields_are_stored_sealed_and_answered_open(shop, caller):
    email = "ann@example.com"
    told = caller.post("/notes", json=a_note(email=email), headers=KEY)
    assert told.json["email"] == email
    stored = shop.store.get_idempotency_record("clerk", KEY["Idempotency-Key"])
    assert email.encode() not in stored.body
    assert b'"cipher"' in stored.body
    catch_up(shop)
    assert caller.get("/notes").json["data"][0]["email"] == email
    assert caller.get(f"/notes/{told.json['id']}").json["email"] == email


def test_an_erased_person_is_nobody_everywhere(shop, caller):
    email = "ann@example.com"
    note_id = caller.post("/notes", json=a_note(email=email), headers=KEY).json["id"]
    caller.post("/notes", json=a_note(code="N-2", email="bob@example.com"))
    assert caller.post(f"/notes/{note_id}/erase").json["email"] is None
    catch_up(shop)
    assert caller.post("/notes", json=a_note(email=email), headers=KEY).json["email"] is None
    assert caller.get(f"/notes/{note_id}").json["email"] is None
    assert {row["email"] for row in caller.get("/notes").json["data"]} == {None, "bob@example.com"}


def test_a_text_that_looks_sealed_is_only_a_text(caller):
    name = '{"subject":"6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000","cipher":"x"}'
    note = caller.post("/notes", json=a_note(name=name[:60])).json
    assert note["name"] == name[:60]
