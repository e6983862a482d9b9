"""OpenAPI schemas of the rows of projections, with the titles of their members."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared import money
from shared.fields import DATA_SUBJECT, PERSONAL, OrNone, describe_choices, describe_field, words_for
from shared.fields.descriptions import EXTENSION
from shared.fields.kinds import marks_of
from shared.openapi import shapes
from shared.openapi.shapes import Doc
from shared.projections import Projection, ResourceProjection
from shared.projections.column_types import FreeText, NaturalText, column_type_of, is_nullable, without_none
from shared.projections.definition import RECORD_MEMBERS
from shared.web.row_columns import AnswerPart

STATUS = "status"
"""The column with the state of a record; the titles of states are those of the resource."""

_TYPES: dict[type, Doc] = {
    str: {"type": "string"},
    NaturalText: {"type": "string"},
    FreeText: {"type": "string"},
    UUID: shapes.ID,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "string", "pattern": shapes.decimal_pattern(24, 15, signed=True)},
    money.Money: shapes.schema_reference("MoneyShown"),
    money.UnitPrice: shapes.schema_reference("MoneyShown"),
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
_SOMETIMES = frozenset({"allowed_commands", "created_at", "updated_at"})
"""Members that not every answer with a row has: a command answers before it is known when its change is stored."""


def row_schema(projection: type[Projection]) -> Doc:
    """Return the schema of the rows of a projection."""
    is_resource = issubclass(projection, ResourceProjection)
    members = _Members(projection.__module__, *_owners_of(projection))
    columns = {"id": members.described("id", _TYPES[UUID if is_resource else str])}
    columns |= members.schemas({**projection.columns, **projection.extra_fields})
    if is_resource:
        columns |= {name: members.described(name, _TYPES[kind]) for name, kind in RECORD_MEMBERS.items()}
        columns["allowed_commands"] = members.described("allowed_commands", shapes.list_schema(shapes.TEXT))
    return {"type": "object", "properties": columns, "required": [each for each in columns if each not in _SOMETIMES]}


def answer_members(part: AnswerPart) -> Doc:
    """Return the schemas of the members of an answer by name, in the words of their module."""
    return _Members(part.module).schemas(part.shape)


def _owners_of(projection: type[Projection]) -> list[str]:
    """Return the names under which the words of a projection's members are."""
    source = projection.aggregate_class if issubclass(projection, ResourceProjection) else projection
    return [each.__name__ for each in (getattr(source, "ENTRY_CLASS", None), source) if each]


class _Members:
    """Members of rows and other answers, described in the words of a module."""

    def __init__(self, module: str, *owners: str) -> None:
        self._words, self._owners = words_for(module), owners

    def schemas(self, shapes_by_name: Mapping[str, Any]) -> Doc:
        return {name: self._member(name, shape) for name, shape in shapes_by_name.items()}

    def described(self, name: str, schema: Doc, *owners: str) -> Doc:
        """Return the schema of a member with its title."""
        return {**schema, **describe_field(self._words, name, *owners, *self._owners)}

    def _member(self, name: str, shape: Any) -> Doc:
        enumeration = enumeration_of(shape)
        described = self.described(name, self._value_schema(shape), *([enumeration.__name__] if enumeration else []))
        own = {each: True for each in (PERSONAL, DATA_SUBJECT) if each in marks_of(shape)}
        if own:
            described[EXTENSION] = {**described.get(EXTENSION, {}), **own}
        if enumeration and name != STATUS:
            choices = {"choices": describe_choices(self._words, enumeration)}
            described[EXTENSION] = {**described.get(EXTENSION, {}), **choices}
        return described

    def _value_schema(self, shape: Any) -> Doc:
        """Return the schema of a value of a row: a type, `[…]` of one shape, or `{…}` of named shapes."""
        match shape:
            case list():
                return {"type": "array", "items": self._value_schema(shape[0])}
            case Mapping():
                schema = shapes.object_schema(self.schemas(shape))
                return shapes.nullable(schema) if isinstance(shape, OrNone) else schema
            case _:
                return shapes.nullable(_schema_of(shape)) if is_nullable(shape) else _schema_of(shape)


def _schema_of(annotation: Any) -> Doc:
    """Return the schema of a single value that is not null."""
    choices = enumeration_of(annotation)
    return {"type": "string", "enum": [*choices]} if choices else _TYPES[column_type_of(annotation)]


def enumeration_of(annotation: Any) -> type[StrEnum] | None:
    """Return the enumeration of the values of a column, or None if it has none."""
    declared = without_none(annotation)
    return declared if isinstance(declared, type) and issubclass(declared, StrEnum) else None
