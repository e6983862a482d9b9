"""CSV files as spreadsheet programs of all countries write them."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from shared.sheets.cells import MAX_CELL_LENGTH, Cell, CellKind, SheetError

_ENCODING_BY_MARK = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BEGINNING = 65_536
"""Characters in which the header ends."""
_SEPARATORS = ",;\t"
_STATED_SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
"""The first line by which Excel states the separator; it shows no row for it."""
_IN_QUOTES = re.compile(r'"[^"]*"')
_ERRORS = frozenset(
    {
        "#BUSY!", "#CALC!", "#CONNECT!", "#DIV/0!", "#FIELD!", "#GETTING_DATA", "#N/A", "#NAME?", "#NULL!", "#NUM!",
        "#REF!", "#SPILL!", "#VALUE!",
    }
)  # fmt: skip
_SHORTENED = re.compile(r"-?[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}")
_HOW_TO_SAVE = (
    "In Excel, save it as 'CSV UTF-8 (Comma delimited)'; or state the encoding: "
    "'Content-Type: text/csv; charset=windows-1252'."
)


def read_csv(file: BinaryIO, charset: str) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows with their numbers. `charset` is the stated one, or empty. Raises SheetError."""
    encoding = _encoding_of(file, charset)
    try:
        yield from _rows(file, encoding)
    except UnicodeError:
        detail = f"The CSV file is not {charset or 'UTF-8 or UTF-16 with a byte order mark'}. {_HOW_TO_SAVE}"
        raise SheetError("not_utf8", detail) from None
    except csv.Error as malformed:
        raise SheetError("malformed_sheet", f"Malformed CSV: {malformed}.") from None


def _encoding_of(file: BinaryIO, charset: str) -> str:
    beginning = file.read(3)
    file.seek(0)
    return next((name for mark, name in _ENCODING_BY_MARK if beginning.startswith(mark)), charset or "utf-8")


def _rows(file: BinaryIO, encoding: str) -> Iterator[tuple[int, list[Cell]]]:
    beginning = io.TextIOWrapper(file, encoding, newline="")
    begins_with = beginning.read(_BEGINNING)
    beginning.detach()
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding, newline="")
    stated = _STATED_SEPARATOR.match(begins_with)
    if stated:
        lines.readline()
    csv.field_size_limit(MAX_CELL_LENGTH)
    rows = csv.reader(lines, delimiter=stated[1] if stated else _separator_of(begins_with), strict=True)
    for number, texts in enumerate(rows, 1):
        yield number, [_cell(each) for each in texts]


def _separator_of(text: str) -> str:
    """Return the separator that the header has most often outside quotes."""
    header = re.split(r"[\r\n]", _IN_QUOTES.sub("", text), maxsplit=1)[0]
    return max(_SEPARATORS, key=header.count)


def _cell(text: str) -> Cell:
    if text[:1] == "#" and text in _ERRORS:
        return Cell(text, CellKind.ERROR)
    if "E+" in text and _SHORTENED.fullmatch(text):
        return Cell(text, CellKind.SHORTENED)
    return Cell(text)
