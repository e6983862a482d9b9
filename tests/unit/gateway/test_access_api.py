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
    rotated = gateway.client.post(f"{KEYS}/{key['id']}/rotate").json
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
    assert maria.post(KEYS, json=own | {"person": "Mar\u00adia"}).json["code"] == "four_eyes_required"
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
