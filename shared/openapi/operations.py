"""OpenAPI operations: the parameters, bodies and responses of each kind of endpoint."""

from collections.abc import Callable, Mapping, Sequence
from inspect import cleandoc
from types import new_class
from typing import Any

from shared.openapi.document import page_schema_name, row_schema_name
from shared.openapi.pages import GROUP_PAGE, GROUPS_EXTENSION
from shared.openapi.parameters import (
    CONSISTENCY_PARAMETER,
    IDEMPOTENCY_KEY_PARAMETER,
    SHEET_PARAMETER,
    filter_parameters,
    page_parameters,
    query_parameters,
    sort_parameter,
    version_parameter,
)
from shared.openapi.problem_components import ERRORS_SCHEMA, problem_references
from shared.openapi.rows import answer_members
from shared.openapi.shapes import (
    COUNT,
    FLAG,
    TEXT,
    Doc,
    described_members,
    described_object,
    list_schema,
    object_schema,
    response_headers,
    schema_reference,
)
from shared.projections import ResourceProjection
from shared.sheets.writing import MEDIA_TYPES, write_sheet
from shared.web import fields
from shared.web.batch import MAX_ITEMS
from shared.web.columns import document_columns, lines_of
from shared.web.exchange import ImportQuery, SheetFormatQuery
from shared.web.lists import ListEndpoint
from shared.web.record_commands import ShowQuery
from shared.web.replies import JSON
from shared.web.row_columns import ROWS_MEMBERS, AnswerPart, Shape
from shared.web.schema import Schema
from shared.web.sheets import LEFT_OUT_HEADER

Answers = type[ResourceProjection] | Shape | Sequence[AnswerPart]
"""What a view answers: a record of a resource, or an object of this shape or with the members of these parts."""

QUERY_STATUSES = ("400", "401", "403", "404", "408", "414", "422", "429", "431", "503")
READ_STATUSES = (*QUERY_STATUSES, "406")
"""The statuses of what answers in the form that the caller accepts."""
COMMAND_STATUSES = (*QUERY_STATUSES, "409", "412", "413", "415")


def add_view_texts(operation: Doc, tag: str, view: Callable[..., Any]) -> Doc:
    """Return the operation with the id, tag, summary and description of its view; the summary is one sentence."""
    first, _, more = cleandoc(view.__doc__ or "").partition("\n\n")
    summary, _, rest = first.partition(". ")
    description = "\n\n".join(filter(None, (rest, more)))
    texts = {"summary": summary.rstrip("."), **({"description": description} if description else {})}
    return {**operation, "operationId": f"{tag}.{view.__name__.strip('_')}", "tags": [tag], **texts}


def command_operation(view: Callable[..., Any], method: str, rule: str, answers: Answers) -> Doc:
    """Return the operation of a command: it creates at the collection's own address, else it returns the resource."""
    needs_version = method == "PATCH"
    status = "201" if method == "POST" and not rule else "200"
    headers = {"ETag": "Its version."} | ({"Location": "Its address."} if status == "201" else {})
    response = _json_response("The resource.", _schema_of(answers, view), headers)
    statuses = (*COMMAND_STATUSES, "428") if needs_version else COMMAND_STATUSES
    schema: type[Schema] | None = getattr(view, "accepts", None)
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER, version_parameter(needs_version)],
        **({"requestBody": request_body(schema)} if schema else {}),
        "responses": {status: response, **problem_references(*statuses)},
    }


def batch_operation(view: Callable[..., Any], answers: Answers) -> Doc:
    """Return the operation of a batch: many items, and a result for each."""
    schema = view.accepts  # type: ignore[attr-defined]  # kept on the function by `accepts`
    shape = _results_schema(_schema_of(answers, view))
    results = _json_response("A result for each item, in the same order.", shape)
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER],
        "requestBody": {"required": True, "content": {JSON: _batch_content(schema)}},
        "responses": _responses(results, COMMAND_STATUSES),
    }


def _batch_content(schema: type[Schema]) -> Doc:
    example = {"items": [fields.example_of(schema())], "atomic": True}
    return {"schema": _batch_schema(schema), "example": example}


def _batch_schema(schema: type[Schema]) -> type[Schema]:
    """Return the schema of a batch of these items, used only in the document."""
    texts = described_members("BatchRequest", {"items": {}, "atomic": {}})
    items = fields.List(fields.Nested(schema), required=True, min=1, max=MAX_ITEMS, metadata=texts["items"])
    atomic = fields.Flag(load_default=False, metadata=texts["atomic"])
    members = {"items": items, "atomic": atomic, "__module__": schema.__module__}
    made: type[Schema] = new_class(f"{schema.__name__}Batch", (Schema,), exec_body=lambda body: body.update(members))
    return made


def _results_schema(shape: Doc) -> Doc:
    made = {"status": {"const": 201}, "location": TEXT, "resource": shape}
    refused = {"status": {"type": "integer", "minimum": 400}, "problem": schema_reference("Problem")}
    results = list_schema({"anyOf": [described_object("BatchResult", each) for each in (made, refused)]})
    return described_object("BatchResults", {"data": results, "done": COUNT, "refused": COUNT})


def query_operation(view: Callable[..., Any], answers: Answers, *, has_version: bool = False) -> Doc:
    """Return the OpenAPI operation of a query, with its parameters; a statement also answers as a sheet."""
    parameters = query_parameters(view.accepts) if hasattr(view, "accepts") else []
    headers = {"ETag": "Its version."} if has_version else {}
    response = _json_response("The result.", _schema_of(answers, view), headers)
    has_rows = rows_in(answers) is not None
    sheet = [SHEET_PARAMETER] if has_rows else []
    if has_rows:
        response = _or_sheet(response, {LEFT_OUT_HEADER: "What the sheet does not have besides its rows."})
    return {
        "parameters": [*parameters, *sheet, CONSISTENCY_PARAMETER], "responses": _responses(response, READ_STATUSES),
    }  # fmt: skip


def list_operation(listing: ListEndpoint) -> Doc:
    """Return the operation of a list, with filters, sorting and paging."""
    page = schema_reference(page_schema_name(listing.projection))
    response = _json_response(_PAGE, page, {"Link": "Link to the next page."})
    response[GROUPS_EXTENSION] = schema_reference(GROUP_PAGE)
    show = query_parameters(ShowQuery) if listing.record_commands else []
    return {
        "parameters": [
            *filter_parameters(listing),
            *page_parameters(listing),
            *show,
            SHEET_PARAMETER,
            CONSISTENCY_PARAMETER,
        ],
        "responses": _responses(_or_sheet(response), READ_STATUSES),
    }


def sheet_template_operation() -> Doc:
    """Return the operation of a template: an empty sheet with only its header."""
    return {"parameters": query_parameters(SheetFormatQuery), "responses": _responses(_SHEET_RESPONSE, READ_STATUSES)}


def export_operation(listing: ListEndpoint) -> Doc:
    """Return the operation of an export: the rows of a list as a sheet."""
    sort = sort_parameter(listing, of_groups=False)
    parameters = [*query_parameters(SheetFormatQuery), *filter_parameters(listing), sort, CONSISTENCY_PARAMETER]
    return {"parameters": parameters, "responses": _responses(_SHEET_RESPONSE, READ_STATUSES)}


def import_operation(schema: Schema) -> Doc:
    """Return the operation of an import of a sheet, whose rows become records of this schema."""
    shape = described_object("Import", {"dry_run": FLAG, "rows": COUNT, "errors": ERRORS_SCHEMA})
    result = _json_response("The errors of the rows; none if the import succeeds.", shape)
    return {
        "parameters": [IDEMPOTENCY_KEY_PARAMETER, *query_parameters(ImportQuery)],
        "requestBody": {"required": True, "content": {**_SHEET_CONTENT, MEDIA_TYPES["csv"]: _example_sheet(schema)}},
        "responses": _responses(result, COMMAND_STATUSES),
    }


# -- bodies


def _example_sheet(schema: Schema) -> Doc:
    """Return a CSV sheet with the columns that the example of a record has."""
    example = fields.example_of(schema)
    header, values = lines_of(document_columns(schema, [example]), [example])
    filled = [each for each in zip(header, values, strict=True) if each[1] is not None]
    text = write_sheet("csv", zip(*filled, strict=True)).decode("utf-8-sig")
    return {**_SHEET_CONTENT[MEDIA_TYPES["csv"]], "example": text}


def request_body(schema: type[Schema]) -> Doc:
    """Return the request body with an example; the body is optional if no field is required."""
    body = schema()
    is_required = any(field.required for field in body.load_fields.values())
    return {"required": is_required, "content": {JSON: {"schema": schema, "example": fields.example_of(body)}}}


# -- responses


_PAGE = f"A page of rows; with `group_by` a page of groups, as `{GROUPS_EXTENSION}` describes it."


def _responses(response: Doc, statuses: Sequence[str] = QUERY_STATUSES) -> Doc:
    return {"200": response, **problem_references(*statuses)}


def _json_response(description: str, schema: Doc, headers: Mapping[str, str] | None = None) -> Doc:
    return {"description": description, "content": {JSON: {"schema": schema}}, **response_headers(headers or {})}


def _or_sheet(response: Doc, headers: Mapping[str, str] | None = None) -> Doc:
    """Return the response of rows, which may also be a sheet."""
    described = response_headers({**_SHEET_HEADERS, **(headers or {})})["headers"]
    content = {**response["content"], **_SHEET_CONTENT}
    return {**response, "content": content, "headers": {**response.get("headers", {}), **described}}


def _schema_of(answers: Answers, view: Callable[..., Any]) -> Doc:
    """Return the schema of what a view answers: a record, or a shape in the words of the view's module."""
    if isinstance(answers, type):
        return schema_reference(row_schema_name(answers))
    parts = [AnswerPart(answers, view.__module__)] if isinstance(answers, Mapping) else answers
    return object_schema({name: each for part in parts for name, each in answer_members(part).items()})


def rows_in(answers: Answers) -> Shape | None:
    """Return the shape of the rows of a statement: of the list in its member `rows` or `data`; None for a record."""
    if not isinstance(answers, Mapping):
        return None
    found: list[Shape] = next((answers[name] for name in ROWS_MEMBERS if name in answers), [])
    return found[0] if found else None


_SHEET_CONTENT: Doc = {
    MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
    MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
}
_SHEET_HEADERS = {"Content-Disposition": "The file name."}
_SHEET_RESPONSE: Doc = {
    "description": "The sheet.",
    "content": _SHEET_CONTENT,
    **response_headers(_SHEET_HEADERS),
}
