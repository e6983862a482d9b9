"""XLSX files (ECMA-376), read part by part within bounds.

openpyxl is not used for reading: it parses all shared strings before the first row, and shows a formula or its stored
result, but not whether a formula has one. python-calamine returns neither formulas nor number formats.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO
from zipfile import ZipFile

from shared.sheets.cells import Cell, SheetError
from shared.sheets.xlsx_formats import EPOCH, EPOCH_1904, read_formats
from shared.sheets.xlsx_package import Package
from shared.sheets.xlsx_sheet import SheetParser
from shared.sheets.xlsx_workbook import read_strings, read_workbook

Row = tuple[int, list[Cell]]


def read_xlsx(file: BinaryIO) -> Iterator[Row]:
    """Yield the rows of the first visible sheet. Raises SheetError, and other errors for a malformed file."""
    package = Package(ZipFile(file))
    workbook = read_workbook(package)
    strings = read_strings(package, workbook.strings_part) if workbook.strings_part else []
    formats = read_formats(package, workbook.styles_part) if workbook.styles_part else []
    epoch = EPOCH_1904 if workbook.is_from_1904 else EPOCH

    def rows_of(part: str) -> Iterator[Row]:
        return SheetParser(strings, formats, epoch).rows(package, part)

    (first, part), *others = workbook.visible_sheets
    header: list[str] = []
    for number, cells in rows_of(part):
        header = header or _texts(cells)
        yield number, cells
    if not header:
        raise SheetError("empty", _first_sheet_is_empty(first, [name for name, _ in others]))
    for name, other_part in others:
        _require_other_columns(name, header, rows_of(other_part))


def _texts(cells: Iterable[Cell]) -> list[str]:
    """Return the texts of the cells that are not empty, in any order and case."""
    return sorted(each.text.strip().casefold() for each in cells if not each.is_empty)


def _require_other_columns(name: str, header: Sequence[str], rows: Iterator[Row]) -> None:
    """Refuse a workbook that continues on another sheet, whose rows would be lost."""
    found = (texts for _, cells in rows if (texts := _texts(cells)))
    if next(found, None) == header and next(found, None):
        raise SheetError(
            "several_sheets",
            f"The sheet '{name}' has rows of the same columns, and the import reads only the first sheet. Put all rows "
            "into one sheet, or save each sheet as a file of its own.",
        )


def _first_sheet_is_empty(first: str, others: Sequence[str]) -> str:
    listed = ", ".join(f"'{each}'" for each in others[:5])
    advice = f" The import reads the first sheet; move the one with the data to the front: {listed}." if others else ""
    return f"The sheet '{first}' is empty: it needs a header with the names of the columns, and rows.{advice}"
