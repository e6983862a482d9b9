"""XLSX files (ECMA-376), read part by part within bounds.

openpyxl is not used for reading: it parses all shared strings before the first row, and shows a formula or its stored
result, but not whether a formula has one. python-calamine returns neither formulas nor number formats.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO
from zipfile import ZipFile

from shared.sheets.cells import Cell, SheetError
from shared.sheets.xlsx_formats import EPOCH, EPOCH_1904, read_formats
from shared.sheets.xlsx_package import Package
from shared.sheets.xlsx_sheet import SheetParser
from shared.sheets.xlsx_workbook import read_strings, read_workbook


def read_xlsx(file: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows of the first visible sheet. Raises SheetError, and other errors for a malformed file."""
    package = Package(ZipFile(file))
    workbook = read_workbook(package)
    strings = read_strings(package, workbook.strings_part) if workbook.strings_part else []
    formats = read_formats(package, workbook.styles_part) if workbook.styles_part else []
    epoch = EPOCH_1904 if workbook.is_from_1904 else EPOCH
    is_empty = True
    for number, cells in SheetParser(strings, formats, epoch).rows(package, workbook.sheet_part):
        is_empty = is_empty and all(each.is_empty for each in cells)
        yield number, cells
    if is_empty:
        raise SheetError("empty", _first_sheet_is_empty(workbook.visible_sheets))


def _first_sheet_is_empty(names: Sequence[str]) -> str:
    first, *others = names
    listed = ", ".join(f"'{each}'" for each in others[:5])
    advice = f" The import reads the first sheet; move the one with the data to the front: {listed}." if others else ""
    return f"The sheet '{first}' is empty: it needs a header with the names of the columns, and rows.{advice}"
