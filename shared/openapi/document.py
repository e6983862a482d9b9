"""OpenAPI 3.1 document of an app, generated from its code."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import marshmallow
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask

from shared.fields import words_for
from shared.openapi import shapes
from shared.openapi.described_members import with_descriptions
from shared.openapi.pages import group_components, page_schema
from shared.openapi.problem_components import PROBLEM_SCHEMA, problem_responses
from shared.openapi.rows import row_schema
from shared.openapi.shapes import Doc
from shared.projections import Projection, ResourceProjection
from shared.web import fields

OPERATION = "operation"
"""Attribute of a view: its operation in the document."""

_MONEY_SHOWN: Doc = {
    **shapes.described_object("Money", {"amount": shapes.TEXT, "currency": shapes.TEXT}),
    "description": "An exact amount with at least the decimals of its currency; it may be negative.",
    "examples": [shapes.MONEY],
}
_VARIABLE = re.compile(r"<(uuid:)?(\w+)>")


def create_base_document(title: str, **options: Any) -> APISpec:
    """Return a new OpenAPI document with the components all share: value schemas, problems, authentication."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    document = APISpec(title, "v1", "3.1.0", plugins=[plugin], **options)
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_field_schema)  # type: ignore[no-untyped-call]  # apispec has no types here
    document.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    for name, shape in {"Problem": PROBLEM_SCHEMA, "MoneyShown": _MONEY_SHOWN, **shapes.COMPONENTS}.items():
        document.components.schema(name, shape)
    for name, response in problem_responses().items():
        document.components.response(name, response)
    return document


def app_document(
    app: Flask, title: str, server: str, projections: Iterable[type[Projection]], described: Mapping[str, Doc]
) -> Doc:
    """Return the OpenAPI document of an app: its views that have an operation, and the rows of these projections.

    `described` is what operations have in addition, by endpoint.
    """
    document = create_base_document(title, servers=[{"url": server}], security=[{"key": []}])
    for rule in app.url_map.iter_rules():
        operation = getattr(app.view_functions[rule.endpoint], OPERATION, None)
        if operation is not None:
            (method,) = (rule.methods or set()) - {"HEAD"}
            path = _VARIABLE.sub(r"{\2}", rule.rule)
            operation = operation | described.get(rule.endpoint, {})
            document.path(path, operations={method.lower(): operation}, parameters=_path_parameters(rule.rule))
    for projection in sorted(projections, key=lambda each: each.name):
        row = row_schema_name(projection)
        document.components.schema(row, row_schema(projection))
        document.components.schema(page_schema_name(projection), page_schema(row))
    for name, schema in group_components().items():
        document.components.schema(name, schema)
    return described_document(document, f"services.{title}")


def described_document(document: APISpec, package: str) -> Doc:
    """Return a document with titles and help texts in the words of a package where its modules give none."""
    described: Doc = with_descriptions(document.to_dict(), words_for(package))
    return described


def _path_parameters(rule: str) -> list[Doc]:
    """Return the variables of a rule: ids, and the codes of records that are found by theirs."""
    code = fields.Code().shape
    return [path_parameter(name, shapes.ID if kind else code) for kind, name in _VARIABLE.findall(rule)]


def path_parameter(name: str, schema: Doc) -> Doc:
    """Return the OpenAPI parameter for a part of the path."""
    return {"in": "path", "name": name, "required": True, "schema": schema}


def _schema_name(schema: Any) -> str:
    """Return the name of the OpenAPI component for a schema class."""
    kind = resolve_schema_cls(schema)
    assert isinstance(kind, type)
    return _component_name(kind, kind.__name__)


def _component_name(kind: type, name: str) -> str:
    """Return the name of the OpenAPI component of a class, with the module of its service: `sales_orders.Line`."""
    path = kind.__module__.split(".")
    return f"{path[2] if path[0] == 'services' else path[-1]}.{name}"


def _field_schema(_converter: Any, field: Any, ret: Doc, **_: Any) -> Doc:
    """Return the schema of a field by its `shape`, in place of the library's."""
    if ret.get("default", ...) is None:
        del ret["default"]
    if isinstance(field, marshmallow.fields.Nested):
        return {}
    shape = dict(getattr(field, "shape", {}))
    if isinstance(field, marshmallow.fields.List):
        return shape
    ret.pop("type", None)
    return shapes.nullable(shape) if field.allow_none and shape else shape


def page_schema_name(projection: type[Projection]) -> str:
    """Return the component name of the pages of the rows of a projection."""
    return f"{row_schema_name(projection)}Page"


def row_schema_name(projection: type[Projection]) -> str:
    """Return the component name of the rows of a projection."""
    if issubclass(projection, ResourceProjection):
        return _component_name(projection, projection.aggregate_class.__name__)
    return _component_name(projection, f"{projection.__name__}Row")
