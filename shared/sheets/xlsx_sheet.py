"""The rows of one sheet of an XLSX file, parsed cell by cell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from shared.sheets.cells import (
    EMPTY,
    MAX_CELLS,
    MAX_COLUMNS,
    Cell,
    CellKind,
    too_many_cells,
    too_many_columns,
)
from shared.sheets.xlsx_formats import date_text, number_text
from shared.sheets.xlsx_package import Attributes, Package, XmlParser
from shared.sheets.xlsx_workbook import plain_text

_CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class _OpenCell:
    """The cell that is being parsed."""

    place: int = 0
    type: str = "n"
    style: int = 0
    value: str | None = None
    inline: list[str] = field(default_factory=list)
    has_formula: bool = False


class SheetParser(XmlParser):
    """The rows of one sheet."""

    def __init__(self, strings: Sequence[str], formats: Sequence[CellKind], epoch: datetime) -> None:
        super().__init__()
        self._strings, self._formats, self._epoch = strings, formats, epoch
        self._number = 0
        self._cells: list[Cell] = []
        self._cell = _OpenCell()
        self._complete: list[tuple[int, list[Cell]]] = []
        self._is_phonetic = False
        self._cells_left = MAX_CELLS

    def rows(self, package: Package, part: str) -> Iterator[tuple[int, list[Cell]]]:
        """Yield number and cells of each row of the sheet."""
        for _ in self.parse(package, part):
            yield from self._complete
            self._complete = []

    def start(self, name: str, attributes: Attributes) -> None:
        match name:
            case "c":
                self._start_cell(attributes)
            case "v":
                self._texts = []
            case "t" if not self._is_phonetic:
                self._texts = []
            case "f":
                self._cell.has_formula = True
            case "row":
                self._start_row(attributes)
            case "rPh":
                self._is_phonetic = True

    def end(self, name: str) -> None:
        match name:
            case "c":
                self._end_cell()
            case "v":
                self._cell.value = self.collected()
            case "t" if not self._is_phonetic:
                self._cell.inline.append(self.collected())
            case "row":
                self._complete.append((self._number, self._cells))
            case "rPh":
                self._is_phonetic = False

    def _start_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if number <= self._number:
            raise ValueError("rows out of order")
        self._number, self._cells = number, []
        self._cell = _OpenCell(-1)

    def _start_cell(self, attributes: Attributes) -> None:
        self._cells_left -= 1
        if self._cells_left < 0:
            raise too_many_cells()
        place = _place_of(attributes["r"]) if "r" in attributes else self._cell.place + 1
        self._cell = _OpenCell(place, attributes.get("t", "n"), int(attributes.get("s", "0")))

    def _end_cell(self) -> None:
        made = self._made()
        if made == EMPTY:
            return
        place = self._cell.place
        if place >= MAX_COLUMNS:
            raise too_many_columns(self._number, place)
        if place < len(self._cells):
            raise ValueError("cells out of order")
        self._cells.extend([EMPTY] * (place - len(self._cells)))
        self._cells.append(made)

    def _made(self) -> Cell:
        cell = self._cell
        value = cell.value
        if cell.type in ("inlineStr", "str"):
            return Cell(plain_text("".join(cell.inline) or value or ""))
        if not value:
            return Cell("", CellKind.FORMULA) if cell.has_formula else EMPTY
        if cell.type == "n":
            return self._number_cell(value)
        if cell.type == "s":
            return Cell(self._strings[_index(value)])
        return _other_cell(cell.type, value)

    def _number_cell(self, text: str) -> Cell:
        value = float(text)
        if not isfinite(value):
            raise ValueError("not a number")
        kind = self._formats[self._cell.style] if self._cell.style < len(self._formats) else CellKind.NUMBER
        if kind is CellKind.DATE:
            return Cell(date_text(value, self._epoch), kind)
        return Cell(number_text(value * 100 if kind is CellKind.PERCENTAGE else value), kind)


def _other_cell(cell_type: str, value: str) -> Cell:
    match cell_type:
        case "b":
            return Cell("true" if value.strip() in ("1", "true") else "false", CellKind.BOOLEAN)
        case "e":
            return Cell(value, CellKind.ERROR)
        case "d":
            return Cell(value.removesuffix("T00:00:00"), CellKind.DATE)
    raise ValueError("unknown type of cell")


def _index(text: str) -> int:
    """Return the index of a shared string; a negative one is an error, not the end of the list."""
    if not text.strip().isdecimal():
        raise ValueError("not an index")
    return int(text)


def _place_of(reference: str) -> int:
    """Return the column of a cell such as `C3`, the first being 0."""
    match = _CELL_REFERENCE.fullmatch(reference)
    if not match:
        raise ValueError("not a cell reference")
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1
