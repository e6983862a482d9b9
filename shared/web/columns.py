"""Fields of a document as columns of a sheet: nested fields by dotted names, list items numbered from 1."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import marshmallow

from shared.sheets.cells import Cell, CellKind, SheetRow, cell_name, column_letters
from shared.sheets.formulas import unescape_formula
from shared.sheets.writing import Value
from shared.texts import without_invisible
from shared.web import fields
from shared.web.fields.base import UnfitCell
from shared.web.problems import invalid_values, unknown_name_detail
from shared.web.schema import Schema, pointer_part

Path = tuple[str | int, ...]
"""The position of a value in a document: `("contacts", 0, "name")`."""


class SheetColumn(NamedTuple):
    """A column of a sheet: the path of its values in a document, and whether they are numbers."""

    path: Path
    is_number: bool = False


_AMOUNT, _CURRENCY = fields.Number(), fields.Currency()


def column_name(path: Path) -> str:
    """Return the name of a column, such as `contacts.1.name`."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _columns(schema: marshmallow.Schema, documents: Sequence[Mapping[str, Any]] = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every column with its field, required ones first; a list has the columns its longest value needs."""
    for name, field in sorted(schema.load_fields.items(), key=lambda each: not each[1].required):
        key = field.data_key or name
        yield from _leaves((key,), field, [each[key] for each in documents if each.get(key) is not None])


def _leaves(path: Path, field: Any, values: Sequence[Any]) -> Iterator[tuple[Path, Any]]:
    match field:
        case fields.Nested():
            for inner, leaf in _columns(field.schema, values):
                yield (*path, *inner), leaf
        case fields.List():
            for place in range(max(map(len, values), default=0) or 1):
                yield from _leaves((*path, place), field.inner, [each[place] for each in values if len(each) > place])
        case fields.Money():
            yield (*path, "amount"), _AMOUNT
            yield (*path, "currency"), _CURRENCY
        case _:
            yield path, field


def lines_of(columns: Iterable[SheetColumn], documents: Iterable[Mapping[str, Any]]) -> Iterator[list[Value]]:
    """Yield the header with the names of the columns, then a line for each document.

    The time is that of the values that there are: most documents have few of the columns that the longest list needs.
    """
    columns = list(columns)
    places = {path: (place, is_number) for place, (path, is_number) in enumerate(columns)}
    yield [column_name(path) for path, _ in columns]
    for document in documents:
        line: list[Value] = [None] * len(columns)
        for path, value in _values((), document):
            if path in places:
                place, is_number = places[path]
                line[place] = _cell_value(value, is_number=is_number)
        yield line


def _values(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value of a document with its path."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _values((*path, name), each)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _values((*path, place), each)
    else:
        yield path, value


def _cell_value(value: Any, *, is_number: bool) -> Value:
    """Return a number as a number, any other value as a text, or None."""
    if isinstance(value, bool):
        return str(value).lower()
    return Decimal(value) if is_number and value is not None else value


class ImportedHeader:
    """Header of an imported sheet: the field of each column. Raises ProblemError 422 that lists all wrong names."""

    def __init__(self, schema: Schema, row: SheetRow) -> None:
        self._row = row.number
        self._columns: list[tuple[Path, Any]] = []
        self._letters: dict[str, str] = {}
        self._filled: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._errors: list[dict[str, str]] = []
        for place, cell in enumerate(row.cells):
            self._add(schema, place, without_invisible(cell.text))
        if self._errors:
            raise invalid_values(self._errors)

    def _add(self, schema: Schema, place: int, name: str) -> None:
        try:
            path, field = _column_for(schema, name)
        except UnknownColumn as unknown:
            self._refuse(place, name, "unknown_field", str(unknown))
            return
        column = column_name(path)
        if column in self._letters:
            self._refuse(place, column, "given_twice", "is the name of two columns; use each name once")
        self._letters.setdefault(column, column_letters(place))
        self._columns.append((path, field))

    def _refuse(self, place: int, name: str, code: str, detail: str) -> None:
        cell = cell_name(self._row, place)
        if not name:
            detail = f"Cell {cell} has no column name. Name the column, or remove it."
        pointer = f"/{pointer_part(name or cell)}"
        self._errors.append({"pointer": pointer, "code": code, "detail": detail, "cell": cell})

    def document(self, row: SheetRow) -> Any:
        """Return the document of a row; an empty cell is a missing value."""
        values: dict[Any, Any] = {}
        for place, ((path, field), cell) in enumerate(zip(self._columns, row.cells, strict=False)):
            if not cell.is_empty:
                _set_at(values, path, _value_of(field, cell, row.number, place))
        return _to_lists(values)

    def filled_columns(self, row: SheetRow) -> tuple[int, ...]:
        """Return the columns in which a row has values; rows with the same ones share it."""
        filled = tuple(place for place, cell in enumerate(row.cells) if not cell.is_empty)
        return self._filled.setdefault(filled, filled)

    def place_of(self, number: int, filled: tuple[int, ...], pointer: str) -> dict[str, str]:
        """Return the column that a pointer into the document of a row means, and its cell if it has one."""
        column = self._column_of(filled, pointer)
        letters = self._letters.get(column)
        return {"column": column, **({"cell": f"{letters}{number}"} if letters else {})}

    def _column_of(self, filled: tuple[int, ...], pointer: str) -> str:
        """Return the name of the column; items of a list count from 1, and empty places before them are included."""
        path: Path = ()
        for part in pointer.split("/")[1:]:
            places = self._places_below(path, filled)
            known = int(part) if part.isdecimal() else None
            path = (*path, part if known is None else places[known] if known < len(places) else known)
        return column_name(path)

    def _places_below(self, path: Path, filled: tuple[int, ...]) -> list[int]:
        """Return the numbers of the list items below a path that the row has, in order."""
        depth = len(path)
        given = [self._columns[place][0] for place in filled]
        below = [each for each in given if each[:depth] == path and len(each) > depth]
        return sorted({part for each in below if isinstance(part := each[depth], int)})

    def __len__(self) -> int:
        return len(self._columns)


_UNFIT: Mapping[CellKind, str] = {
    CellKind.NUMBER: "is the number {text}, which may have lost zeros; format it as text and enter the value again",
    CellKind.PADDED: "is the number {text}, shown with more zeros; format it as text and enter the value again",
    CellKind.PERCENTAGE: "is the percentage {text} %; enter the value without a percent sign",
    CellKind.SHORTENED: "is a number that was shortened to {text}; format it as text and enter the value again",
    CellKind.DATE: "is the date {text}; format it as text and enter the value again",
    CellKind.BOOLEAN: "is the logical value {text}; format it as text and enter the value again",
    CellKind.ERROR: "has the error {text}; correct its formula or enter the value",
    CellKind.FORMULA: "has a formula without a stored result; open and save the file in the spreadsheet program",
}
"""Why a cell does not hold the value of its column."""


def _value_of(field: Any, cell: Cell, row: int, place: int) -> Any:
    text = unescape_formula(cell.text)
    fit = text if isinstance(field, fields.Text) else without_invisible(text)
    value = field.parse_cell(Cell(fit, cell.kind))
    if value is None:
        return UnfitCell(f"Cell {cell_name(row, place)} {_UNFIT[cell.kind].format(text=cell.text)}.")
    return value


class UnknownColumn(Exception):
    """Raised for a name of a column that no field of the request has."""


def _column_for(schema: Schema, name: str) -> tuple[Path, Any]:
    path: Path = ()
    field: Any = fields.Nested(schema)
    for part in name.split("."):
        path, field = _step_into(path, field, part, name)
    if isinstance(field, (fields.Nested, fields.List, fields.Money)):
        raise _unknown_column(field, name)
    return path, field


def _step_into(path: Path, field: Any, part: str, name: str) -> tuple[Path, Any]:
    """Return path and field one level deeper, in any case of letters. Raises UnknownColumn if no field has the name."""
    part = part.strip().lower()
    match field:
        case fields.Nested() if part in field.schema.load_fields:
            return (*path, part), field.schema.load_fields[part]
        case fields.List() if part.isascii() and part.isdecimal() and 1 <= int(part[:4]) <= field.max_items:
            return (*path, int(part[:4]) - 1), field.inner
        case fields.Money() if part in ("amount", "currency"):
            return (*path, part), _AMOUNT if part == "amount" else _CURRENCY
    raise _unknown_column(field, name)


def _unknown_column(field: Any, name: str) -> Exception:
    inside = [column_name(path) for path, _ in _leaves((), field, ())]
    return UnknownColumn(unknown_name_detail("column", name, inside))


def _set_at(document: dict[Any, Any], path: Path, value: Any) -> None:
    *way, last = path
    for part in way:
        document = document.setdefault(part, {})
    document[last] = value


def _to_lists(document: Any) -> Any:
    """Return the document with lists for numbered members; empty places are left out."""
    if not isinstance(document, dict):
        return document
    inner = {part: _to_lists(each) for part, each in document.items()}
    if inner and all(isinstance(part, int) for part in inner):
        return [inner[place] for place in sorted(inner)]
    return inner


def document_columns(schema: Schema, documents: Sequence[Mapping[str, Any]] = ()) -> list[SheetColumn]:
    """Return the columns of documents of this schema; a list has the columns that its longest value needs."""
    return [SheetColumn(path, isinstance(field, fields.Number)) for path, field in _columns(schema, documents)]
