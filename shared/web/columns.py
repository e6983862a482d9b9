"""The fields of a document as columns of a sheet: nested ones by dotted names, the things of a list numbered from 1."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import marshmallow

from shared.web import fields
from shared.web.problems import wrong
from shared.web.schema import Schema

Path = tuple[str | int, ...]
"""Where a value stands in a document: `("contacts", 0, "name")`."""

MOST_OF_A_NAME = 60
_AMOUNT, _CURRENCY = fields.Number(), fields.Currency()


def name_of(path: Path) -> str:
    """`contacts.1.name`."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def columns_of(schema: marshmallow.Schema, documents: Sequence[Mapping[str, Any]] = ()) -> Iterator[tuple[Path, Any]]:
    """Every column with its field, those that must be filled first; of a list as many as the longest one needs."""
    for name, field in sorted(schema.load_fields.items(), key=lambda each: not each[1].required):
        key = field.data_key or name
        yield from _columns((key,), field, [each[key] for each in documents if each.get(key) is not None])


def _columns(path: Path, field: Any, values: Sequence[Any]) -> Iterator[tuple[Path, Any]]:
    match field:
        case fields.Nested():
            for inner, leaf in columns_of(field.schema, values):
                yield (*path, *inner), leaf
        case fields.List():
            for place in range(max(map(len, values), default=0) or 1):
                yield from _columns((*path, place), field.inner, [each[place] for each in values if len(each) > place])
        case fields.Money():
            yield (*path, "amount"), _AMOUNT
            yield (*path, "currency"), _CURRENCY
        case _:
            yield path, field


def cell_of(document: Any, path: Path, field: Any) -> str | int | Decimal | None:
    """What stands at this place: numbers as numbers, anything else as a text, or None."""
    for part in path:
        if isinstance(part, int):
            document = document[part] if document is not None and part < len(document) else None
        else:
            document = document.get(part) if document is not None else None
    if isinstance(document, bool):
        return str(document).lower()
    return Decimal(document) if document is not None and isinstance(field, fields.Number) else document


class Header:
    """The first row of a sheet that is read: which column says what. Problem 422 for one that says nothing we know."""

    def __init__(self, schema: Schema, names: Sequence[str]) -> None:
        self._columns = [_found(schema, name) for name in names]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise wrong(_pointer(name), "given_twice", "stands over two columns")

    def document(self, cells: Sequence[str]) -> Any:
        """What a row says; an empty cell says nothing."""
        told: dict[Any, Any] = {}
        for (path, field), text in zip(self._columns, cells, strict=False):
            if text:
                _put(told, path, field.of_cell(text))
        return _listed(told)

    def __len__(self) -> int:
        return len(self._columns)


def _found(schema: Schema, name: str) -> tuple[Path, Any]:
    path: Path = ()
    known: Any = fields.Nested(schema)
    for part in name.split("."):
        path, known = _step(path, known, part, name)
    if isinstance(known, (fields.Nested, fields.List, fields.Money)):
        raise _unknown(known, name)
    return path, known


def _step(path: Path, known: Any, part: str, name: str) -> tuple[Path, Any]:
    """One step into a field. Problem 422 where there is nothing of this name."""
    match known:
        case fields.Nested() if part in known.schema.load_fields:
            return (*path, part), known.schema.load_fields[part]
        case fields.List() if part.isascii() and part.isdecimal() and 1 <= int(part[:4]) <= known.most:
            return (*path, int(part[:4]) - 1), known.inner
        case fields.Money() if part in ("amount", "currency"):
            return (*path, part), _AMOUNT if part == "amount" else _CURRENCY
    raise _unknown(known, name)


def _unknown(known: Any, name: str) -> Exception:
    inside = [name_of(path) for path, _ in _columns((), known, ())]
    return wrong(_pointer(name), "unknown_field", f"is no column; there are {', '.join(inside) or 'none below it'}")


def _pointer(name: str) -> str:
    return "/" + name[:MOST_OF_A_NAME].replace("~", "~0").replace("/", "~1")


def _put(document: dict[Any, Any], path: Path, value: Any) -> None:
    *way, last = path
    for part in way:
        document = document.setdefault(part, {})
    document[last] = value


def _listed(document: Any) -> Any:
    """With lists where places were counted; places nobody filled are not there."""
    if not isinstance(document, dict):
        return document
    inner = {part: _listed(each) for part, each in document.items()}
    if inner and all(isinstance(part, int) for part in inner):
        return [inner[place] for place in sorted(inner)]
    return inner


def rows_of(documents: Iterable[Mapping[str, Any]], schema: Schema) -> Iterator[list[str | int | Decimal | None]]:
    """The documents as rows under their header."""
    known = list(documents)
    columns = list(columns_of(schema, known))
    yield [name_of(path) for path, _ in columns]
    for document in known:
        yield [cell_of(document, path, field) for path, field in columns]
