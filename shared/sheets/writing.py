"""Writes tables as CSV or XLSX files without formulas."""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from shared.sheets.formulas import escape_formula

EXACT_DIGITS = 15
"""Digits kept exactly by a spreadsheet program, which calculates in binary."""

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "xlsx": XLSX}

_BYTE_ORDER_MARK = "\ufeff"
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

Value = str | int | Decimal | None


def write_sheet(form: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """Return the rows as a file. Texts that would be read as formulas get an apostrophe in front."""
    return {"csv": _write_csv, "xlsx": _write_xlsx}[form](rows)


def _write_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return CSV (RFC 4180) in UTF-8 with all fields quoted, with the byte order mark that Excel needs."""
    lines = (",".join(_csv_field(each) for each in row) + "\r\n" for row in rows)
    return (_BYTE_ORDER_MARK + "".join(lines)).encode()


def _csv_field(value: Value) -> str:
    """Return a value in quotes, so that no separator or line break in it can begin another field."""
    return '"' + _text_of(value).replace('"', '""') + '"'


def _text_of(value: Value) -> str:
    if value is None:
        return ""
    return escape_formula(format(value, "f") if isinstance(value, Decimal) else str(value))


def _write_xlsx(rows: Iterable[Sequence[Value]]) -> bytes:
    from openpyxl import Workbook  # imported only where needed: it takes memory and time to start

    book = Workbook(write_only=True)
    page = book.create_sheet()
    for row in rows:
        page.append([_xlsx_value(each) for each in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _xlsx_value(value: Value) -> Value:
    """Return a number as a number if all its digits are kept, any other value as a text."""
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= EXACT_DIGITS:
        return value
    if value is None or isinstance(value, int):
        return value
    return _LOOKS_ESCAPED.sub("_x005F_", _text_of(value)).replace("\r", "_x000D_")
