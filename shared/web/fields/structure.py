"""Yes or no, lists, and objects with fields of their own."""

from typing import Any

import marshmallow
from marshmallow import ValidationError

from shared.web.fields.base import Field, Shape, Spelled, refuse

MOST_LINES = 1_000


_SAID = {"true": True, "false": False}


class Flag(Field):
    """True or false, in these words only."""

    shape: Shape = {"type": "boolean"}
    example = False

    def of_cell(self, text: str) -> bool | str:
        return _SAID.get(text.lower(), text)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return value if type(value) is bool else refuse("not_a_flag", "must be true or false")


class Switch(Spelled):
    """True or false as it stands in an address."""

    shape: Shape = {"type": "boolean"}
    example = False

    def _read(self, text: str) -> bool:
        return _SAID[text] if text in _SAID else refuse("not_one_of", "must be true or false")


class List(marshmallow.fields.List):  # type: ignore[type-arg]
    """`min` to `max` things of one kind; never more than 1,000 lines."""

    def __init__(self, inner: Any, *, min: int = 0, max: int = MOST_LINES, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(inner, **kwargs)
        self.least, self.most = min, max

    make_error = Field.make_error

    @property
    def shape(self) -> Shape:
        return {"minItems": self.least, "maxItems": self.most}

    @property
    def example(self) -> list[Any]:
        return [_example(self.inner)]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is not list:
            refuse("not_a_list", "must be a list")
        if not self.least <= len(value) <= self.most:
            refuse("too_many" if value else "empty", f"must have {self.least} to {self.most} lines")
        try:
            return [self.inner.deserialize(each) for each in value]
        except ValidationError:
            return super()._deserialize(value, attr, data, **kwargs)


class Nested(marshmallow.fields.Nested):
    """An object with fields of its own."""

    make_error = Field.make_error

    @property
    def example(self) -> dict[str, Any]:
        return example_of(self.schema)


def example_of(schema: marshmallow.Schema) -> dict[str, Any]:
    """What could be said: all that must be, or everything where nothing must."""
    fields = {field.data_key or name: field for name, field in schema.load_fields.items()}
    needed = {name: field for name, field in fields.items() if field.required} or fields
    return {name: _example(field) for name, field in needed.items()}


def _example(field: Any) -> Any:
    return field.example
