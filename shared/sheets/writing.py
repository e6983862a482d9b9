"""Writes tables as CSV or XLSX files without formulas."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from shared.sheets.formulas import escape_formula
from shared.sheets.xlsx_writing import write_xlsx

EXACT_DIGITS = 15
"""Digits kept exactly by a spreadsheet program, which calculates in binary."""

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "xlsx": XLSX}

_BYTE_ORDER_MARK = "\ufeff"

Value = str | int | Decimal | None


def write_sheet(form: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """Return the rows as a file. Texts that would be read as formulas get an apostrophe in front."""
    return {"csv": _write_csv, "xlsx": _write_xlsx}[form](rows)


def _write_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return CSV (RFC 4180) in UTF-8 with all fields quoted, with the byte order mark that Excel needs."""
    file = io.BytesIO()
    file.write(_BYTE_ORDER_MARK.encode())
    for row in rows:
        file.write((",".join(_csv_field(each) for each in row) + "\r\n").encode())
    return file.getvalue()


def _csv_field(value: Value) -> str:
    """Return a value in quotes, so that no separator or line break in it can begin another field."""
    if value is None:
        return '""'
    return '"' + _text_of(value).replace('"', '""') + '"'


def _text_of(value: str | int | Decimal) -> str:
    """Return the text of a value; a number is no formula, also if it is negative."""
    if isinstance(value, str):
        return escape_formula(value)
    return format(value, "f" if isinstance(value, Decimal) else "")


def _write_xlsx(rows: Iterable[Sequence[Value]]) -> bytes:
    return write_xlsx([_xlsx_value(each) for each in row] for row in rows)


def _xlsx_value(value: Value) -> Value:
    """Return a number as a number if a spreadsheet program keeps all its digits, any other value as a text."""
    if isinstance(value, str):
        return escape_formula(value)
    if value is None or len(Decimal(value).as_tuple().digits) <= EXACT_DIGITS:
        return value
    return _text_of(value)
