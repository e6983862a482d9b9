"""Tables of texts as CSV or XLSX: reads the files of spreadsheet programs, and never writes formulas."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile, ZipFile

from shared.money import plain_number
from shared.web.problems import ProblemError

MAX_COLUMNS = 500
MAX_UNPACKED_BYTES = 16 << 20
EXACT_DIGITS = 15
"""Digits kept exactly by a spreadsheet program, which calculates in binary."""

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "xlsx": XLSX}

_BYTE_ORDER_MARK = "\ufeff"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")
_SEPARATORS = ",;\t"
_NEEDS_QUOTES = re.compile(rf'["{_SEPARATORS}\r\n]')
_IN_QUOTES = re.compile(r'"[^"]*"')

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class SheetRow:
    """One row of a sheet: its texts without empty ones at the end, and its number (the header is 1)."""

    number: int
    cells: Sequence[str]


def write_sheet(form: str, rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the rows as a file. Texts that would be read as formulas get an apostrophe in front."""
    return {"csv": _write_csv, "xlsx": _write_xlsx}[form](rows)


def read_sheet(form: str, body: bytes, max_rows: int) -> Iterator[SheetRow]:
    """Yield rows that are not empty; at most 2 * `max_rows` of XLSX. Raises ProblemError 400 for a malformed file."""
    rows = {"csv": _read_csv, "xlsx": _read_xlsx}[form](body, max_rows)
    for number, cells in enumerate(rows, 1):
        texts = [_unescape_formula(each) for each in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield SheetRow(number, texts)


# -- writing


def escape_formula(text: str) -> str:
    """Return the text, with an apostrophe in front if a spreadsheet program would read it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _write_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return CSV (RFC 4180) in UTF-8, with the byte order mark that Excel needs to recognize UTF-8."""
    lines = (",".join(_csv_cell(each) for each in row) + "\r\n" for row in rows)
    return (_BYTE_ORDER_MARK + "".join(lines)).encode()


def _csv_cell(cell: Cell) -> str:
    """Return a cell, in quotes if it contains what any program may take for a separator."""
    if cell is None:
        return ""
    text = escape_formula(format(cell, "f") if isinstance(cell, Decimal) else str(cell))
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _write_xlsx(rows: Iterable[Sequence[Cell]]) -> bytes:
    from openpyxl import Workbook  # imported only where needed: it takes memory and time to start

    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in rows:
        page.append([_xlsx_cell(each) for each in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _xlsx_cell(cell: Cell) -> Cell:
    """Return a number as a number if all its digits are kept, any other value as a text."""
    if isinstance(cell, Decimal):
        return cell if len(cell.as_tuple().digits) <= EXACT_DIGITS else escape_formula(format(cell, "f"))
    return escape_formula(cell) if isinstance(cell, str) else cell


# -- reading


def _unescape_formula(text: str) -> str:
    """Return the text without the apostrophe of `escape_formula`."""
    return text[1:] if _QUOTED.match(text) else text


def _read_csv(body: bytes, max_rows: int) -> Iterator[Sequence[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemError(400, "not_utf8", "The CSV file must be UTF-8.") from None
    header = _IN_QUOTES.sub("", text).partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from rows
    except csv.Error as malformed:
        raise ProblemError(400, "malformed_sheet", f"Malformed CSV: {malformed}.") from None


def _read_xlsx(body: bytes, max_rows: int) -> Iterator[Sequence[str]]:
    """Yield the first sheet row by row, never more than `max_rows` needs, whatever size the file states."""
    from openpyxl import load_workbook  # as above
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _require_size(body)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        page = book.worksheets[0]
        for row in page.iter_rows(max_row=2 * max_rows, max_col=MAX_COLUMNS, values_only=True):
            yield [_cell_text(each) for each in row]
    except ProblemError:
        raise
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, OSError) as malformed:
        raise ProblemError(400, "malformed_sheet", "The file is not a valid XLSX file.") from malformed


def _require_size(body: bytes) -> None:
    """Refuse a file that would unpack to a large one; no more is read than the size stated inside."""
    with ZipFile(io.BytesIO(body)) as packed:
        if sum(each.file_size for each in packed.infolist()) > MAX_UNPACKED_BYTES:
            raise ProblemError(413, "too_large", f"The file exceeds {MAX_UNPACKED_BYTES} bytes when unpacked.")


def _cell_text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float() | int():
            return plain_number(Decimal(repr(cell)))
        case datetime():
            return (cell.date() if cell == datetime.combine(cell.date(), datetime.min.time()) else cell).isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
