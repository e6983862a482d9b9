"""Number formats of an XLSX file: what a number is shown as, and numbers, days and times as text."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from shared.sheets.cells import CellKind
from shared.sheets.xlsx_package import Package, read_elements

EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet program keeps and shows; it calculates in binary."""


_IN_FORMAT_QUOTES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DATE_LETTERS = re.compile(r"[dmyhs]|\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_BUILT_IN_PERCENTAGES = frozenset({9, 10})
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 (a sheet has no time zones)
_LEAP_DAY_1900 = 60
"""The number of 29 February 1900, a day that spreadsheet programs have and the calendar lacks."""


def read_formats(package: Package, part: str) -> list[CellKind]:
    """Return what a number is shown as, by the index of its style."""
    codes: dict[str, str] = {}
    kinds: list[CellKind] = []
    is_inside = False
    for name, attributes in read_elements(package, part):
        if name == "numFmt":
            codes.setdefault(attributes["numFmtId"], attributes["formatCode"])
        elif name in ("cellXfs", "cellStyles"):
            is_inside = name == "cellXfs"
        elif name == "xf" and is_inside:
            number = attributes.get("numFmtId", "0")
            kinds.append(_kind_of_format(int(number), codes.get(number)))
    return kinds


@cache
def _kind_of_format(number: int, code: str | None) -> CellKind:
    if code is None:
        is_percentage = number in _BUILT_IN_PERCENTAGES
        other = CellKind.PERCENTAGE if is_percentage else CellKind.NUMBER
        return CellKind.DATE if number in _BUILT_IN_DATES else other
    first = code.partition(";")[0]
    plain = _IN_FORMAT_QUOTES.sub("", first)
    if _DATE_LETTERS.search(plain.replace("General", "")) or re.search(r"\[(?:h+|m+|s+)\]", first, re.IGNORECASE):
        return CellKind.DATE
    if "%" in plain:
        return CellKind.PERCENTAGE
    return CellKind.PADDED if re.split(r"[.E]", plain)[0].count("0") > 1 else CellKind.NUMBER


def number_text(value: float) -> str:
    """Return a number as the spreadsheet shows it with all its digits, in plain digits."""
    return format(Decimal(format(value, f".{EXACT_DIGITS}g")), "f")


def date_text(value: float, epoch: datetime) -> str:
    """Return a day, a time or both (ISO 8601)."""
    if epoch is EPOCH and value < _LEAP_DAY_1900:
        value += 1
    moment = epoch + timedelta(seconds=round(value * 86_400))
    is_whole_day = moment.hour == moment.minute == moment.second == 0
    return moment.date().isoformat() if is_whole_day else moment.isoformat()
