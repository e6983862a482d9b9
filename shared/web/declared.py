"""Schemas of declarations: the validated body or query of a request is an object of its dataclass."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import marshmallow

from shared.fields import Changes, DeclaredField, declared_fields, describe_choices, describe_field, words_for
from shared.fields.descriptions import EXTENSION
from shared.web import fields
from shared.web.schema import Schema

V = TypeVar("V", bound=Callable[..., Any])

FIELD_BY_KIND: Mapping[str, Callable[..., fields.Field]] = {
    "actor_name": fields.ActorName,
    "choice": lambda choices, **options: fields.OneOf(*choices, **options),
    "code": fields.Code, "country": fields.Country, "currency": fields.Currency, "date": fields.Date,
    "effective_date": fields.EffectiveOn, "email": fields.Email, "flag": fields.Flag, "iban": fields.Iban,
    "id": fields.Id, "instant": fields.Instant, "known_at": fields.KnownAt, "money": fields.Money,
    "number": fields.Number, "percent": fields.Percent, "phone": fields.Phone, "quantity": fields.Quantity,
    "tax_id": fields.TaxId, "text": fields.Text, "time_zone": fields.TimeZone,
    "unit_price": fields.UnitPrice, "whole_number": fields.WholeNumber,
}  # fmt: skip


class DeclaredSchema(Schema):
    """Base class of the schemas of declarations: loads an object of `result_class`."""

    result_class: Callable[..., Any]

    def load(self, data: Any, **kwargs: Any) -> Any:
        return self.result_class(**super().load(data, **kwargs))


@cache
def schema_of(declaration: type, module: str | None = None) -> type[Schema]:
    """Return the schema of a declared dataclass, or the given schema; its values become one object of the class.

    A value that services share is described in the words of the module in whose request it is, and named after it.
    """
    if issubclass(declaration, Schema):
        return declaration
    own = module or declaration.__module__
    return _make_schema(declaration, declaration.__name__, declaration.__doc__, declaration, own, is_partial=False)


@cache
def change_schema_of(declaration: type, name: str, fixed: frozenset[str] = frozenset()) -> type[Schema]:
    """Return the schema of `Changes` of a declared dataclass, in fields that are not `fixed`."""
    text = "Request to change some fields; those not given stay as they are."
    return _make_schema(declaration, name, text, Changes, declaration.__module__, fixed=fixed, is_partial=True)


def _make_schema(
    declaration: type,
    name: str,
    doc: str | None,
    result_class: Callable[..., Any],
    module: str,
    *,
    is_partial: bool,
    fixed: frozenset[str] = frozenset(),
) -> type[Schema]:
    declared = [each for each in declared_fields(declaration) if each.name not in fixed]
    members = {each.name: _field_of(declaration, module, each, is_partial) for each in declared}
    own = {"__module__": module, "__doc__": doc, "result_class": staticmethod(result_class)}
    own["example"] = words_for(module).example(name)
    return type(name, (DeclaredSchema,), {**members, **own})


def _field_of(
    declaration: type, module: str, declared: DeclaredField, is_partial: bool
) -> marshmallow.fields.Field[Any]:
    options: dict[str, Any] = {
        "data_key": _request_name(declared),
        "required": declared.is_required and not is_partial,
        "allow_none": declared.is_nullable,
        "metadata": _metadata(declaration, module, declared),
    }
    if declared.list_limits is not None:
        return fields.List(_one_value(module, declared, {}), **declared.list_limits, **options)
    return _one_value(module, declared, options)


def _request_name(declared: DeclaredField) -> str:
    """Return the name in requests: without the underscore that ends a name like a Python keyword, such as `from_`."""
    return declared.name.removesuffix("_")


def _one_value(module: str, declared: DeclaredField, options: dict[str, Any]) -> marshmallow.fields.Field[Any]:
    if declared.kind is None:
        is_shared = declared.value_type.__module__.startswith("shared.")
        return fields.Nested(schema_of(declared.value_type, module if is_shared else None), **options)
    return FIELD_BY_KIND[declared.kind.name](**declared.kind.limits, **options)


def _metadata(declaration: type, module: str, declared: DeclaredField) -> dict[str, Any]:
    """Return the description of a field for the API description."""
    words = words_for(module)
    described: dict[str, Any] = {EXTENSION: {}, **describe_field(words, _request_name(declared), declaration.__name__)}
    own = described[EXTENSION]
    if isinstance(declared.value_type, type) and issubclass(declared.value_type, StrEnum):
        own["choices"] = describe_choices(words, declared.value_type)
    if declared.lookup:
        own["lookup"] = {"resource": declared.lookup.resource, "value": declared.lookup.by}
    if declared.is_personal:
        own["personal"] = True
    example = words.example(f"{declaration.__name__}.{_request_name(declared)}", _request_name(declared))
    return (described if own else {}) | ({} if example is None else {fields.EXAMPLE: example})


def accepts(declaration: type) -> Callable[[V], V]:
    """Declare what a view gets as valid `body` (for GET: `query`). By default no fields are accepted."""

    def declare(view: V) -> V:
        view.__dict__["accepts"] = schema_of(declaration)
        return view

    return declare
