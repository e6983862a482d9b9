"""Query parameters: each is known and given once; those of lists are in `shared.web.lists`."""

from collections.abc import Iterable
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from shared.sheets.writing import MEDIA_TYPES
from shared.web import fields
from shared.web.problems import ProblemError, invalid_value, is_plain_name, unknown_name_detail
from shared.web.schema import Schema

CONSISTENCY = "consistency"
FORMAT = "format"
FORMAT_FIELD = fields.OneOf(*MEDIA_TYPES)


def unknown_parameter(name: str, allowed: Iterable[str]) -> ProblemError:
    """Return the problem 422 for a parameter that is not allowed."""
    pointer = f"/{name}" if is_plain_name(name) else ""
    return invalid_value(pointer, "unknown_field", unknown_name_detail("parameter", name, allowed))


def accepts_eventual_consistency() -> bool:
    """Return whether the caller accepts eventual consistency. Raises ProblemError 422 for values but `eventual`."""
    consistency = request.args.get(CONSISTENCY)
    if consistency not in (None, "eventual"):
        raise invalid_value(f"/{CONSISTENCY}", "not_one_of", "must be eventual or omitted")
    return consistency is not None


def parse_parameter(field: fields.Field, name: str, value: str) -> Any:
    """Return the value of a parameter. Raises ProblemError 422 if it is invalid."""
    try:
        return field.deserialize(value)
    except ValidationError as invalid:
        error = invalid.messages[0]
        raise invalid_value(f"/{name}", getattr(error, "code", "invalid"), str(error)) from None


def parse_query_by_schema(schema: Schema, *, besides: tuple[str, ...] = ()) -> Any:
    """Return the query parameters of the current request, validated by the schema (those of lists: `ListEndpoint`).

    The parameters `besides` are allowed, too, and left to the caller.
    """
    names = tuple(field.data_key or name for name, field in schema.load_fields.items())
    given = parameters_given_once(request.args, (*names, *besides))
    return schema.parse({name: value for name, value in given.items() if name not in besides})


def parameters_given_once(parameters: MultiDict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """Return the query parameters, each given once. Raises ProblemError 422 for an unknown or repeated one."""
    for name, values in parameters.lists():
        if name not in (*names, CONSISTENCY):
            raise unknown_parameter(name, (*names, CONSISTENCY))
        if len(values) > 1:
            raise invalid_value(f"/{name}", "given_twice", "must be given once")
    return {name: value for name, value in parameters.items() if name != CONSISTENCY}
