"""Tables of texts as CSV or XLSX: what spreadsheet programs write is read, and nothing we write is a formula there."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shared.money import plain
from shared.web.problems import Problem

MOST_COLUMNS = 500
MOST_UNPACKED = 16 << 20
EXACT_DIGITS = 15
"""So many digits survive in a spreadsheet program, which calculates in binary."""

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "xlsx": XLSX}

_BYTE_ORDER_MARK = "\ufeff"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")
_SEPARATORS = ",;\t"

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Row:
    """The texts of one row, empty ones at its end left out, and its number in the sheet: 1 is the header."""

    number: int
    cells: Sequence[str]


def written(form: str, rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as a file. What a spreadsheet program would take for a formula begins with an apostrophe."""
    return {"csv": _as_csv, "xlsx": _as_xlsx}[form](rows)


def read(form: str, body: bytes, most_rows: int) -> Iterator[Row]:
    """The rows that are not empty, at most `most_rows` + 1 of them. Problem 400 unless it is such a file."""
    rows = {"csv": _from_csv, "xlsx": _from_xlsx}[form](body, most_rows)
    for number, cells in enumerate(rows, 1):
        texts = [_as_meant(each) for each in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield Row(number, texts)


# -- writing


def harmless(text: str) -> str:
    """The text, quoted by an apostrophe where a spreadsheet program would calculate (S28 of the threat list)."""
    return f"'{text}" if _FORMULA.match(text) else text


def _as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """RFC 4180 in UTF-8, with the byte order mark without which Excel takes it for something else."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([_in_csv(each) for each in row] for row in rows)
    return (_BYTE_ORDER_MARK + file.getvalue()).encode()


def _in_csv(cell: Cell) -> str:
    return "" if cell is None else harmless(format(cell, "f") if isinstance(cell, Decimal) else str(cell))


def _as_xlsx(rows: Iterable[Sequence[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in rows:
        page.append([_in_xlsx(each) for each in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _in_xlsx(cell: Cell) -> Cell:
    """A number as a number where none of its digits gets lost, anything else as a text."""
    if isinstance(cell, Decimal):
        return cell if len(cell.as_tuple().digits) <= EXACT_DIGITS else harmless(format(cell, "f"))
    return harmless(cell) if isinstance(cell, str) else cell


# -- reading


def _as_meant(text: str) -> str:
    """Without the apostrophe that made it harmless."""
    return text[1:] if _QUOTED.match(text) else text


def _from_csv(body: bytes, most_rows: int) -> Iterator[Sequence[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(400, "not_utf8", "A CSV file must be UTF-8.") from None
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from rows
    except csv.Error as malformed:
        raise Problem(400, "malformed_sheet", f"This is not CSV: {malformed}.") from None


def _from_xlsx(body: bytes, most_rows: int) -> Iterator[Sequence[str]]:
    """Its first page, read row by row and never further than asked, whatever size the file claims to have."""
    try:
        _judge_size(body)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        page = book.worksheets[0]
        for row in page.iter_rows(max_row=2 * most_rows, max_col=MOST_COLUMNS, values_only=True):
            yield [_text(each) for each in row]
    except Problem:
        raise
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, OSError) as malformed:
        raise Problem(400, "malformed_sheet", "This is not an XLSX file.") from malformed


def _judge_size(body: bytes) -> None:
    """A small file that unpacks to a large one is not unpacked: nothing is read beyond the size stated inside."""
    with ZipFile(io.BytesIO(body)) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
            raise Problem(413, "too_large", f"The file may unpack to {MOST_UNPACKED} bytes.")


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() | int():
            return plain(Decimal(repr(cell)))
        case datetime():
            return (cell.date() if cell == datetime.combine(cell.date(), datetime.min.time()) else cell).isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
