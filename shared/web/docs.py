"""The OpenAPI 3.1 document of a service, from the code that answers."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask
from flask_smorest import Api as SmorestApi  # type: ignore[import-untyped]

from shared import money
from shared.report import Collection, Report
from shared.web import fields
from shared.web.lists import LONGEST_PAGE, PAGE
from shared.web.problems import MEDIA_TYPE

Doc = dict[str, Any]

_EVERYWHERE = ("400", "401", "403", "404", "422", "503")
_OF_COMMANDS = ("409", "412", "413", "415")

_TYPES: dict[type, Doc] = {
    str: {"type": "string"},
    UUID: fields.Id.shape,
    bool: fields.Flag.shape,
    int: {"type": "integer"},
    Decimal: {"type": "string", "format": "decimal"},
    money.Money: fields.Money.shape,
    date: fields.Date.shape,
    datetime: fields.Instant.shape,
}
_PROBLEM: Doc = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "instance", "code", "trace_id")},
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
}


class Api(SmorestApi):  # type: ignore[misc]
    """The document; problems are answered elsewhere, for all routes alike."""

    def _register_error_handlers(self) -> None:
        """Nothing: `shared.web.problems` answers every error."""


def documented(app: Flask, title: str, server: str) -> Api:
    """The document of an app, at `/openapi.json`, to be filled by registering resources."""
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={"servers": [{"url": server}], "security": [{"key": []}]},
    )
    plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
    api = Api(app, spec_kwargs={"marshmallow_plugin": plugin})
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_shape_of)  # type: ignore[no-untyped-call]
    api.spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    api.spec.components.schema("Problem", _PROBLEM)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    api.spec.components.response("Problem", {"description": "What went wrong.", "content": content})
    return api


def _name_of(schema: Any) -> str:
    """Unique among all resources: `sales_orders.Line`."""
    kind = resolve_schema_cls(schema)
    assert isinstance(kind, type)
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _shape_of(_converter: Any, field: Any, **_: Any) -> Doc:
    shape = dict(getattr(field, "shape", {}))
    if field.allow_none and "type" in shape:
        shape["type"] = [shape["type"], "null"]
    return shape


def describe(api: Api, report: type[Report]) -> None:
    """Put the rows of a report among the components."""
    known = {"id": fields.Id.shape, **{column: _TYPES[kind] for column, kind in report.kinds().items()}}
    if issubclass(report, Collection):
        known |= {"version": {"type": "integer"}, "created_at": _TYPES[datetime], "updated_at": _TYPES[datetime]}
    api.spec.components.schema(_row_of(report), {"type": "object", "properties": known})


def _row_of(report: type[Report]) -> str:
    return report.of.__name__ if issubclass(report, Collection) else f"{report.__name__}Row"


def of_command(view: Callable[..., Any], method: str, resource: type[Collection] | None) -> Doc:
    """What a command takes and answers."""
    headers = [
        {"in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string", "maxLength": 255}},
        {"in": "header", "name": "If-Match", "required": method == "PATCH", "schema": {"type": "string"}},
    ]
    shape = {"$ref": f"#/components/schemas/{_row_of(resource)}"} if resource else {"type": "object"}
    answers = {status: _answer("The resource.", shape) for status in ("200", "201")}
    problems = (*_EVERYWHERE, *_OF_COMMANDS, *(["428"] if method == "PATCH" else []))
    doc: Doc = {"parameters": headers, "responses": {**answers, **_problems(*problems)}}
    schema = getattr(view, "accepts", None)
    if schema is not None:
        doc["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"manual_doc": doc}


def of_question(view: Callable[..., Any]) -> Doc:
    """What a question may be asked with."""
    asked = [{"in": "query", "schema": view.accepts}] if hasattr(view, "accepts") else []
    doc = {
        "parameters": [*asked, _parameter("consistency", {"type": "string", "enum": ["eventual"]})],
        "responses": {"200": _answer("The answer.", {"type": "object"}), **_problems(*_EVERYWHERE)},
    }
    return {"manual_doc": doc}


def of_list(report: type[Report]) -> Doc:
    """How a list is filtered, sorted and paged."""
    columns = {"id": UUID, **report.kinds()}
    search = [_parameter("q", {"type": "string"})] if report.search else []
    parameters = [
        *(_parameter(column, {"type": "string"}) for column in columns),
        *search,
        _parameter("sort", {"type": "string", "examples": ["-id"]}),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE}),
        _parameter("cursor", {"type": "string"}),
        _parameter("consistency", {"type": "string", "enum": ["eventual"]}),
    ]
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{_row_of(report)}"}},
            "has_more": {"type": "boolean"},
            "next_cursor": {"type": ["string", "null"]},
        },
    }
    return {
        "manual_doc": {
            "parameters": parameters,
            "responses": {"200": _answer("A page.", page), **_problems(*_EVERYWHERE)},
        }
    }


def _parameter(name: str, schema: Doc) -> Doc:
    return {"in": "query", "name": name, "required": False, "schema": schema}


def _answer(words: str, schema: Doc) -> Doc:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: str) -> dict[str, str]:
    return dict.fromkeys(statuses, "Problem")
