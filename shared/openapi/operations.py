"""OpenAPI operations: the parameters, bodies and responses of each kind of endpoint."""

from collections.abc import Callable, Mapping, Sequence
from inspect import cleandoc
from types import new_class
from typing import Any

from shared.openapi.document import row_schema_name
from shared.openapi.problem_components import ERRORS_SCHEMA, problem_references
from shared.openapi.shapes import Doc, object_schema, response_headers, schema_reference, text_schema
from shared.projections import ResourceProjection
from shared.projections.row_summary import groupable_names, summable_names
from shared.web import fields, lists
from shared.web.batch import MAX_ITEMS, Batch
from shared.web.exchange import ImportQuery, SheetFormatQuery
from shared.web.lists import FIELD_BY_TYPE, ListEndpoint
from shared.web.record_commands import ShowQuery
from shared.web.replies import JSON
from shared.web.schema import Schema
from shared.web.sheet import MEDIA_TYPES

QUERY_STATUSES = ("400", "401", "403", "404", "414", "422", "503")
COMMAND_STATUSES = (*QUERY_STATUSES, "408", "409", "412", "413", "415")


def add_view_texts(operation: Doc, tag: str, view: Callable[..., Any]) -> Doc:
    """Return the operation with the id, tag, summary and description of its view."""
    summary, _, description = cleandoc(view.__doc__ or "").partition("\n\n")
    texts = {"summary": summary, **({"description": description} if description else {})}
    return {**operation, "operationId": f"{tag}.{view.__name__.strip('_')}", "tags": [tag], **texts}


def command_operation(
    view: Callable[..., Any], method: str, rule: str, resource: type[ResourceProjection] | None
) -> Doc:
    """Return the operation of a command: it creates at the collection's own address, else it returns the resource."""
    needs_version = method == "PATCH"
    status = "201" if method == "POST" and not rule else "200"
    headers = {"ETag": "Its version."} | ({"Location": "Its address."} if status == "201" else {})
    response = _json_response("The resource.", _resource_schema(resource), headers)
    statuses = (*COMMAND_STATUSES, "428") if needs_version else COMMAND_STATUSES
    schema: type[Schema] | None = getattr(view, "accepts", None)
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER, _version_parameter(needs_version)],
        **({"requestBody": request_body(schema)} if schema else {}),
        "responses": {status: response, **problem_references(*statuses)},
    }


def batch_operation(view: Callable[..., Any], resource: type[ResourceProjection] | None) -> Doc:
    """Return the operation of a batch: many items, and a result for each."""
    schema = view.accepts  # type: ignore[attr-defined]  # kept on the function by `accepts`
    shape = _results_schema(_resource_schema(resource))
    results = _json_response("A result for each item, in the same order.", shape)
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER],
        "requestBody": {"required": True, "content": {JSON: {"schema": _batch_schema(schema)}}},
        "responses": _responses(results, COMMAND_STATUSES),
    }


def _batch_schema(schema: type[Schema]) -> type[Schema]:
    """Return the schema of a batch of these items, used only in the document."""
    items = fields.List(fields.Nested(schema), required=True, min=1, max=MAX_ITEMS)
    members = {"items": items, "atomic": Batch().load_fields["atomic"], "__module__": schema.__module__}
    made: type[Schema] = new_class(f"{schema.__name__}Batch", (Schema,), exec_body=lambda body: body.update(members))
    return made


def _results_schema(shape: Doc) -> Doc:
    made = {"status": {"const": 201}, "location": {"type": "string"}, "resource": shape}
    refused = {"status": {"type": "integer", "minimum": 400}, "problem": schema_reference("Problem")}
    data = {"type": "array", "items": {"anyOf": [object_schema(made), object_schema(refused)]}}
    return object_schema({"data": data, "done": {"type": "integer"}, "refused": {"type": "integer"}})


def query_operation(view: Callable[..., Any]) -> Doc:
    """Return the OpenAPI operation of a query, with its parameters."""
    parameters = query_parameters(view.accepts) if hasattr(view, "accepts") else []
    response = _json_response("The result.", {"type": "object"})
    return {"parameters": [*parameters, CONSISTENCY_PARAMETER], "responses": _responses(response)}


def list_operation(listing: ListEndpoint) -> Doc:
    """Return the operation of a list, with filters, sorting and paging."""
    row = schema_reference(row_schema_name(listing.projection))
    rows = {"type": "array", "items": {"anyOf": [row, _GROUP]}}
    page = object_schema({"data": rows, "has_more": {"type": "boolean"}, "next_cursor": {"type": ["string", "null"]}})
    page["properties"] |= _SUMMARY_MEMBERS
    response = _json_response("A page.", page, {"Link": "Link to the next page."})
    show = query_parameters(ShowQuery) if listing.record_commands else []
    others = [*_PAGING, *_summary_parameters(listing), *show, CONSISTENCY_PARAMETER]
    return {
        "parameters": [*_list_parameters(listing), *others],
        "responses": _responses(response),
    }


def sheet_template_operation() -> Doc:
    """Return the operation of a template: an empty sheet with only its header."""
    return {"parameters": query_parameters(SheetFormatQuery), "responses": _responses(_SHEET_RESPONSE)}


def export_operation(listing: ListEndpoint) -> Doc:
    """Return the operation of an export: the rows of a list as a sheet."""
    parameters = [*query_parameters(SheetFormatQuery), *_list_parameters(listing), CONSISTENCY_PARAMETER]
    return {"parameters": parameters, "responses": _responses(_SHEET_RESPONSE)}


def import_operation() -> Doc:
    """Return the operation of an import of a sheet, whose rows become records."""
    shape = object_schema({"dry_run": {"type": "boolean"}, "rows": {"type": "integer"}, "errors": ERRORS_SCHEMA})
    result = _json_response("The errors of the rows; none if the import succeeds.", shape)
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER, *query_parameters(ImportQuery)],
        "requestBody": {"required": True, "content": _SHEET_CONTENT},
        "responses": _responses(result, COMMAND_STATUSES),
    }


# -- parameters


def _parameter(name: str, schema: Doc, place: str = "query", **more: Any) -> Doc:
    return {"in": place, "name": name, "required": False, "schema": schema, **more}


IDEMPOTENCY_KEY_PARAMETER = _parameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~](?:[ -~]*[!-~])?$"},
    "header",
    required=True,
    description="Unique key of the command: a repeated request is not executed again and gets the same response.",
    example="7d4f1c0e-5f0e-4f53-8f0b-0c2a4b1d9e10",
)
CONSISTENCY_PARAMETER = _parameter(
    "consistency",
    {"type": "string", "enum": ["eventual"]},
    description="Do not wait until all committed changes are included.",
)
_PAGE_SIZE = {"type": "integer", "minimum": 1, "maximum": lists.MAX_PAGE_SIZE, "default": lists.DEFAULT_PAGE_SIZE}
_PAGING = [
    _parameter("limit", _PAGE_SIZE),
    _parameter("cursor", {"type": "string"}, description="`next_cursor` of the previous page; keep filter and sort."),
]


def _version_parameter(is_required: bool) -> Doc:
    schema = {"type": "string", "pattern": '^"[0-9]{1,15}"$'}
    description = "The ETag of the version the caller read: 412 if the resource has changed since."
    return _parameter("If-Match", schema, "header", required=is_required, description=description, example='"1"')


def _list_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return filters and sort: each column by values separated by commas, ordered types also by ranges."""
    found = []
    for column, kind in listing.column_types.items():
        shape = FIELD_BY_TYPE[kind].shape
        items = text_schema(lists.MAX_VALUE_LENGTH, without=",") if issubclass(kind, str) else shape
        found.append(_values_parameter(column, items, maxItems=lists.MAX_VALUES))
        found += [_parameter(f"{column}[{each}]", shape) for each in lists.operators_of(kind)]
    if listing.projection.search:
        found.append(_parameter("q", lists.SEARCH_FIELD.shape, description="Search text."))
    if listing.projection.has_history:
        known_at = "State as known at this instant or position."
        found.append(_parameter("known_at", lists.KNOWN_AT_FIELD.shape, description=known_at))
    for name, means in listing.aliases.items():
        shape = FIELD_BY_TYPE[listing.column_types[means.partition("[")[0]]].shape
        found.append(_parameter(name, shape, description=f"The same as `{means}`."))
    columns = {"type": "string", "enum": [sign + column for column in listing.column_types for sign in ("", "-")]}
    sort = _values_parameter("sort", columns, uniqueItems=True)
    return [*found, sort | {"description": "Columns by priority; `-` descends."}]


def _summary_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return the parameters of sums, counts and groups."""
    types = listing.projection.column_types()
    found = [_parameter("count", {"type": "boolean"}, description="Count the matching rows, up to 10,000.")]
    for name, allowed, text in (
        ("sum", summable_names(types), "Columns to add up, money in each currency."),
        ("group_by", groupable_names(types), "Return groups of rows instead of rows, each with `count` and `sums`."),
    ):
        if allowed:
            found.append(_values_parameter(name, {"type": "string", "enum": allowed}) | {"description": text})
    return found


_SUMMARY_MEMBERS: Doc = {
    "count": {"type": "integer"},
    "count_more": {"type": "boolean", "description": "Whether more rows match than were counted."},
    "sums": {"type": "object", "description": "Sums by column; of money a list with one amount per currency."},
}
_GROUP: Doc = {
    "type": "object",
    "description": "With `group_by`: the values of a group, the number of its rows, and their sums.",
    "properties": {"count": {"type": "integer"}, "sums": {"type": "object"}},
    "required": ["count", "sums"],
}


def _values_parameter(name: str, items: Doc, **limits: Any) -> Doc:
    values = {"type": "array", "items": items, "minItems": 1, **limits}
    return _parameter(name, values, style="form", explode=False)


def query_parameters(schema: type[Schema]) -> list[Any]:
    """Return the fields of a schema as OpenAPI query parameters, which apispec expands."""
    return [{"in": "query", "schema": schema}]


def request_body(schema: type[Schema]) -> Doc:
    """Return the request body with an example; the body is optional if no field is required."""
    body = schema()
    is_required = any(field.required for field in body.load_fields.values())
    return {"required": is_required, "content": {JSON: {"schema": schema, "example": fields.example_of(body)}}}


# -- responses


def _responses(response: Doc, statuses: Sequence[str] = QUERY_STATUSES) -> Doc:
    return {"200": response, **problem_references(*statuses)}


def _json_response(description: str, schema: Doc, headers: Mapping[str, str] | None = None) -> Doc:
    return {"description": description, "content": {JSON: {"schema": schema}}, **response_headers(headers or {})}


def _resource_schema(resource: type[ResourceProjection] | None) -> Doc:
    return schema_reference(row_schema_name(resource)) if resource else {"type": "object"}


_SHEET_CONTENT: Doc = {each: {} for each in MEDIA_TYPES.values()}
_SHEET_RESPONSE: Doc = {
    "description": "The sheet.",
    "content": _SHEET_CONTENT,
    **response_headers({"Content-Disposition": "The file name."}),
}
