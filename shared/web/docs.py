"""OpenAPI 3.1 document of a service, generated from its code."""

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
from shared.projections import Projection, ResourceProjection
from shared.web import fields, shapes
from shared.web.problem_components import PROBLEM_SCHEMA, problem_responses

Doc = dict[str, Any]

_TYPES: dict[type, Doc] = {
    str: {"type": "string"},
    UUID: fields.Id.shape,
    bool: fields.Flag.shape,
    int: {"type": "integer"},
    Decimal: {"type": "string", "pattern": shapes.decimal_pattern(24, 15, signed=True)},
    money.Money: {"$ref": "#/components/schemas/MoneyShown"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
_MONEY_SHOWN: Doc = {
    "type": "object",
    "description": "An exact amount with all decimals of its currency; it may be negative.",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
    "examples": [shapes.MONEY],
}


class Api(SmorestApi):  # type: ignore[misc]
    """The document of an app, without the library's own error responses."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        """Do nothing: `shared.web.problem_components` describes the problem responses."""

    def _register_error_handlers(self) -> None:
        """Do nothing: `shared.web.problems` handles every error."""


def create_document(app: Flask, title: str, server: str) -> Api:
    """Return the document of an app, served at `/openapi.json`; registered resources are added to it."""
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={"servers": [{"url": server}], "security": [{"key": []}]},
    )
    plugin = MarshmallowPlugin(schema_name_resolver=schema_name)
    api = Api(app, spec_kwargs={"marshmallow_plugin": plugin})
    add_common_components(api.spec, plugin)
    return api


def add_common_components(spec: APISpec, plugin: MarshmallowPlugin) -> None:
    """Add the components of every document: value schemas, problem responses and authentication."""
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_field_schema)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    for name, shape in {"Problem": PROBLEM_SCHEMA, "MoneyShown": _MONEY_SHOWN, **shapes.COMPONENTS}.items():
        spec.components.schema(name, shape)
    for name, response in problem_responses().items():
        spec.components.response(name, response)


def schema_name(schema: Any) -> str:
    """Return a name unique among all resources, such as `sales_orders.Line`."""
    kind = resolve_schema_cls(schema)
    assert isinstance(kind, type)
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


def _field_schema(_converter: Any, field: Any, ret: Doc, **_: Any) -> Doc:
    """Return the schema of a field by its `shape`, in place of the library's."""
    if ret.get("default", ...) is None:
        del ret["default"]
    if isinstance(field, fields.Nested):
        return {}
    shape = dict(getattr(field, "shape", {}))
    if isinstance(field, fields.List):
        return shape
    ret.pop("type", None)
    return shapes.nullable(shape) if field.allow_none and shape else shape


def add_projection_schema(api: Api, projection: type[Projection]) -> None:
    """Add the schema of the rows of a projection to the components."""
    columns = {"id": fields.Id.shape if issubclass(projection, ResourceProjection) else {"type": "string"}}
    columns |= {
        column: _value_schema(kind) for column, kind in {**projection.column_types(), **projection.extra_fields}.items()
    }
    if issubclass(projection, ResourceProjection):
        columns |= {"version": {"type": "integer"}, "created_at": _TYPES[datetime], "updated_at": _TYPES[datetime]}
    shape = {"type": "object", "properties": columns, "required": ["id"]}
    api.spec.components.schema(row_schema_name(projection), shape)


def _value_schema(shape: Any) -> Doc:
    """Return the schema of a nullable value of a row: a type, `[…]` of one shape, or `{…}` of named shapes."""
    match shape:
        case list():
            return {"type": "array", "items": _value_schema(shape[0])}
        case dict():
            members = {name: _value_schema(each) for name, each in shape.items()}
            return {"type": ["object", "null"], "properties": members}
        case _:
            return shapes.nullable(_TYPES[shape])


def row_schema_name(projection: type[Projection]) -> str:
    """Return the component name of the rows of a projection."""
    return (
        projection.aggregate_class.__name__
        if issubclass(projection, ResourceProjection)
        else f"{projection.__name__}Row"
    )
