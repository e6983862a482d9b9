"""Valid bodies of requests, from their schemas: with all fields, with the required ones, with nulls."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import marshmallow

from shared.fields import DeclaredField, declared_fields
from shared.money import plain_number
from shared.web import Schema, fields

Body = dict[str, Any]
ReferenceTo = Callable[[str, str], Any]
"""Return the value of a field of an existing record of a resource: `reference_to("crm.customers", "id")`."""

GROUP = 3
"""Every third body has the same value in a field that need not be unique, so that lists have equal values."""


PART_ID = "id"
"""Name of the field by which a change keeps a part of a record, such as a contact; new parts have none."""


def fields_of(schema: marshmallow.Schema) -> dict[str, Any]:
    """Return the fields of a schema by their names in a body."""
    return {field.data_key or name: field for name, field in schema.load_fields.items()}


def full_body(schema: Schema, number: int = 0) -> Body:
    """Return a body with every field; those of another number differ from it."""
    return {name: example_of_field(field, number) for name, field in fields_of(schema).items()}


def required_body(schema: Schema, number: int = 0) -> Body:
    """Return a body with the required fields only."""
    return {name: example_of_field(field, number) for name, field in fields_of(schema).items() if field.required}


def body_with_nulls(schema: Schema, number: int = 0) -> Body:
    """Return a body with every field, null where that is allowed."""
    nullable = {name for name, field in fields_of(schema).items() if field.allow_none and not field.required}
    return {name: None if name in nullable else each for name, each in full_body(schema, number).items()}


BODIES = (full_body, required_body, body_with_nulls)


def valid_body(schema: Schema, number: int) -> Body:
    """Return a body of a form that differs from those of the numbers before and after it."""
    return BODIES[number % len(BODIES)](schema, number)


def example_of_field(field: Any, number: int) -> Any:
    """Return the example of a field, varied by a number within the limits of the field."""
    match field:
        case fields.Nested():
            inner = fields_of(field.schema)
            return {name: example_of_field(each, number) for name, each in inner.items() if name != PART_ID}
        case fields.List():
            return [example_of_field(field.inner, number)]
        case fields.OneOf():
            choices = list(field.shape["enum"])
            return choices[number % len(choices)]
        case fields.Flag():
            return field.shape.get("const", number % GROUP == 1)
        case fields.WholeNumber() | fields.Money() | fields.Number():
            return _varied_number(field, number % GROUP)
        case fields.Date():
            return (date.fromisoformat(field.example) - timedelta(GROUP - 1 - number % GROUP)).isoformat()
        case _:
            return _varied_text(field, number)


def _varied_number(field: Any, more: int) -> Any:
    match field:
        case fields.WholeNumber():
            return min(field.shape["minimum"] + more, field.shape["maximum"])
        case fields.Money():
            return {**field.example, "amount": str(Decimal(field.example["amount"]) + more)}
        case _:
            return plain_number(Decimal(field.example) + more)


def _varied_text(field: Any, number: int) -> Any:
    match field:
        case fields.TaxId() | fields.Phone():
            return field.example
        case fields.Code():
            return f"{field.example}-{number}"
        case fields.Email():
            return f"p{number}.{field.example}"
        case fields.Text():
            return f"{field.example} {number}"[-field.shape["maxLength"] :].strip()
        case _:
            return field.example


# -- references to records of other resources


def declared_lookups(schema: marshmallow.Schema) -> Iterator[tuple[tuple[str, ...], DeclaredField]]:
    """Yield the fields of a declared schema that name a record, with their places: `("lines", "sku")`."""
    declaration = getattr(schema, "result_class", None)
    if isinstance(declaration, type) and is_dataclass(declaration):
        yield from _lookups(declaration)


def _lookups(declaration: type) -> Iterator[tuple[tuple[str, ...], DeclaredField]]:
    for each in declared_fields(declaration):
        if each.lookup:
            yield (each.name,), each
        elif each.kind is None:
            yield from (((each.name, *place), inner) for place, inner in _lookups(each.value_type))


def with_reference(schema: marshmallow.Schema, body: Body, place: tuple[str, ...], value: Any) -> Body:
    """Return the body with another value in the field at this place, one of those that name a record."""
    changed = copy.deepcopy(body)
    declared = dict(declared_lookups(schema))[place]
    _replace_at(changed, place, [value] if declared.list_limits is not None else value)
    return changed


def set_references(schema: marshmallow.Schema, body: Body, reference_to: ReferenceTo) -> Body:
    """Return the body with existing records in all fields that its declaration describes as references."""
    for place, declared in declared_lookups(schema):
        assert declared.lookup
        found = reference_to(declared.lookup.resource, declared.lookup.by)
        _replace_at(body, place, [found] if declared.list_limits is not None else found)
    return body


def _replace_at(value: Any, place: tuple[str, ...], found: Any) -> None:
    """Set a value that is given at a place, in each item of a list."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping) and each.get(place[0]) is not None:
            if len(place) > 1:
                _replace_at(each[place[0]], place[1:], found)
            else:
                each[place[0]] = found  # type: ignore[index]  # a body is a dict
