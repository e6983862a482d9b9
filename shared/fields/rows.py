"""Declared fields in the rows of projections: columns that can be filtered and sorted by, and plain values."""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from shared.fields.declaration import DeclaredField, declared_fields
from shared.fields.kinds import OrNone, PersonalText
from shared.money import plain_number


def columns_of(declaration: type) -> dict[str, Any]:
    """Return the fields of a declaration that can be filtered and sorted by: single values, but no personal data."""
    return {each.name: _column_type(each) for each in declared_fields(declaration) if _is_column(each)}


def extra_fields_of(declaration: type) -> dict[str, Any]:
    """Return the other fields of a declaration, in the form that `Projection.extra_fields` has."""
    return {each.name: _shape_of(each) for each in declared_fields(declaration) if not _is_column(each)}


def shape_of(declaration: type) -> dict[str, Any]:
    """Return all fields of an object inside a row, in the form that `Projection.extra_fields` has."""
    return {each.name: _shape_of(each) for each in declared_fields(declaration)}


def row_of(value: Any) -> dict[str, Any]:
    """Return the declared fields of an object as a row shows them: numbers plain, other values as they are."""
    return {each.name: _shown(getattr(value, each.name)) for each in declared_fields(value.__class__)}


def _is_column(declared: DeclaredField) -> bool:
    return declared.kind is not None and declared.list_limits is None and not declared.is_personal


def _column_type(declared: DeclaredField) -> Any:
    """Return the type of a column, or null; that of a text has its kind, such as a code or a currency."""
    annotation: Any = Annotated[str, declared.kind] if declared.value_type is str else declared.value_type
    return annotation | None if declared.is_nullable else annotation


def _shape_of(declared: DeclaredField) -> Any:
    one = _single_shape(declared)
    return [one] if declared.list_limits is not None else one


def _single_shape(declared: DeclaredField) -> Any:
    if declared.is_personal:
        return PersonalText
    if declared.kind:
        return _column_type(declared)
    shape = shape_of(declared.value_type)
    return OrNone(shape) if declared.is_nullable else shape


def _shown(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    return row_of(value) if hasattr(type(value), "__dataclass_fields__") and _is_declaration(value.__class__) else value


@cache
def _is_declaration(value_class: type) -> bool:
    """Return whether every field of the dataclass is declared by a kind."""
    try:
        declared_fields(value_class)
    except TypeError:
        return False
    return True
