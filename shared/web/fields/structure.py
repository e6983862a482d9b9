"""Booleans, lists and nested objects."""

from typing import Any

import marshmallow
from marshmallow import ValidationError

from shared.sheets.cells import CellKind
from shared.web.fields.base import BaseTextField, Field, Shape, fail

MAX_LINES = 1_000


_BOOLEANS = {"true": True, "false": False}


class Flag(Field):
    """A JSON boolean: true or false, or `only` one of them."""

    shape: Shape = {"type": "boolean"}
    example = False
    cell_kinds = frozenset({CellKind.BOOLEAN})

    def __init__(self, *, only: bool | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._only = only
        if only is not None:
            self.shape, self.example = {**self.shape, "const": only}, only

    def parse_cell_text(self, text: str) -> bool | str:
        return _BOOLEANS.get(text.lower(), text)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            fail("not_a_flag", "must be true or false")
        return value if self._only in (None, value) else fail("not_one_of", f"must be {str(self._only).lower()}")


class FlagParameter(BaseTextField):
    """`true` or `false` as a query parameter."""

    shape: Shape = {"type": "boolean"}
    example = False

    def _parse(self, text: str) -> bool:
        return _BOOLEANS[text] if text in _BOOLEANS else fail("not_one_of", "must be true or false")


class List(marshmallow.fields.List):  # type: ignore[type-arg]  # it cannot be given one when the program runs
    """A list of `min` to `max` items of one kind, returned as a tuple; at most 1,000."""

    def __init__(self, inner: Any, *, min: int = 0, max: int = MAX_LINES, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self.min_items, self.max_items = min, max

    default_error_messages = Field.default_error_messages
    make_error = Field.make_error

    @property
    def shape(self) -> Shape:
        return {"minItems": self.min_items, "maxItems": self.max_items}

    @property
    def example(self) -> list[Any]:
        inner: Any = self.inner
        return [inner.example]

    def _deserialize(  # type: ignore[override]  # a list is read as a tuple, which nothing changes afterwards
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> tuple[Any, ...]:
        if type(value) is not list:
            fail("not_a_list", "must be a list")
        if not self.min_items <= len(value) <= self.max_items:
            fail("too_many" if value else "empty", f"must have {self.min_items} to {self.max_items} items")
        try:
            return tuple([self.inner.deserialize(each) for each in value])
        except ValidationError:
            return tuple(super()._deserialize(value, attr, data, **kwargs))


class Nested(marshmallow.fields.Nested):
    """A nested object with its own fields."""

    default_error_messages = Field.default_error_messages
    make_error = Field.make_error

    @property
    def example(self) -> dict[str, Any]:
        return example_of(self.schema)


EXAMPLE = "own_example"
"""Member of the metadata of a field: the example that is declared for it."""


def example_of(schema: marshmallow.Schema) -> dict[str, Any]:
    """Return an example document of a schema: its own, else with the required fields, or with all if none is."""
    if own := getattr(schema, "example", None):
        return dict(own)
    fields: dict[str, Any] = {field.data_key or name: field for name, field in schema.load_fields.items()}
    needed = {name: field for name, field in fields.items() if field.required} or fields
    return {name: field.metadata.get(EXAMPLE, field.example) for name, field in needed.items()}
