"""What each kind of operation takes and answers, as the document tells it."""

from collections.abc import Callable
from types import new_class
from typing import Any

from shared.report import Collection, Report
from shared.web import fields, shapes
from shared.web.answers import JSON
from shared.web.batch import Batch
from shared.web.docs import Doc, row_of
from shared.web.exchange import AskImport, AskSheet
from shared.web.lists import (
    JUDGES,
    KNOWN_AT,
    LONGEST_PAGE,
    LONGEST_VALUE,
    MOST_VALUES,
    PAGE,
    SEARCH,
    Listing,
    operators_of,
)
from shared.web.many import MOST_AT_ONCE
from shared.web.schema import Schema
from shared.web.sheet import MEDIA_TYPES
from shared.web.told import PROBLEM, answered

_OF_QUESTIONS = ("400", "401", "403", "404", "414", "422", "503")
_OF_COMMANDS = ("400", "401", "403", "404", "408", "409", "412", "413", "414", "415", "422", "503")


def of_command(view: Callable[..., Any], method: str, rule: str, resource: type[Collection] | None) -> Doc:
    """What a command takes and answers: a new thing at the collection's own address, else the thing as it then is."""
    needed = method == "PATCH"
    shape = shapes.named(row_of(resource)) if resource else {"type": "object"}
    status = "201" if method == "POST" and not rule else "200"
    problems = (*_OF_COMMANDS, "428") if needed else _OF_COMMANDS
    doc = {
        "parameters": [KEY, _version(needed)],
        "responses": {status: _resource(status, shape), **answered(*problems)},
    }
    schema = getattr(view, "accepts", None)
    return doc if schema is None else doc | {"requestBody": body_of(schema)}


def of_batch(view: Callable[..., Any], resource: type[Collection] | None) -> Doc:
    """Many new things, and what came of each."""
    schema = view.accepts  # type: ignore[attr-defined]
    shape = shapes.named(row_of(resource)) if resource else {"type": "object"}
    return {
        "parameters": [KEY],
        "requestBody": {"required": True, "content": {JSON: {"schema": _batch_of(schema)}}},
        "responses": {
            "200": _answer("A result for each item, in their order.", _results(shape)),
            **answered(*_OF_COMMANDS),
        },
    }


def _batch_of(schema: type[Schema]) -> type[Schema]:
    """What a batch of these looks like: a schema for the document alone."""
    items = fields.List(fields.Nested(schema), required=True, min=1, max=MOST_AT_ONCE)
    members = {"items": items, "atomic": Batch().load_fields["atomic"], "__module__": schema.__module__}
    made: type[Schema] = new_class(f"{schema.__name__}Batch", (Schema,), exec_body=lambda body: body.update(members))
    return made


def _results(shape: Doc) -> Doc:
    made = {"status": {"const": 201}, "location": {"type": "string"}, "resource": shape}
    refused = {"status": {"type": "integer", "minimum": 400}, "problem": shapes.named("Problem")}
    either = [{"type": "object", "properties": each, "required": list(each)} for each in (made, refused)]
    counted = {"done": {"type": "integer"}, "refused": {"type": "integer"}}
    members = {"data": {"type": "array", "items": {"anyOf": either}}, **counted}
    return {"type": "object", "properties": members, "required": list(members)}


def of_question(view: Callable[..., Any]) -> Doc:
    """What a question may be asked with."""
    asked = parameters_of(view.accepts) if hasattr(view, "accepts") else []
    told = {"200": _answer("The answer.", {"type": "object"}), **answered(*_OF_QUESTIONS)}
    return {"parameters": [*asked, CONSISTENCY], "responses": told}


def of_list(listing: Listing) -> Doc:
    """How a list is filtered, sorted and paged."""
    row = shapes.named(row_of(listing.report))
    members = {"data": {"type": "array", "items": row}, "has_more": {"type": "boolean"}}
    members["next_cursor"] = {"type": ["string", "null"]}
    page = {"type": "object", "properties": members, "required": list(members)}
    next_page = {"Link": {"description": "The next page.", "schema": {"type": "string"}}}
    return {
        "parameters": [*_filters(listing), _sort(listing.report), *_PAGING, CONSISTENCY],
        "responses": {"200": _answer("A page.", page) | {"headers": next_page}, **answered(*_OF_QUESTIONS)},
    }


def of_template() -> Doc:
    """A sheet with nothing but its header."""
    return {"parameters": parameters_of(AskSheet), "responses": {"200": _SHEET, **answered(*_OF_QUESTIONS)}}


def of_export(listing: Listing) -> Doc:
    """A list as a sheet."""
    return {
        "parameters": [*parameters_of(AskSheet), *_filters(listing), _sort(listing.report), CONSISTENCY],
        "responses": {"200": _SHEET, **answered(*_OF_QUESTIONS)},
    }


def of_import() -> Doc:
    """A sheet that comes in."""
    members = {"dry_run": {"type": "boolean"}, "rows": {"type": "integer"}, "errors": PROBLEM["properties"]["errors"]}
    told = {"type": "object", "properties": members, "required": list(members)}
    content: Doc = {each: {} for each in MEDIA_TYPES.values()}
    return {
        "parameters": [KEY, *parameters_of(AskImport)],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _answer("What is wrong with the rows; nothing if it is done.", told),
            **answered(*_OF_COMMANDS),
        },
    }


# -- parameters


def _parameter(name: str, schema: Doc, **more: Any) -> Doc:
    return {"in": "query", "name": name, "required": False, "schema": schema, **more}


KEY: Doc = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "The command's own key: sent again with it, the command is done once and answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~](?:[ -~]*[!-~])?$"},
    "example": "7d4f1c0e-5f0e-4f53-8f0b-0c2a4b1d9e10",
}
CONSISTENCY = _parameter(
    "consistency",
    {"type": "string", "enum": ["eventual"]},
    description="Do not wait until all that is committed is shown.",
)
_PAGING = [
    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE}),
    _parameter("cursor", {"type": "string"}, description="`next_cursor` of the page before, asked the same otherwise."),
]


def _version(needed: bool) -> Doc:
    return {
        "in": "header",
        "name": "If-Match",
        "required": needed,
        "description": "The version the caller saw, as its ETag shows it: 412 if it is another by now.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,15}"$'},
        "example": '"1"',
    }


def _filters(listing: Listing) -> list[Doc]:
    """Each column by values separated by commas, those with an order also by ranges."""
    found = []
    for column, kind in listing.kinds.items():
        shape = JUDGES[kind].shape
        listed = shapes.text(1, LONGEST_VALUE, without=",") if kind is str else shape
        values = {"type": "array", "items": listed, "minItems": 1, "maxItems": MOST_VALUES}
        found.append(_parameter(column, values, style="form", explode=False))
        found += [_parameter(f"{column}[{each}]", shape) for each in operators_of(kind)]
    if listing.report.search:
        found.append(_parameter("q", SEARCH.shape, description="Words to look for."))
    if listing.report.history:
        found.append(_parameter("known_at", KNOWN_AT.shape, description="As it was known at this moment or position."))
    for name, means in listing.also.items():
        shape = JUDGES[listing.kinds[means.partition("[")[0]]].shape
        found.append(_parameter(name, shape, description=f"The same as `{means}`."))
    return found


def _sort(report: type[Report]) -> Doc:
    columns = [sign + column for column in ("id", *report.kinds()) for sign in ("", "-")]
    values = {"type": "array", "items": {"type": "string", "enum": columns}, "minItems": 1, "uniqueItems": True}
    return _parameter("sort", values, style="form", explode=False, description="In order of weight; `-` descends.")


def parameters_of(schema: type[Schema]) -> list[Any]:
    """The fields of a schema as parameters of an address, for the library to tell."""
    return [{"in": "query", "schema": schema}]


def body_of(schema: type[Schema]) -> Doc:
    """A body and an example of it; it may be left out where nothing in it must be said."""
    judged = schema()
    needed = any(field.required for field in judged.load_fields.values())
    content = {"schema": schema, "example": fields.example_of(judged)}
    return {"required": needed, "content": {JSON: content}}


# -- answers


def _answer(words: str, schema: Doc) -> Doc:
    return {"description": words, "content": {JSON: {"schema": schema}}}


def _resource(status: str, shape: Doc) -> Doc:
    headers = {"ETag": "Its version."} | ({"Location": "Where it is."} if status == "201" else {})
    told = {name: {"description": words, "schema": {"type": "string"}} for name, words in headers.items()}
    return _answer("The resource.", shape) | {"headers": told}


_SHEET: Doc = {
    "description": "The sheet.",
    "content": {each: {} for each in MEDIA_TYPES.values()},
    "headers": {"Content-Disposition": {"description": "A name for the file.", "schema": {"type": "string"}}},
}
