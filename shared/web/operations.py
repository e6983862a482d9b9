"""OpenAPI operations: the parameters, bodies and responses of each kind of endpoint."""

from collections.abc import Callable
from types import new_class
from typing import Any

from shared.projections import Projection, ResourceProjection
from shared.web import fields, shapes
from shared.web.batch import Batch
from shared.web.batch_items import MAX_ITEMS
from shared.web.docs import Doc, row_schema_name
from shared.web.exchange import ImportQuery, SheetQuery
from shared.web.lists import (
    DEFAULT_PAGE_SIZE,
    FIELD_BY_TYPE,
    KNOWN_AT_FIELD,
    MAX_PAGE_SIZE,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
    SEARCH_FIELD,
    ListEndpoint,
    operators_of,
)
from shared.web.problem_components import PROBLEM_SCHEMA, problem_references
from shared.web.replies import JSON
from shared.web.schema import Schema
from shared.web.sheet import MEDIA_TYPES

_QUESTION_STATUSES = ("400", "401", "403", "404", "414", "422", "503")
_COMMAND_STATUSES = ("400", "401", "403", "404", "408", "409", "412", "413", "414", "415", "422", "503")


def command_operation(
    view: Callable[..., Any], method: str, rule: str, resource: type[ResourceProjection] | None
) -> Doc:
    """Return the operation of a command: it creates at the collection's own address, else it returns the resource."""
    needed = method == "PATCH"
    shape = shapes.schema_reference(row_schema_name(resource)) if resource else {"type": "object"}
    status = "201" if method == "POST" and not rule else "200"
    problems = (*_COMMAND_STATUSES, "428") if needed else _COMMAND_STATUSES
    doc = {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER, _version_parameter(needed)],
        "responses": {status: _resource_response(status, shape), **problem_references(*problems)},
    }
    schema = getattr(view, "accepts", None)
    return doc if schema is None else doc | {"requestBody": request_body(schema)}


def batch_operation(view: Callable[..., Any], resource: type[ResourceProjection] | None) -> Doc:
    """Return the operation of a batch: many items, and a result for each."""
    schema = view.accepts  # type: ignore[attr-defined]
    shape = shapes.schema_reference(row_schema_name(resource)) if resource else {"type": "object"}
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER],
        "requestBody": {"required": True, "content": {JSON: {"schema": _batch_schema(schema)}}},
        "responses": {
            "200": _json_response("A result for each item, in the same order.", _results_schema(shape)),
            **problem_references(*_COMMAND_STATUSES),
        },
    }


def _batch_schema(schema: type[Schema]) -> type[Schema]:
    """Return the schema of a batch of these items, used only in the document."""
    items = fields.List(fields.Nested(schema), required=True, min=1, max=MAX_ITEMS)
    members = {"items": items, "atomic": Batch().load_fields["atomic"], "__module__": schema.__module__}
    made: type[Schema] = new_class(f"{schema.__name__}Batch", (Schema,), exec_body=lambda body: body.update(members))
    return made


def _results_schema(shape: Doc) -> Doc:
    made = {"status": {"const": 201}, "location": {"type": "string"}, "resource": shape}
    refused = {"status": {"type": "integer", "minimum": 400}, "problem": shapes.schema_reference("Problem")}
    either = [{"type": "object", "properties": each, "required": list(each)} for each in (made, refused)]
    counted = {"done": {"type": "integer"}, "refused": {"type": "integer"}}
    members = {"data": {"type": "array", "items": {"anyOf": either}}, **counted}
    return {"type": "object", "properties": members, "required": list(members)}


def question_operation(view: Callable[..., Any]) -> Doc:
    """Return the operation of a query, with its parameters."""
    parameters = query_parameters(view.accepts) if hasattr(view, "accepts") else []
    responses = {"200": _json_response("The result.", {"type": "object"}), **problem_references(*_QUESTION_STATUSES)}
    return {"parameters": [*parameters, CONSISTENCY_PARAMETER], "responses": responses}


def list_operation(listing: ListEndpoint) -> Doc:
    """Return the operation of a list, with filters, sorting and paging."""
    row = shapes.schema_reference(row_schema_name(listing.projection))
    members = {"data": {"type": "array", "items": row}, "has_more": {"type": "boolean"}}
    members["next_cursor"] = {"type": ["string", "null"]}
    page = {"type": "object", "properties": members, "required": list(members)}
    next_page = {"Link": {"description": "Link to the next page.", "schema": {"type": "string"}}}
    return {
        "parameters": [
            *_filter_parameters(listing),
            _sort_parameter(listing.projection),
            *_PAGING,
            CONSISTENCY_PARAMETER,
        ],
        "responses": {
            "200": _json_response("A page.", page) | {"headers": next_page},
            **problem_references(*_QUESTION_STATUSES),
        },
    }


def template_operation() -> Doc:
    """Return the operation of a sheet with only its header."""
    return {
        "parameters": query_parameters(SheetQuery),
        "responses": {"200": _SHEET_RESPONSE, **problem_references(*_QUESTION_STATUSES)},
    }


def export_operation(listing: ListEndpoint) -> Doc:
    """Return the operation of a list as a sheet."""
    return {
        "parameters": [
            *query_parameters(SheetQuery),
            *_filter_parameters(listing),
            _sort_parameter(listing.projection),
            CONSISTENCY_PARAMETER,
        ],
        "responses": {"200": _SHEET_RESPONSE, **problem_references(*_QUESTION_STATUSES)},
    }


def import_operation() -> Doc:
    """Return the operation of an import of a sheet."""
    members = {
        "dry_run": {"type": "boolean"},
        "rows": {"type": "integer"},
        "errors": PROBLEM_SCHEMA["properties"]["errors"],
    }
    result = {"type": "object", "properties": members, "required": list(members)}
    content: Doc = {each: {} for each in MEDIA_TYPES.values()}
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER, *query_parameters(ImportQuery)],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _json_response("The errors of the rows; none if the import succeeds.", result),
            **problem_references(*_COMMAND_STATUSES),
        },
    }


# -- parameters


def _parameter(name: str, schema: Doc, **more: Any) -> Doc:
    return {"in": "query", "name": name, "required": False, "schema": schema, **more}


IDEMPOTENCY_KEY_PARAMETER: Doc = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Unique key of the command: a repeated request is not executed again and gets the same response.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~](?:[ -~]*[!-~])?$"},
    "example": "7d4f1c0e-5f0e-4f53-8f0b-0c2a4b1d9e10",
}
CONSISTENCY_PARAMETER = _parameter(
    "consistency",
    {"type": "string", "enum": ["eventual"]},
    description="Do not wait until all committed changes are included.",
)
_PAGING = [
    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE}),
    _parameter("cursor", {"type": "string"}, description="`next_cursor` of the previous page; keep filter and sort."),
]


def _version_parameter(needed: bool) -> Doc:
    return {
        "in": "header",
        "name": "If-Match",
        "required": needed,
        "description": "The ETag of the version the caller read: 412 if the resource has changed since.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,15}"$'},
        "example": '"1"',
    }


def _filter_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return the filters: each column by values separated by commas, ordered types also by ranges."""
    found = []
    for column, kind in listing.column_types.items():
        shape = FIELD_BY_TYPE[kind].shape
        listed = shapes.text_schema(1, MAX_VALUE_LENGTH, without=",") if kind is str else shape
        values = {"type": "array", "items": listed, "minItems": 1, "maxItems": MAX_VALUES}
        found.append(_parameter(column, values, style="form", explode=False))
        found += [_parameter(f"{column}[{each}]", shape) for each in operators_of(kind)]
    if listing.projection.search:
        found.append(_parameter("q", SEARCH_FIELD.shape, description="Search text."))
    if listing.projection.has_history:
        found.append(
            _parameter("known_at", KNOWN_AT_FIELD.shape, description="State as known at this instant or position.")
        )
    for name, means in listing.aliases.items():
        shape = FIELD_BY_TYPE[listing.column_types[means.partition("[")[0]]].shape
        found.append(_parameter(name, shape, description=f"The same as `{means}`."))
    return found


def _sort_parameter(projection: type[Projection]) -> Doc:
    columns = [sign + column for column in ("id", *projection.column_types()) for sign in ("", "-")]
    values = {"type": "array", "items": {"type": "string", "enum": columns}, "minItems": 1, "uniqueItems": True}
    return _parameter("sort", values, style="form", explode=False, description="Columns by priority; `-` descends.")


def query_parameters(schema: type[Schema]) -> list[Any]:
    """Return the fields of a schema as query parameters, which the library expands."""
    return [{"in": "query", "schema": schema}]


def request_body(schema: type[Schema]) -> Doc:
    """Return the request body with an example; the body is optional if no field is required."""
    body = schema()
    needed = any(field.required for field in body.load_fields.values())
    content = {"schema": schema, "example": fields.example_of(body)}
    return {"required": needed, "content": {JSON: content}}


# -- responses


def _json_response(description: str, schema: Doc) -> Doc:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _resource_response(status: str, shape: Doc) -> Doc:
    headers = {"ETag": "Its version."} | ({"Location": "Its address."} if status == "201" else {})
    described = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
    return _json_response("The resource.", shape) | {"headers": described}


_SHEET_RESPONSE: Doc = {
    "description": "The sheet.",
    "content": {each: {} for each in MEDIA_TYPES.values()},
    "headers": {"Content-Disposition": {"description": "The file name.", "schema": {"type": "string"}}},
}
