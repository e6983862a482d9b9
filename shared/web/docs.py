"""The OpenAPI 3.1 document of a service, from the code that answers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask
from flask_smorest import Api as SmorestApi  # type: ignore[import-untyped]

from shared import money
from shared.report import Collection, Report
from shared.web import fields, shapes
from shared.web.told import PROBLEM, responses

Doc = dict[str, Any]

_TYPES: dict[type, Doc] = {
    str: {"type": "string"},
    UUID: fields.Id.shape,
    bool: fields.Flag.shape,
    int: {"type": "integer"},
    Decimal: {"type": "string", "pattern": shapes.decimal(24, 15, signed=True)},
    money.Money: {"$ref": "#/components/schemas/MoneyShown"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
_MONEY_SHOWN: Doc = {
    "type": "object",
    "description": "An exact amount, with all decimals its currency has; below zero where money goes back.",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
    "examples": [shapes.MONEY],
}


class Api(SmorestApi):  # type: ignore[misc]
    """The document; problems are answered elsewhere, for all routes alike."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        """Nothing: `shared.web.told` tells of problems, and of those that can be."""

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
    plugin = MarshmallowPlugin(schema_name_resolver=name_of)
    api = Api(app, spec_kwargs={"marshmallow_plugin": plugin})
    describe_all(api.spec, plugin)
    return api


def describe_all(spec: APISpec, plugin: MarshmallowPlugin) -> None:
    """What every document has: how values look, how problems are told, how callers say who they are."""
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_shape_of)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    for name, shape in {"Problem": PROBLEM, "MoneyShown": _MONEY_SHOWN, **shapes.COMPONENTS}.items():
        spec.components.schema(name, shape)
    for name, told in responses().items():
        spec.components.response(name, told)


def name_of(schema: Any) -> str:
    """Unique among all resources: `sales_orders.Line`."""
    kind = resolve_schema_cls(schema)
    assert isinstance(kind, type)
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _shape_of(_converter: Any, field: Any, ret: Doc, **_: Any) -> Doc:
    """A field as the document tells it, in place of what the library knows of its class."""
    if ret.get("default", ...) is None:
        del ret["default"]
    if isinstance(field, fields.Nested):
        return {}
    shape = dict(getattr(field, "shape", {}))
    if isinstance(field, fields.List):
        return shape
    ret.pop("type", None)
    return shapes.or_null(shape) if field.allow_none and shape else shape


def describe(api: Api, report: type[Report]) -> None:
    """Put the rows of a report among the components."""
    known = {"id": fields.Id.shape if issubclass(report, Collection) else {"type": "string"}}
    known |= {column: _shape_of_a(kind) for column, kind in {**report.kinds(), **report.shows}.items()}
    if issubclass(report, Collection):
        known |= {"version": {"type": "integer"}, "created_at": _TYPES[datetime], "updated_at": _TYPES[datetime]}
    shape = {"type": "object", "properties": known, "required": ["id"]}
    api.spec.components.schema(row_of(report), shape)


def _shape_of_a(kind: Any) -> Doc:
    """A value of a row, which may be absent: a type, `[…]` of things of one shape, or `{…}` of named ones."""
    match kind:
        case list():
            return {"type": "array", "items": _shape_of_a(kind[0])}
        case dict():
            members = {name: _shape_of_a(each) for name, each in kind.items()}
            return {"type": ["object", "null"], "properties": members}
        case _:
            return shapes.or_null(_TYPES[kind])


def row_of(report: type[Report]) -> str:
    """The component that tells of its rows."""
    return report.of.__name__ if issubclass(report, Collection) else f"{report.__name__}Row"
