"""Keys over HTTP: the secret is shown once, whatever is asked again."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

KEYS = "/api/v1/access/keys"


def test_a_new_key_is_told_with_its_secret_and_where_it_is(house: Any) -> None:
    here = house()
    issued = here.browser.post(
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


def everything_in(folder: Path) -> Iterator[bytes]:
    """What is in its files; a database in use makes and removes some meanwhile."""
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            yield file.read_bytes()


def test_nobody_can_show_a_secret_again(house: Any) -> None:
    here = house()
    asked = {"json": {"name": "till", "roles": ["sales"]}, "headers": {"Idempotency-Key": "once"}}
    first, again = here.browser.post(KEYS, **asked), here.browser.post(KEYS, **asked)
    told = first.json
    secret = told.pop("secret")
    assert (again.status_code, again.json) == (201, told)
    for address in (KEYS, f"{KEYS}/{told['id']}"):
        assert secret not in here.browser.get(address).text
    stored = b"".join(everything_in(here.home / "gateway"))
    assert b"till" in stored
    assert secret.split("_", 2)[2].encode() not in stored


def test_keys_are_listed_as_they_now_stand(house: Any) -> None:
    here = house()
    ids = [here.browser.post(KEYS, json={"name": name, "roles": ["sales"]}).json["id"] for name in ("till", "web")]
    here.browser.post(f"{KEYS}/{ids[0]}/revoke")
    listed = here.browser.get(KEYS).json
    assert [(key["id"], key["status"], key["version"]) for key in listed["data"]] == [
        (ids[0], "revoked", 2), (ids[1], "active", 1),
    ]  # fmt: skip
    assert listed["has_more"] is False
    assert here.browser.get(f"{KEYS}/{ids[1]}").json == listed["data"][1]


def test_rotating_gives_another_secret_and_the_old_one_opens_nothing(house: Any) -> None:
    here = house()
    here.services["crm"].answers["/customers"] = {}
    seller = here.create_key("sales")
    (key,) = here.browser.get(KEYS).json["data"]
    rotated = here.browser.post(f"{KEYS}/{key['id']}/rotate").json
    assert rotated["version"] == 2
    assert seller.get("/api/v1/crm/customers").status_code == 401
    assert seller.with_key(rotated["secret"]).get("/api/v1/crm/customers").status_code == 200


def test_who_did_it_is_on_record(house: Any) -> None:
    here = house()
    chief = here.create_key("admin", name="chief", person="maria")
    chief.post(KEYS, json={"name": "till", "roles": ["sales"]})
    lines = here.browser.get("/api/v1/audit/gateway/events")
    assert lines.content_type == "application/x-ndjson"
    told = [json.loads(line) for line in lines.text.splitlines()]
    assert [(each["type"], each["actor"], each["data"]["name"]) for each in told] == [
        ("gateway.AccessKey.Issued", "admin", "chief"), ("gateway.AccessKey.Issued", "maria", "till"),
    ]  # fmt: skip


def test_nobody_gives_himself_a_role(house: Any) -> None:
    here = house()
    maria, otto = (here.create_key("admin", name=f"chief {each}", person=each) for each in ("maria", "otto"))
    own = {"name": "books", "roles": ["accountant"], "person": "maria"}
    assert maria.post(KEYS, json=own).json["code"] == "four_eyes_required"
    assert maria.post(KEYS, json={"name": "maria", "roles": ["accountant"]}).status_code == 403
    issued = otto.post(KEYS, json=own)
    assert (issued.status_code, issued.json["issued_by"]) == (201, "otto")


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
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
def test_what_makes_no_sense_is_refused_naming_the_field(
    same_house: Any, asked: Any, status: int, pointer: str
) -> None:
    here = same_house
    here.browser.post(KEYS, json={"name": "taken", "roles": ["sales"]})
    refused = here.browser.post(KEYS, json=asked)
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (status, [pointer])
    assert len(here.browser.get(KEYS).json["data"]) == 1
