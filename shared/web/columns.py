"""Fields of a document as columns of a sheet: nested fields by dotted names, list items numbered from 1."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import marshmallow

from shared.web import fields
from shared.web.problems import invalid_value, unknown_name_detail
from shared.web.schema import Schema, pointer_part

Path = tuple[str | int, ...]
"""The position of a value in a document: `("contacts", 0, "name")`."""

_AMOUNT, _CURRENCY = fields.Number(), fields.Currency()


def _column_name(path: Path) -> str:
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


def _cell_value(document: Any, path: Path, field: Any) -> str | int | Decimal | None:
    """Return the value at this path: a number as a number, any other value as a text, or None."""
    for part in path:
        is_inside = document is not None and (part < len(document) if isinstance(part, int) else part in document)
        document = document[part] if is_inside else None
    if isinstance(document, bool):
        return str(document).lower()
    return Decimal(document) if document is not None and isinstance(field, fields.Number) else document


class ImportedHeader:
    """Header of an imported sheet: the field of each column. Raises ProblemError 422 for an unknown column."""

    def __init__(self, schema: Schema, names: Sequence[str]) -> None:
        self._columns = [_column_for(schema, name) for name in names]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise invalid_value(
                    f"/{pointer_part(name)}", "given_twice", "is the name of two columns; use each name once"
                )

    def document(self, cells: Sequence[str]) -> Any:
        """Return the document of a row; an empty cell is a missing value."""
        values: dict[Any, Any] = {}
        for (path, field), text in zip(self._columns, cells, strict=False):
            if text:
                _set_at(values, path, field.parse_cell(text))
        return _to_lists(values)

    def __len__(self) -> int:
        return len(self._columns)


def _column_for(schema: Schema, name: str) -> tuple[Path, Any]:
    path: Path = ()
    field: Any = fields.Nested(schema)
    for part in name.split("."):
        path, field = _step_into(path, field, part, name)
    if isinstance(field, (fields.Nested, fields.List, fields.Money)):
        raise _unknown_column(field, name)
    return path, field


def _step_into(path: Path, field: Any, part: str, name: str) -> tuple[Path, Any]:
    """Return path and field one level deeper. Raises ProblemError 422 if there is no field of this name."""
    match field:
        case fields.Nested() if part in field.schema.load_fields:
            return (*path, part), field.schema.load_fields[part]
        case fields.List() if part.isascii() and part.isdecimal() and 1 <= int(part[:4]) <= field.max_items:
            return (*path, int(part[:4]) - 1), field.inner
        case fields.Money() if part in ("amount", "currency"):
            return (*path, part), _AMOUNT if part == "amount" else _CURRENCY
    raise _unknown_column(field, name)


def _unknown_column(field: Any, name: str) -> Exception:
    inside = [_column_name(path) for path, _ in _leaves((), field, ())]
    return invalid_value(f"/{pointer_part(name)}", "unknown_field", unknown_name_detail("column", name, inside))


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


def sheet_rows(documents: Iterable[Mapping[str, Any]], schema: Schema) -> Iterator[list[str | int | Decimal | None]]:
    """Yield the rows of a sheet: the header, then one for each document."""
    exported = list(documents)
    columns = list(_columns(schema, exported))
    yield [_column_name(path) for path, _ in columns]
    for document in exported:
        yield [_cell_value(document, path, field) for path, field in columns]
