"""Base classes of the field kinds."""

from typing import Any, NoReturn

import marshmallow
from marshmallow import ValidationError

from shared.sheets.cells import Cell, CellKind
from shared.texts import InvalidText, without_invisible
from shared.web.schema import FieldErrorMessage

Shape = dict[str, Any]


EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet program keeps."""


class UnfitCell:
    """Stands in a document for a cell of a sheet that does not hold what was meant; no field accepts it."""

    def __init__(self, detail: str) -> None:
        self.detail = detail


class Field(marshmallow.fields.Field[Any]):
    """Base class of input fields. `shape` is its OpenAPI schema, `example` a valid value."""

    shape: Shape = {}
    example: Any = None
    cell_kinds: frozenset[CellKind] = frozenset()
    """The kinds of cells that hold a value of this kind, in addition to texts."""
    default_error_messages = {"required": "is required", "null": "must not be null", "not_text": "must be a string"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._simple = not (self.validators or self.pre_load or self.post_load)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the value in its domain type. Raises ValidationError."""
        if type(value) is UnfitCell:
            fail("unfit_cell", value.detail)
        if self._simple and value is not None and value is not marshmallow.missing:
            return self._deserialize(value, attr, data, **kwargs)
        return super().deserialize(value, attr, data, **kwargs)

    def parse_cell(self, cell: Cell) -> Any:
        """Return the JSON value of a cell of a sheet; None if what it holds is no value of this kind."""
        is_fit = cell.kind is CellKind.TEXT or cell.kind in self.cell_kinds
        return self.parse_cell_text(cell.text) if is_fit else None

    def parse_cell_text(self, text: str) -> Any:
        """Return the JSON value of the text of a cell."""
        return text

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """Return the error with its code; also for lists and nested objects, which are no `Field`."""
        error = marshmallow.fields.Field.make_error(self, key, **kwargs)
        return ValidationError(FieldErrorMessage(key, str(error.messages[0])))


def fail(code: str, message: str) -> NoReturn:
    """Raise a ValidationError with a stable code and a message."""
    raise ValidationError(FieldErrorMessage(code, message))


class BaseTextField(Field):
    """Base class of fields whose value is written as a string."""

    ignores_invisible = False
    """Whether characters that cannot be seen mean nothing: in what people copy. Numbers and dates have one spelling."""

    def parse_cell(self, cell: Cell) -> Any:
        """Take a number as text only if it cannot have lost digits: whole, and not longer than a program keeps."""
        if cell.kind is CellKind.NUMBER and cell.kind not in self.cell_kinds:
            return cell.text if cell.text.isdecimal() and len(cell.text) <= EXACT_DIGITS else None
        return super().parse_cell(cell)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not str:
            raise self.make_error("not_text")
        try:
            return self._parse(without_invisible(value) if self.ignores_invisible else value)
        except InvalidText as invalid:
            fail(invalid.code, str(invalid))

    def _parse(self, text: str) -> Any:
        raise NotImplementedError  # every field has its own
