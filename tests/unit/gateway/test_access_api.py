"""API of access keys: the secret is returned once and not for a repeated command."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

KEYS = "/api/v1/access/keys"


def test_a_new_key_is_returned_with_its_secret_and_its_location(open_gateway: Any) -> None:
    gateway = open_gateway()
    issued = gateway.client.post(
        KEYS, json={"name": "till", "roles": ["sales"], "person": "anna", "expires_at": "2099-01-01T00:00:00Z"}
    )
    key = issued.json
    assert issued.status_code == 201
    assert issued.headers["Location"] == f"{KEYS}/{key['id']}"
    assert issued.headers["ETag"] == '"1"'
    assert key == {
        "id": key["id"], "version": 1, "name": "till", "person": "anna", "roles": ["sales"], "status": "active",
        "expires_at": "2099-01-01T00:00:00Z", "secret": key["secret"], "issued_by": "admin",
    }  # fmt: skip
    assert key["secret"].startswith(f"sihe_{key['id'].replace('-', '')}_")


def file_contents(folder: Path) -> Iterator[bytes]:
    """Yield the content of each file; a database in use creates and removes some of them meanwhile."""
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            yield file.read_bytes()


def test_a_secret_is_never_returned_again(open_gateway: Any) -> None:
    gateway = open_gateway()
    command = {"json": {"name": "till", "roles": ["sales"]}, "headers": {"Idempotency-Key": "once"}}
    first, again = gateway.client.post(KEYS, **command), gateway.client.post(KEYS, **command)
    key = first.json
    secret = key.pop("secret")
    assert (again.status_code, again.json) == (201, key)
    for address in (KEYS, f"{KEYS}/{key['id']}"):
        assert secret not in gateway.client.get(address).text
    stored = b"".join(file_contents(gateway.home / "gateway"))
    assert b"till" in stored
    assert secret.split("_", 2)[2].encode() not in stored


def test_keys_are_listed_with_their_current_status(open_gateway: Any) -> None:
    gateway = open_gateway()
    ids = [gateway.client.post(KEYS, json={"name": name, "roles": ["sales"]}).json["id"] for name in ("till", "web")]
    gateway.client.post(f"{KEYS}/{ids[0]}/revoke")
    listed = gateway.client.get(KEYS).json
    assert [(key["id"], key["status"], key["version"]) for key in listed["data"]] == [
        (ids[0], "revoked", 2), (ids[1], "active", 1),
    ]  # fmt: skip
    assert listed["has_more"] is False
    assert gateway.client.get(f"{KEYS}/{ids[1]}").json == listed["data"][1]


def test_rotating_returns_a_new_secret_and_invalidates_the_old_one(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.services["crm"].responses["/customers"] = {}
    seller = gateway.create_key("sales")
    (key,) = gateway.client.get(KEYS).json["data"]
    rotated = seller.post(f"{KEYS}/{key['id']}/rotate").json
    assert rotated["version"] == 2
    assert seller.get("/api/v1/crm/customers").status_code == 401
    assert seller.with_key(rotated["secret"]).get("/api/v1/crm/customers").status_code == 200


def test_the_event_log_records_the_actor_of_each_command(open_gateway: Any) -> None:
    gateway = open_gateway()
    chief = gateway.create_key("admin", name="chief", person="maria")
    chief.post(KEYS, json={"name": "till", "roles": ["sales"]})
    lines = gateway.client.get("/api/v1/audit/gateway/events")
    assert lines.content_type == "application/x-ndjson"
    events = [json.loads(line) for line in lines.text.splitlines()]
    assert [(each["type"], each["actor"], each["data"]["name"]) for each in events] == [
        ("gateway.AccessKey.Issued", "admin", "chief"), ("gateway.AccessKey.Issued", "maria", "till"),
    ]  # fmt: skip


def test_administrators_cannot_issue_keys_to_themselves(open_gateway: Any) -> None:
    gateway = open_gateway()
    maria, otto = (gateway.create_key("admin", name=f"chief {each}", person=each) for each in ("maria", "otto"))
    own = {"name": "books", "roles": ["accountant"], "person": "maria"}
    assert maria.post(KEYS, json=own).json["code"] == "four_eyes_required"
    assert maria.post(KEYS, json={"name": "maria", "roles": ["accountant"]}).status_code == 403
    assert maria.post(KEYS, json=own | {"person": "MARlA"}).json["code"] == "four_eyes_required"
    issued = otto.post(KEYS, json=own)
    assert (issued.status_code, issued.json["issued_by"]) == (201, "otto")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"roles": ["sales"]}, 422, "/name"),
        ({"name": "till"}, 422, "/roles"),
        ({"name": "till", "roles": []}, 422, "/roles"),
        ({"name": "till", "roles": ["chief"]}, 422, "/roles/0"),
        ({"name": "admin", "roles": ["sales"]}, 422, "/name"),
        ({"name": "till", "roles": ["sales"], "expires_at": "2020-01-01T00:00:00Z"}, 422, "/expires_at"),
        ({"name": "till", "roles": ["sales"], "expires_at": "2099-01-01"}, 422, "/expires_at"),
        ({"name": "till", "roles": ["sales"], "status": "active"}, 422, "/status"),
        ({"name": "till", "roles": ["sales"], "digest": "0"}, 422, "/digest"),
        ({"name": "taken", "roles": ["sales"]}, 409, "/name"),
    ],
)
def test_an_invalid_command_is_refused_with_a_pointer_to_the_field(
    shared_gateway: Any, body: Any, status: int, pointer: str
) -> None:
    gateway = shared_gateway
    gateway.client.post(KEYS, json={"name": "taken", "roles": ["sales"]})
    refused = gateway.client.post(KEYS, json=body)
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (status, [pointer])
    assert len(gateway.client.get(KEYS).json["data"]) == 1


# -- people and their names

SPELLINGS = {
    "other case": "BOB MILLER",
    "an accent": "Bob Míller",
    "full width": "ｂｏｂ ｍｉｌｌｅｒ",
    "Cyrillic o": "b\u043eb miller",
    "Greek omicron": "b\u03bfb miller",
    "Armenian o": "b\u0585b miller",
    "a digit for a letter": "b0b miller",
    "one for l": "bob mi1ler",
    "capital i for l": "bob milIer",
    "rn for m": "bob rniller",
    "Cyrillic capitals": "\u0412O\u0412 MILLER",
    "a small capital letter": "b\u1d0fb miller",
    "mathematical letters": "\U0001d41b\U0001d428\U0001d41b miller",
}
INVISIBLE = {
    "zero-width space": "bob\u200b miller",
    "soft hyphen": "bob mil\u00adler",
    "zero-width joiner": "bob\u200d miller",
    "word joiner": "bob\u2060 miller",
    "left-to-right mark": "bob\u200e miller",
    "no-break space": "bob\u00a0miller",
    "Hangul filler": "bob\u3164 miller",
    "variation selector": "bob\ufe0f miller",
    "tag character": "bob\U000e0062 miller",
    "byte order mark": "bob\ufeff miller",
}


@pytest.mark.case("X8")
@pytest.mark.parametrize("field", ["person", "name"])
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_name_that_reads_like_that_of_a_person_is_refused(open_gateway: Any, spelling: str, field: str) -> None:
    gateway = open_gateway()
    gateway.create_key("accountant", name="books", person="bob miller")
    body = {"name": "other", "roles": ["accountant"]} | {field: spelling}
    refused = gateway.client.post(KEYS, json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken"), refused.text
    assert [each["pointer"] for each in refused.json["errors"]] == [f"/{field}"]


@pytest.mark.case("X8", "B30")
@pytest.mark.parametrize("field", ["person", "name"])
def test_a_name_with_two_blanks_is_that_of_the_same_person(open_gateway: Any, field: str) -> None:
    gateway = open_gateway()
    gateway.create_key("accountant", name="books", person="bob miller")
    pending = gateway.client.post(KEYS, json={"name": "other", "roles": ["accountant"]} | {field: "bob  miller"})
    assert (pending.status_code, pending.json["status"], pending.json[field]) == (201, "pending", "bob miller")


@pytest.mark.case("X8")
@pytest.mark.parametrize(
    "spelling", ["aϲc-o'hara-5", "AϹC-O'HARA-5", "acc‐o'hara‐5", "acc−o'hara–5", "acc-o’hara-5", "acc-o´hara-5"]
)
def test_look_alike_sigmas_hyphens_and_apostrophes_make_no_other_name(open_gateway: Any, spelling: str) -> None:
    gateway = open_gateway()
    gateway.create_key("accountant", name="books", person="acc-o'hara-5")
    refused = gateway.client.post(KEYS, json={"name": spelling, "roles": ["accountant"]})
    assert (refused.status_code, refused.json["code"]) == (409, "already_taken"), refused.text


@pytest.mark.case("X8")
@pytest.mark.parametrize("spelling", INVISIBLE.values(), ids=INVISIBLE)
def test_a_name_with_invisible_characters_is_refused(shared_gateway: Any, spelling: str) -> None:
    refused = shared_gateway.client.post(KEYS, json={"name": "k", "person": spelling, "roles": ["sales"]})
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, ["/person"])
    assert "must not contain the character U+" in refused.text


@pytest.mark.case("X8")
@pytest.mark.parametrize("spelling", ["MARIA", "M\u0430ria", "Mar1a", "\u039cARIA"])
def test_an_administrator_cannot_issue_a_key_for_another_spelling_of_their_own_name(
    open_gateway: Any, spelling: str
) -> None:
    maria = open_gateway().create_key("admin", name="chief", person="maria")
    refused = maria.post(KEYS, json={"name": "books", "roles": ["accountant"], "person": spelling})
    assert (refused.status_code, refused.json["code"]) == (403, "four_eyes_required")


@pytest.mark.case("X8")
@pytest.mark.parametrize(
    ("first", "second"), [("anna", "anne"), ("Müller", "Möller"), ("王伟", "王芳"), ("Вера", "Анна"), ("Νίκος", "Νίκη")]
)
def test_names_that_read_differently_are_different_people(open_gateway: Any, first: str, second: str) -> None:
    gateway = open_gateway()
    for each in (first, second):
        gateway.create_key("sales", name=f"key of {each}", person=each)


@pytest.mark.case("X8")
def test_a_reserved_name_in_letters_of_another_script_is_refused(shared_gateway: Any) -> None:
    for each in ("\u0430dmin", "ADM1N", "g\u0430teway", "cr\u043c", "\u0455cm"):
        assert shared_gateway.client.post(KEYS, json={"name": each, "roles": ["sales"]}).status_code == 422


# -- secrets belong to their person


@pytest.mark.case("X9")
def test_only_its_person_rotates_a_key(open_gateway: Any) -> None:
    gateway = open_gateway()
    bob = gateway.create_key("accountant", name="books", person="bob")
    chief = gateway.create_key("admin", name="chief", person="maria")
    [key, _] = gateway.client.get(KEYS).json["data"]
    for other in (gateway.client, chief):
        refused = other.post(f"{KEYS}/{key['id']}/rotate")
        assert (refused.status_code, refused.json["code"]) == (403, "access_denied")
        assert "secret" not in refused.json
    rotated = bob.post(f"{KEYS}/{key['id']}/rotate")
    assert (rotated.status_code, rotated.json["version"]) == (200, 2)
    assert bob.get("/api/v1/access/keys").status_code == 401


@pytest.mark.case("X9")
def test_a_further_key_of_a_person_has_no_secret_before_the_person_accepts_it(open_gateway: Any) -> None:
    gateway = open_gateway()
    bob = gateway.create_key("accountant", name="books", person="bob")
    issued = gateway.client.post(KEYS, json={"name": "books 2", "roles": ["admin"], "person": "bob"})
    assert (issued.status_code, issued.json["status"], issued.json["issued_by"]) == (201, "pending", "admin")
    assert "secret" not in issued.json
    accept = f"{KEYS}/{issued.json['id']}/accept"
    assert gateway.client.post(accept).status_code == 403
    accepted = bob.post(accept)
    assert (accepted.status_code, accepted.json["status"]) == (200, "active")
    assert bob.with_key(accepted.json["secret"]).get(KEYS).status_code == 200
    assert bob.post(accept).json["code"] == "wrong_status"


@pytest.mark.case("X9")
def test_a_key_named_like_a_person_needs_the_acceptance_of_that_person_too(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.create_key("accountant", name="books", person="bob")
    issued = gateway.client.post(KEYS, json={"name": "bob", "roles": ["accountant"]})
    assert (issued.json["status"], "secret" in issued.json) == ("pending", False)


@pytest.mark.case("X9")
def test_a_person_whose_only_key_was_revoked_gets_a_new_one_with_both_names_recorded(open_gateway: Any) -> None:
    gateway = open_gateway()
    gateway.create_key("accountant", name="books", person="bob")
    [key] = gateway.client.get(KEYS).json["data"]
    gateway.client.post(f"{KEYS}/{key['id']}/revoke")
    issued = gateway.client.post(KEYS, json={"name": "books 2", "roles": ["accountant"], "person": "bob"}).json
    assert (issued["status"], issued["person"], issued["issued_by"]) == ("active", "bob", "admin")


@pytest.mark.case("X9")
@pytest.mark.parametrize("role", ["sales", "representative", "hr", "accountant"])
def test_each_role_rotates_its_own_key_and_does_not_learn_of_others(open_gateway: Any, role: str) -> None:
    gateway = open_gateway()
    ann, bob = (gateway.create_key(role, name=f"key of {each}", person=each) for each in ("ann", "bob"))
    own, other = (each["id"] for each in gateway.client.get(KEYS).json["data"])
    answers = [ann.post(f"{KEYS}/{key_id}/rotate") for key_id in (other, "00000000-0000-4000-8000-000000000000")]
    assert [(each.status_code, each.json["code"]) for each in answers] == [(404, "not_found")] * 2
    rotated = ann.post(f"{KEYS}/{own}/rotate")
    assert rotated.status_code == 200
    assert bob.with_key(rotated.json["secret"]).post(f"{KEYS}/{own}/rotate").status_code == 200
