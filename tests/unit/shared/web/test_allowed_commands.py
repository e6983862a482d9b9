"""`show=allowed_commands`: the commands of a record, in the record and in lists, for the permissions of the caller."""

from typing import Any

import pytest

from shared.testing.services import catch_up
from shared.testing.web import Client, field_errors
from shared.web.record_commands import RecordCommand, RecordCommands
from tests.unit.shared.web.shop import Shop, a_note, create_caller

EVERY = ["erase", "place", "rename"]


@pytest.fixture
def note(shop: Shop, caller: Client) -> str:
    note_id: str = caller.post("/notes", json=a_note()).json["id"]
    catch_up(shop)
    return note_id


def test_a_record_shows_its_commands_only_on_request(caller: Client, note: str) -> None:
    plain, shown = caller.get(f"/notes/{note}"), caller.get(f"/notes/{note}?show=allowed_commands")
    assert shown.json == {**plain.json, "allowed_commands": EVERY}
    assert shown.headers["ETag"] == plain.headers["ETag"]


def test_a_list_shows_the_commands_of_each_row_only_on_request(caller: Client, note: str) -> None:
    plain, shown = caller.get("/notes").json, caller.get("/notes?show=allowed_commands&limit=50&sort=code").json
    assert shown["data"] == [{**row, "allowed_commands": EVERY} for row in plain["data"]]
    assert [row["id"] for row in shown["data"]] == [note]


def test_the_next_page_shows_them_too(shop: Shop, caller: Client, note: str) -> None:
    caller.post("/notes", json=a_note(code="N-2"))
    catch_up(shop)
    link = caller.get("/notes?show=allowed_commands&limit=1").headers["Link"]
    page = caller.get(link[1:].partition(">")[0].removeprefix("/api/v1/shop")).json
    assert [row["allowed_commands"] for row in page["data"]] == [EVERY]


@pytest.mark.parametrize(
    ("path", "errors"),
    [
        ("/notes?show=allowed_commands&limit=51", {"/limit": "out_of_range"}),
        ("/notes?limit=200&show=allowed_commands", {"/limit": "out_of_range"}),
        ("/notes?show=everything", {"/show": "not_one_of"}),
        ("/notes/{note}?show=", {"/show": "not_one_of"}),
        ("/notes/{note}?show=allowed_commands&show=allowed_commands", {"/show": "given_twice"}),
        ("/notes/{note}?unknown=1", {"/unknown": "unknown_field"}),
        ("/renamings?show=allowed_commands", {"/show": "unknown_field"}),
        ("/notes/export?show=allowed_commands", {"/show": "unknown_field"}),
    ],
)
def test_a_wrong_parameter_is_refused(caller: Client, note: str, path: str, errors: dict[str, str]) -> None:
    assert field_errors(caller.get(path.format(note=note))) == errors


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        (("shop.notes:write",), EVERY),
        (("shop.*:write", "shop.*:read"), EVERY),
        (("shop.notes:read",), []),
        (("crm.notes:write",), []),
        ((), []),
    ],
)
def test_commands_are_shown_if_the_caller_has_their_permission(
    shop: Shop, note: str, permissions: tuple[str, ...], allowed: list[str]
) -> None:
    other = create_caller(shop, permissions=permissions)
    assert other.get(f"/notes/{note}?show=allowed_commands").json["allowed_commands"] == allowed
    assert other.get("/notes?show=allowed_commands").json["data"][0]["allowed_commands"] == allowed


def test_personal_fields_are_decrypted_as_without_the_parameter(shop: Shop, caller: Client) -> None:
    path = f"/notes/{caller.post('/notes', json=a_note(email='ann@example.com')).json['id']}?show=allowed_commands"
    assert caller.get(path).json["email"] == "ann@example.com"
    assert create_caller(shop, roles=("auditor",)).get(path).json["email"] is None


def change_note() -> None:
    """Have the name of a view that changes a record."""


@pytest.mark.parametrize(
    ("rule", "method", "expected"),
    [
        ("", None, []),
        ("/news", None, []),
        ("/<uuid:id>/place", None, [RecordCommand("place", "place", "write")]),
        ("/<code>/write-off", None, [RecordCommand("write-off", "write_off", "write")]),
        ("/<uuid:id>/close", "end", [RecordCommand("close", "end", "write")]),
        ("/<uuid:id>", None, [RecordCommand("change", "change", "write")]),
        ("/<uuid:id>", "revise", [RecordCommand("change", "revise", "write")]),
        ("/<uuid:id>/release/<uuid:order_id>", None, [RecordCommand("release", "release", "write")]),
        ("/<uuid:id>/contacts/<uuid:contact_id>/erase", None, []),
    ],
)
def test_the_path_names_the_command_and_the_method_that_it_calls(rule: str, method: str | None, expected: Any) -> None:
    commands = RecordCommands(None)
    commands.declare(rule, change_note, method, "write")
    assert commands.declared == expected


def test_the_parameter_and_the_member_are_described(caller: Client) -> None:
    document = caller.get("/openapi.json").json
    for path in ("/notes", "/notes/{note_id}"):
        (show,) = [each for each in document["paths"][path]["get"]["parameters"] if each["name"] == "show"]
        assert (show["in"], show["required"], show["schema"]["enum"]) == ("query", False, ["allowed_commands"])
        assert "commands" in show["description"]
    row = document["components"]["schemas"]["shop.Note"]
    assert row["properties"]["allowed_commands"]["items"] == {"type": "string"}
    assert {"id", "version"} <= {*row["required"]}
    assert "allowed_commands" not in row["required"]
    others = document["paths"]["/renamings"]["get"]["parameters"]
    assert [each for each in others if each["name"] == "show"] == []
