"""Cells and rows of a sheet, and the bounds of what is read."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

MAX_ROWS = 50_000
"""Rows of a sheet that are not empty, without the header."""
MAX_COLUMNS = 500
MAX_CELLS = 1_000_000
MAX_CELL_LENGTH = 32_767
"""Characters that a spreadsheet program keeps in one cell."""
MIB = 1 << 20


class CellKind(StrEnum):
    """What a cell holds in the spreadsheet program; the cells of a CSV file are texts, apart from damaged ones."""

    TEXT = "text"
    NUMBER = "number"
    PADDED = "padded"
    """A number that is shown with zeros before it, which the value lacks."""
    PERCENTAGE = "percentage"
    SHORTENED = "shortened"
    """A number of which only the first digits were written to the file."""
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"
    FORMULA = "formula"
    """A formula whose result is not stored in the file."""


class Cell(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The text of a cell, and what the cell holds."""

    text: str
    kind: CellKind = CellKind.TEXT

    @property
    def is_empty(self) -> bool:
        return self.kind is CellKind.TEXT and (not self.text or self.text.isspace())


EMPTY = Cell("")


class SheetRow(msgspec.Struct, array_like=True, frozen=True):
    """A row that is not empty: its number as the spreadsheet shows it, and its cells without empty ones at the end."""

    number: int
    cells: list[Cell]


class SheetProblem(msgspec.Struct):
    """Why a file cannot be read, as the reading process reports it."""

    code: str
    detail: str


class SheetError(Exception):
    """Raised for a file that cannot be read as a sheet, or that exceeds the bounds."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def column_letters(place: int) -> str:
    """Return the letters by which a spreadsheet shows a column, the first being 0: `A`, `Z`, `AA`."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def cell_name(row: int, place: int) -> str:
    """Return the name of a cell, such as `C3`."""
    return f"{column_letters(place)}{row}"


def bounded_rows(rows: Iterable[tuple[int, list[Cell]]]) -> Iterator[SheetRow]:
    """Yield the rows that are not empty. Raises SheetError for more rows or cells than can be imported."""
    count, cells_left = -1, MAX_CELLS
    for number, cells in rows:
        while cells and cells[-1].is_empty:
            cells.pop()
        if not cells:
            continue
        count, cells_left = count + 1, cells_left - len(cells)
        if count > MAX_ROWS:
            raise too_many_rows()
        if cells_left < 0:
            raise too_many_cells()
        if len(cells) > MAX_COLUMNS:
            raise too_many_columns(number, len(cells) - 1)
        yield SheetRow(number, cells)


def too_many_rows() -> SheetError:
    return SheetError(
        "too_many",
        f"The sheet has more than {MAX_ROWS} rows. Split it into files of at most so many, each with the header.",
    )


def too_many_cells() -> SheetError:
    detail = f"The sheet has more than {MAX_CELLS} cells. Remove the empty ones, or split it into several files."
    return SheetError("too_many_cells", detail)


def too_many_columns(row: int, place: int) -> SheetError:
    last = f"{column_letters(MAX_COLUMNS - 1)}, column {MAX_COLUMNS}"
    detail = f"Cell {cell_name(row, place)} is beyond the last column that can be imported ({last})."
    return SheetError("too_many_columns", detail)
