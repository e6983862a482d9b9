"""Commands: executed once per idempotency key, on the version in If-Match, refused with a code."""

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


def test_a_new_record_is_returned_with_its_location_and_version(caller):
    response = caller.post("/notes", json=a_note())
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/shop/notes/{response.json['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.json["version"] == 1
    assert response.json["total"] == {"amount": "0.25", "currency": "USD"}


def test_the_response_of_a_command_equals_the_record_read_afterwards(caller):
    created = caller.post("/notes", json=a_note(email="ann@example.com")).json
    returned = caller.get(f"/notes/{created['id']}")
    assert returned.headers["ETag"] == '"1"'
    assert {name: returned.json[name] for name in created} == created


def test_a_single_record_is_always_current(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    caller.post(f"/notes/{note_id}/place", json={"effective_on": "2026-03-03"})
    assert caller.get(f"/notes/{note_id}").json["placed_on"] == "2026-03-03"


def test_an_unknown_id_is_not_found(shop, caller):
    for response in (caller.get(f"/notes/{uuid4()}"), caller.post(f"/notes/{uuid4()}/place")):
        assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert head(shop) == 0


# -- idempotency keys


def test_a_command_requires_an_idempotency_key(shop, caller):
    response = caller.post("/notes", json=a_note(), headers={"Idempotency-Key": None})
    assert (response.status_code, response.json["code"]) == (400, "idempotency_key_missing")
    assert head(shop) == 0


@pytest.mark.parametrize("key", ["x" * 256, "x" * 300, "caf\u00e9", "a\tb", "\x7f", "one,two"])
def test_an_idempotency_key_is_short_and_printable(shop, caller, key):
    assert field_errors(caller.post("/notes", json=a_note(), headers={"Idempotency-Key": key})) == {
        "/Idempotency-Key": "malformed_key"
    }
    assert head(shop) == 0


def test_a_repeated_command_returns_the_stored_response(shop, caller):
    first = caller.post("/notes", json=a_note(email="ann@example.com"), headers=KEY)
    again = caller.post("/notes", json=a_note(email="ann@example.com"), headers=KEY)
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert head(shop) == 1


def test_the_same_key_with_another_body_or_address_is_refused(shop, caller):
    note_id = caller.post("/notes", json=a_note(), headers=KEY).json["id"]
    reused = {"/Idempotency-Key": "key_reused"}
    assert field_errors(caller.post("/notes", json=a_note(name="Bob"), headers=KEY)) == reused
    assert field_errors(caller.post(f"/notes/{note_id}/place", headers=KEY)) == reused
    patched = caller.patch(f"/notes/{note_id}", json={"name": "Bob"}, headers={**KEY, "If-Match": '"1"'})
    assert field_errors(patched) == reused
    assert head(shop) == 1


def test_each_caller_has_its_own_idempotency_keys(shop, caller):
    caller.post("/notes", json=a_note(), headers=KEY)
    other = create_caller(shop, actor="another clerk").post("/notes", json=a_note(code="N-2"), headers=KEY)
    assert (other.status_code, other.json["code"]) == (201, "N-2")


def test_a_hundred_concurrent_requests_with_one_key_have_one_effect(shop, caller):
    callers = [create_caller(shop) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        submitted = [threads.submit(callers[n % 8].post, "/notes", json=a_note(), headers=KEY) for n in range(100)]
    responses = {(each.result().status_code, each.result().data) for each in submitted}
    assert {status for status, _ in responses} == {201}
    assert len(responses) == 1
    assert head(shop) == 1


def test_a_refused_command_does_not_use_up_its_key(shop, caller):
    caller.post("/notes", json=a_note())
    refused = caller.post("/notes", json=a_note(), headers=KEY)
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken")
    assert refused.json["errors"][0]["pointer"] == "/code"
    assert head(shop) == 1
    assert caller.post("/notes", json=a_note(code="N-2"), headers=KEY).status_code == 201


# -- versions


def rename(caller, note_id, **headers):
    return caller.patch(f"/notes/{note_id}", json={"name": "Bob"}, headers=headers)


def test_a_change_requires_the_current_version(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    missing = rename(caller, note_id)
    assert (missing.status_code, missing.json["code"]) == (428, "version_missing")
    assert rename(caller, note_id, **{"If-Match": '"1"'}).json["version"] == 2
    stale = rename(caller, note_id, **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"], stale.json["current_version"]) == (412, "stale", 2)
    assert stale.headers["ETag"] == '"2"'
    assert head(shop) == 2


@pytest.mark.parametrize(
    "version", ["1", '"01"', 'W/"1"', "**", '"1", "2"', '"x"', '"-1"', '""', '"1', '"１"', '"' + "9" * 5_000 + '"']
)
def test_if_match_is_one_strong_etag(shop, caller, version):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    response = rename(caller, note_id, **{"If-Match": version.encode().decode("latin-1")})
    assert (response.status_code, response.json["code"]) == (400, "malformed_version")
    assert head(shop) == 1


def test_if_match_is_checked_on_any_command(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    stale = caller.post(f"/notes/{note_id}/place", headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json["current_version"]) == (412, 1)
    assert caller.post(f"/notes/{note_id}/place", headers={"If-Match": '"1"'}).status_code == 200


# -- dates and refusals


def test_the_business_date_is_that_of_the_request(shop, caller):
    note_id = caller.post("/notes", json=a_note(taken_on="1996-07-04")).json["id"]
    caller.post(f"/notes/{note_id}/place", json={"effective_on": "1996-07-16"})
    lines = caller.get("/audit/events").text.splitlines()
    assert ['"effective_on":"1996-07-04"' in lines[0], '"effective_on":"1996-07-16"' in lines[1]] == [True, True]


def test_the_business_date_is_today_by_default(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    before = datetime.now(UTC).date().isoformat()
    placed = caller.post(f"/notes/{note_id}/place").json["placed_on"]
    assert before <= placed <= datetime.now(UTC).date().isoformat()


def test_a_domain_error_has_its_own_code(shop, caller):
    note_id = caller.post("/notes", json=a_note(lines=[])).json["id"]
    refused = caller.post(f"/notes/{note_id}/place")
    assert (refused.status_code, refused.json["code"]) == (409, "empty_note")
    assert refused.json["detail"] == "a note without lines"


def test_a_value_refused_by_the_domain_is_reported_with_its_field(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    response = caller.patch(f"/notes/{note_id}", json={"name": "bad"}, headers={"If-Match": '"1"'})
    assert field_errors(response) == {"/name": "invalid_input"}


def test_a_command_waits_for_an_event_that_arrives_in_time(shop, caller):
    Shop.known_after = 4
    assert caller.post("/notes/news").json == {"known": True}
    assert Shop.attempts == 4


def test_a_command_whose_event_does_not_arrive_is_a_conflict_to_retry(caller, monkeypatch):
    monkeypatch.setattr("shared.web.commands.MAX_WAIT_SECONDS", 0.1)
    Shop.known_after = 1_000
    response = caller.post("/notes/news")
    assert (response.status_code, response.json["code"]) == (409, "not_yet_available")
    assert int(response.headers["Retry-After"]) >= 1
    assert 2 <= Shop.attempts < 10


def test_only_a_few_requests_wait_for_events_at_once(caller, monkeypatch):
    Shop.known_after = 1_000
    with ExitStack() as others:
        for _ in range(MAX_WAITING):
            assert commands._waiting.acquire(blocking=False)
            others.callback(commands._waiting.release)
        response = caller.post("/notes/news")
    assert (response.status_code, response.json["code"], Shop.attempts) == (409, "not_yet_available", 1)
    Shop.attempts, Shop.known_after = 0, 4
    assert caller.post("/notes/news").json == {"known": True}


def test_an_error_of_the_store_is_a_503_without_details(shop, caller):
    response = caller.post("/notes/break", json={"how": "store"})
    assert (response.status_code, response.json["code"]) == (503, "store_unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert "locked" not in response.text
    assert "/secret" not in response.text


def test_a_damaged_database_is_a_503(shop, caller):
    caller.post("/notes", json=a_note())
    with closing(sqlite3.connect(shop.store.path)) as connection:
        connection.execute("DROP TABLE events")
    for response in (caller.post("/notes", json=a_note(code="N-2")), caller.get("/audit/events")):
        assert (response.status_code, response.json["code"]) == (503, "store_unavailable")


# -- personal data


def test_personal_fields_are_stored_encrypted_and_returned_decrypted(shop, caller):
    email = "ann@example.com"
    created = caller.post("/notes", json=a_note(email=email), headers=KEY)
    assert created.json["email"] == email
    stored = shop.store.get_idempotency_record("clerk", KEY["Idempotency-Key"])
    assert email.encode() not in stored.body
    assert b'"cipher"' in stored.body
    catch_up(shop)
    assert caller.get("/notes").json["data"][0]["email"] == email
    assert caller.get(f"/notes/{created.json['id']}").json["email"] == email


def test_erased_personal_data_is_null_everywhere(shop, caller):
    email = "ann@example.com"
    note_id = caller.post("/notes", json=a_note(email=email), headers=KEY).json["id"]
    caller.post("/notes", json=a_note(code="N-2", email="bob@example.com"))
    assert caller.post(f"/notes/{note_id}/erase").json["email"] is None
    catch_up(shop)
    assert caller.post("/notes", json=a_note(email=email), headers=KEY).json["email"] is None
    assert caller.get(f"/notes/{note_id}").json["email"] is None
    assert {row["email"] for row in caller.get("/notes").json["data"]} == {None, "bob@example.com"}


def test_a_text_that_looks_encrypted_stays_a_text(caller):
    name = '{"subject":"6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000","cipher":"x"}'
    note = caller.post("/notes", json=a_note(name=name[:60])).json
    assert note["name"] == name[:60]


@pytest.mark.case("C18")
def test_a_weak_etag_is_refused_with_the_strong_one_to_send(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    refused = rename(caller, note_id, **{"If-Match": 'W/"1"'})
    assert refused.status_code == 400
    assert refused.json["detail"].endswith('send "1".')
    assert rename(caller, note_id, **{"If-Match": '"1"'}).status_code == 200


@pytest.mark.case("C18")
def test_an_asterisk_means_any_version_of_a_record_that_exists(caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    for _ in range(2):
        assert rename(caller, note_id, **{"If-Match": "*"}).status_code == 200
    assert rename(caller, str(uuid4()), **{"If-Match": "*"}).status_code == 404


@pytest.mark.case("C19")
def test_a_change_without_a_version_is_refused_with_the_current_one(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    rename(caller, note_id, **{"If-Match": '"1"'})
    refused = caller.patch(f"/notes/{note_id}", json={"name": "Zoe"})
    assert (refused.status_code, refused.json["current_version"]) == (428, 2)
    assert rename(caller, note_id, **{"If-Match": refused.headers["ETag"]}).status_code == 200


@pytest.mark.case("C19")
def test_the_current_version_is_named_only_to_those_who_may_read_the_record(shop, caller):
    note_id = caller.post("/notes", json=a_note()).json["id"]
    for permission, is_named in (("shop.notes:write", False), ("shop.notes:read", True)):
        other = create_caller(shop, permissions=(permission,))
        refused = other.patch(f"/notes/{note_id}", json={"name": "Zoe"})
        assert (refused.status_code, "ETag" in refused.headers) == (428, is_named)
    assert "ETag" not in caller.patch(f"/notes/{uuid4()}", json={"name": "Zoe"}).headers


SAME = (
    b'{"code": "A", "name": "Zo\xc3\xab /", "lines": [], "currency": "USD"}',
    b'{"currency":"USD","lines":[],"name":"Zo\\u00eb \\/","code":"A"}',
    b' {"name":\t"Zo\\u00EB \\u002f",\n"code":"\\u0041","lines":[ ],"currency":"USD"} ',
)


@pytest.mark.case("H8")
def test_the_same_body_in_another_spelling_is_the_same_request(shop, caller):
    key = {"Idempotency-Key": "one"}
    answers = [caller.post("/notes", data=body, content_type="application/json", headers=key) for body in SAME]
    assert [each.status_code for each in answers] == [201, 201, 201]
    assert len({each.data for each in answers}) == 1
    assert shop.store.head() == 1


@pytest.mark.case("H8")
@pytest.mark.parametrize(
    "body",
    [
        b'{"code": "A", "name": "Zoe /", "lines": [], "currency": "USD"}',
        b'{"code": "A", "name": "Zo\\u0065\\u0308 /", "lines": [], "currency": "USD"}',
        b'{"code": "A", "name": "Zo\xc3\xab /", "currency": "USD"}',
    ],
)
def test_another_body_under_the_same_key_is_refused(shop, caller, body):
    key = {"Idempotency-Key": "one"}
    caller.post("/notes", data=SAME[0], content_type="application/json", headers=key)
    again = caller.post("/notes", data=body, content_type="application/json", headers=key)
    assert field_errors(again) == {"/Idempotency-Key": "key_reused"}
    assert shop.store.head() == 1


@pytest.mark.case("H8")
def test_a_batch_is_compared_as_a_document_also_with_values_that_no_field_accepts(shop, caller):
    key = {"Idempotency-Key": "one"}
    items = b'[{"code": "A", "name": "Ann"}, {"code": "B", "name": 1.5}, {"code": 99999999999999999999}]'
    first, again = (
        caller.post("/notes/batch", data=b'{"items": ' + items + b"}", content_type="application/json", headers=key)
        for _ in range(2)
    )
    assert (first.status_code, first.json["done"], again.data) == (200, 1, first.data)
    valid = [b'{"items": [{"code": "C", "name": "Ann"}]}', b'{"items":[{"name":"Ann","code":"\\u0043"}]}']
    other = {"Idempotency-Key": "two"}
    answers = [caller.post("/notes/batch", data=each, content_type="application/json", headers=other) for each in valid]
    assert [each.json["done"] for each in answers] == [1, 1]
    assert shop.store.head() == 2


@pytest.mark.case("H8")
def test_a_duplicate_key_is_refused_whatever_its_spelling(caller):
    body = b'{"code": "A", "\\u0063ode": "B", "name": "Ann"}'
    refused = caller.post("/notes", data=body, content_type="application/json")
    assert (refused.status_code, refused.json["code"]) == (400, "duplicate_key")


@pytest.mark.case("C33")
@pytest.mark.parametrize(("value", "shown"), [(3, '"3"'), (0, '"0"'), (-7, '"-7"'), (2.5, '"12.5"'), (True, '"12.5"')])
def test_a_json_number_for_a_decimal_is_refused_with_its_reason(caller, value, shown):
    line = {**a_note()["lines"][0], "quantity": value}
    refused = caller.post("/notes", json=a_note(lines=[line]))
    assert field_errors(refused) == {"/lines/0/quantity": "not_text"}
    assert refused.json["errors"][0]["detail"] == f"must be a text such as {shown}, because JSON numbers lose decimals"


@pytest.mark.case("C26")
def test_a_method_that_an_address_does_not_allow_is_refused_with_those_it_allows(caller):
    refused = caller.delete("/notes")
    assert refused.status_code == 405
    assert refused.json["detail"] == "This address does not allow DELETE. Allowed: GET, POST."
