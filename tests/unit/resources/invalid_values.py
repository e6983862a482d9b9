"""Invalid values of a field: of another type, too long, outside its limits, not one of its choices."""

from collections.abc import Iterator
from typing import Any

from shared.web import fields
from shared.web.fields import BaseTextField
from shared.web.schema import Schema
from tests.unit.resources.bodies import example_of_field, fields_of, full_body
from tests.unit.resources.checks_records import UNKNOWN

NO_SUCH_VALUE = "no such value!"
"""A text that no kind of field accepts except free text."""
OTHER_CURRENCY = "EUR"
"""Not the base currency of the firm of these tests."""
OTHER_THAN_TEXT = (17, True, ["a"], {"a": "b"})
BELOW, ABOVE = "-1", "9" * 30

Invalid = tuple[str, Any]
"""A pointer inside the value of the field, and the value."""


def invalid_bodies(schema: Schema) -> Iterator[Invalid]:
    """Yield bodies of which one value is invalid, with the pointer to it. All other values are valid."""
    yield from (("", each) for each in ("a", 17, ["a"]))
    yield from _invalid_objects(schema)


def _invalid_objects(schema: Any) -> Iterator[Invalid]:
    """Yield objects with one invalid member: missing, null, unknown, or a value that its field refuses."""
    valid = full_body(schema)
    yield f"/{UNKNOWN}", {**valid, UNKNOWN: "free text"}
    for name, field in fields_of(schema).items():
        if field.required:
            yield f"/{name}", {each: valid[each] for each in valid if each != name}
        for inside, value in _invalid_values(field):
            yield f"/{name}{inside}", {**valid, name: value}


def _invalid_values(field: Any) -> Iterator[Invalid]:
    if not field.allow_none:
        yield "", None
    match field:
        case fields.Nested():
            yield from (("", each) for each in ("a", 17, ["a"]))
            yield from _invalid_objects(field.schema)
        case fields.List():
            yield from _invalid_lists(field)
        case fields.Money():
            yield from _invalid_amounts(field)
        case _:
            yield from (("", each) for each in _invalid_plain_values(field))


def _invalid_lists(field: Any) -> Iterator[Invalid]:
    valid = example_of_field(field.inner, 0)
    yield from (("", each) for each in ("a", 17, {"a": "b"}))
    yield "", [valid] * (field.max_items + 1)
    if field.min_items:
        yield "", [valid] * (field.min_items - 1)
    for inside, value in _invalid_values(field.inner):
        yield f"/0{inside}", [value]


def _invalid_amounts(field: Any) -> Iterator[Invalid]:
    valid = example_of_field(field, 0)
    yield from (("", each) for each in ("12.50", 17, ["a"]))
    yield "/amount", {"currency": valid["currency"]}
    yield "/currency", {**valid, "currency": NO_SUCH_VALUE}
    yield f"/{UNKNOWN}", {**valid, UNKNOWN: 1}
    if not field.takes_any_currency:
        yield "/currency", {**valid, "currency": OTHER_CURRENCY}
    too_fine = f"12.{'3' * (3 + field.finer_decimals)}"
    for amount in (12.5, too_fine, ABOVE, *([] if field._negative else [BELOW]), *([] if field._zero else ["0"])):
        yield "/amount", {**valid, "amount": amount}


def _invalid_plain_values(field: Any) -> Iterator[Any]:
    match field:
        case fields.WholeNumber():
            yield from ("1", True, 1.5, field.shape["minimum"] - 1, field.shape["maximum"] + 1)
        case fields.Flag():
            yield from ("true", 1)
        case BaseTextField():
            yield from OTHER_THAN_TEXT
            yield from _invalid_texts(field)
        case _:
            raise TypeError(f"no invalid values are known for {type(field).__name__}")


def _invalid_texts(field: Any) -> Iterator[str]:
    yield ""
    if isinstance(field, fields.Text):
        yield from ("  ", "x" * (field.shape["maxLength"] + 1), "a\u0000b")
    if type(field) not in (fields.Text, fields.TaxId):
        yield NO_SUCH_VALUE
    if isinstance(field, fields.Currency) and not field.takes_any_currency:
        yield OTHER_CURRENCY
    if isinstance(field, fields.Number):
        yield ABOVE
        yield from [BELOW] if field._low is not None or field._above is not None else []
        yield from ["0"] if field._above == 0 else []
