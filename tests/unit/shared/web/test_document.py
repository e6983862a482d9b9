"""OpenAPI document: valid, complete and consistent with the requests and responses."""

import json
import re
from unittest.mock import Mock

import pytest
from openapi_spec_validator import validate

from shared.openapi.document import app_document
from shared.testing.services import catch_up
from shared.testing.web import create_client
from shared.web import app, fields
from shared.web.record_commands import command_name
from tests.unit.shared.web.shop import Notes, Rename, TakeNote, a_note, rename

NOTES = {
    "/notes", "/notes/batch", "/notes/export", "/notes/template", "/notes/import", "/notes/{note_id}",
    "/notes/{note_id}/place", "/notes/{note_id}/erase", "/notes/news", "/notes/break", "/notes/figures",
    "/notes/{note_id}/renamings", "/renamings",
}  # fmt: skip


@pytest.fixture
def document(caller):
    return caller.get("/openapi.json").json


def operations(document):
    for path, item in document["paths"].items():
        yield from ((path, method, each) for method, each in item.items() if method != "parameters")


def parameters(document, path, method="get"):
    return {each["name"]: each for each in document["paths"][path][method]["parameters"]}


def test_the_document_is_valid_openapi_3_1(document):
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/api/v1/shop"}]
    assert set(document["paths"]) == NOTES
    names = [each["operationId"] for _, _, each in operations(document)]
    assert len(names) == len(set(names))


def test_the_document_is_built_at_the_first_request_and_kept(shop, monkeypatch):
    builder = Mock(wraps=app_document)
    monkeypatch.setattr(app, "app_document", builder)
    caller = create_client(shop, ())
    assert builder.call_count == 0
    first, second = (caller.get("/openapi.json").json for _ in range(2))
    assert builder.call_count == 1
    assert first == second
    assert first["info"] == {"title": "shop", "version": "v1"}


def test_every_operation_declares_its_problems_each_with_an_example(document):
    for _, method, operation in operations(document):
        responses = operation["responses"]
        assert {"400", "401", "403", "404", "414", "422", "503"} <= responses.keys()
        assert ("428" in responses) == (method == "patch")
        assert operation["summary"]
        for status, response in responses.items():
            if status >= "400":
                assert response == {"$ref": f"#/components/responses/Problem{status}"}
                content = document["components"]["responses"][f"Problem{status}"]["content"]
                example = content["application/problem+json"]["example"]
                assert example["status"] == int(status)
                assert example.keys() >= set(document["components"]["schemas"]["Problem"]["required"])


def test_every_referenced_component_is_defined(document):
    referenced = set(re.findall(r'"#/components/(\w+)/([\w.]+)"', json.dumps(document)))
    assert len(referenced) > 5
    assert [name for kind, name in referenced if name not in document["components"][kind]] == []


def test_a_command_declares_its_body_and_its_headers(document):
    take = document["paths"]["/notes"]["post"]
    content = take["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/shop.TakeNote"}
    assert content["example"] == {"code": "A-100", "name": "free text"}
    assert set(take["responses"]) >= {"201", "409"}
    headers = {name: each["required"] for name, each in parameters(document, "/notes", "post").items()}
    assert headers == {"Idempotency-Key": True, "If-Match": False}
    assert parameters(document, "/notes/{note_id}", "patch")["If-Match"]["required"]
    body = document["components"]["schemas"]["shop.TakeNote"]
    assert set(body["required"]) == {"code", "name"}
    assert body["additionalProperties"] is False
    line = document["components"]["schemas"]["shop.NoteLine"]["properties"]
    assert line["unit_price"]["$ref"] == "#/components/schemas/Money"


def test_a_list_declares_its_parameters(document):
    declared, times = parameters(document, "/notes"), ("created_at", "updated_at")
    ordered = ("total", "placed_on", "lines_count", *times)
    ranges = {f"{column}[{each}]" for column in ordered for each in ("gt", "gte", "lt", "lte")}
    equal = {f"{column}[eq]" for column in ("id", *Notes.columns, *times)}
    others = {
        "name[in]",
        "id",
        "q",
        "sort",
        "limit",
        "cursor",
        "consistency",
        "count",
        "sum",
        "group_by",
        "show",
        "format",
        *times,
    }
    assert set(declared) == {*Notes.columns, *ranges, *equal, *others, *times}
    assert declared["placed_on"]["explode"] is False
    assert declared["placed_on"]["schema"]["items"]["format"] == "date"
    orders = ("code", "-total", "count", "-count", "placed_on.month", "-placed_on.year")
    assert {*orders} <= {*declared["sort"]["schema"]["items"]["enum"]}
    row = document["components"]["schemas"]["shop.Note"]["properties"]
    assert row["placed_on"] == {"type": ["string", "null"], "format": "date"}


def test_a_command_has_a_name_and_is_on_a_collection_or_a_record(document):
    commands = {
        path: (operation["x-sihe-command"]["name"], operation["x-sihe-command"]["on"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("post", "patch") and "x-sihe-command" in operation
    }
    assert commands == {
        "/notes": ("take", "collection"),
        "/notes/news": ("news", "collection"),
        "/notes/break": ("break", "collection"),
        "/notes/{note_id}": ("rename", "one"),
        "/notes/{note_id}/place": ("place", "one"),
        "/notes/{note_id}/erase": ("erase", "one"),
    }


def test_a_command_on_a_part_of_a_record_names_the_part():
    rule = "/<uuid:customer_id>/contacts/<uuid:contact_id>/erase"
    assert command_name(rule, rename) == ("erase_contact", "part")


def test_a_batch_declares_its_items(document):
    schema = document["paths"]["/notes/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert body["properties"]["items"]["items"] == {"$ref": "#/components/schemas/shop.TakeNote"}
    assert body["properties"]["items"]["maxItems"] == 1000


@pytest.mark.parametrize("schema", [TakeNote, Rename])
def test_examples_are_valid(schema):
    assert schema().parse(fields.example_of(schema()))


def test_every_returned_field_is_declared(shop, caller, document):
    caller.post("/notes", json=a_note(email="ann@example.com"))
    catch_up(shop)
    (row,) = caller.get("/notes").json["data"]
    assert {*row, "allowed_commands"} == set(document["components"]["schemas"]["shop.Note"]["properties"])
