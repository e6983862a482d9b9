"""XLSX files (ECMA-376), read part by part within bounds.

openpyxl is not used for reading: it parses all shared strings before the first row, and shows a formula or its stored
result, but not whether a formula has one. python-calamine returns neither formulas nor number formats.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from math import isfinite
from posixpath import join, normpath
from typing import Any, BinaryIO
from xml.parsers.expat import ParserCreate
from zipfile import ZipFile

from shared.sheets.cells import (
    EMPTY,
    MAX_CELL_LENGTH,
    MAX_CELLS,
    MAX_COLUMNS,
    MIB,
    Cell,
    CellKind,
    SheetError,
    too_many_cells,
    too_many_columns,
)

MAX_UNPACKED_BYTES = 256 * MIB
MAX_SHEETS = 255
MAX_STRINGS = 1_000_000
MAX_DEPTH = 64
MAX_ELEMENTS = 500_000
"""Elements of a part that describes the workbook or its styles."""
EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet program keeps and shows; it calculates in binary."""

_CHUNK = 65_536
_CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_IN_FORMAT_QUOTES = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DATE_LETTERS = re.compile(r"[dmyhs]|\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_BUILT_IN_PERCENTAGES = frozenset({9, 10})
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 (a sheet has no time zones)
_LEAP_DAY_1900 = 60
"""The number of 29 February 1900, a day that spreadsheet programs have and the calendar lacks."""

Attributes = Mapping[str, str]


def read_xlsx(file: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows of the first visible sheet. Raises SheetError, and other errors for a malformed file."""
    package = _Package(ZipFile(file))
    workbook = _read_workbook(package)
    strings = _read_strings(package, workbook.strings_part) if workbook.strings_part else []
    formats = _read_formats(package, workbook.styles_part) if workbook.styles_part else []
    epoch = _EPOCH_1904 if workbook.is_from_1904 else _EPOCH
    is_empty = True
    for number, cells in _SheetParser(strings, formats, epoch).rows(package, workbook.sheet_part):
        is_empty = is_empty and all(each.is_empty for each in cells)
        yield number, cells
    if is_empty:
        raise SheetError("empty", _first_sheet_is_empty(workbook.visible_sheets))


def _first_sheet_is_empty(names: Sequence[str]) -> str:
    first, *others = names
    listed = ", ".join(f"'{each}'" for each in others[:5])
    advice = f" The import reads the first sheet; move the one with the data to the front: {listed}." if others else ""
    return f"The sheet '{first}' is empty: it needs a header with the names of the columns, and rows.{advice}"


class _Package:
    """The parts of the archive, unpacked piece by piece; all of them together within the bound."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive, self._bytes_left = archive, MAX_UNPACKED_BYTES
        if sum(each.file_size for each in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise _too_large()
        self.names = frozenset(archive.namelist())

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                self._bytes_left -= len(chunk)
                if self._bytes_left < 0:
                    raise _too_large()
                yield chunk


def _too_large() -> SheetError:
    detail = f"The file exceeds {MAX_UNPACKED_BYTES // MIB} MiB when unpacked. Split it into several."
    return SheetError("too_large", detail)


class _XmlParser:
    """Streaming parser of one part; subclasses handle the beginning and the end of elements, named without prefix."""

    def __init__(self) -> None:
        self._expat = ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._collect
        self._expat.StartDoctypeDeclHandler = _refuse_doctype
        self._texts: list[str] | None = None
        self._depth = 0

    def parse(self, package: _Package, name: str) -> Iterator[None]:
        """Parse the part; the handlers have run for all elements so far at each step."""
        for chunk in package.chunks(name):
            self._expat.Parse(chunk)
            yield
        self._expat.Parse(b"", True)
        yield

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SheetError("malformed_sheet", f"The file is nested deeper than {MAX_DEPTH} levels.")
        self.start(name.rpartition(" ")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(name.rpartition(" ")[2])

    def _collect(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def collected(self) -> str:
        """Return the characters since collecting began, and end it."""
        text = "".join(self._texts or ())
        self._texts = None
        return text

    def start(self, name: str, attributes: Attributes) -> None:
        """Handle the beginning of an element."""

    def end(self, name: str) -> None:
        """Handle the end of an element."""


def _refuse_doctype(*_: Any) -> None:
    raise SheetError("malformed_sheet", "The file is not a valid XLSX file: it declares a document type.")


class _ElementParser(_XmlParser):
    """Name and attributes of all elements of a small part."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.found.append((name, attributes))
        if len(self.found) > MAX_ELEMENTS:
            raise SheetError("too_complex", f"A part of the file has more than {MAX_ELEMENTS} elements.")


def _read_elements(package: _Package, part: str) -> list[tuple[str, Attributes]]:
    parser = _ElementParser()
    for _ in parser.parse(package, part):
        pass
    return parser.found


# -- the workbook and its parts


@dataclass
class _Workbook:
    sheet_part: str
    visible_sheets: list[str]
    is_from_1904: bool
    strings_part: str | None
    styles_part: str | None


def _read_workbook(package: _Package) -> _Workbook:
    part = _workbook_part(package)
    elements = _read_elements(package, part)
    sheets = [attributes for name, attributes in elements if name == "sheet"]
    if len(sheets) > MAX_SHEETS:
        raise SheetError("too_many_sheets", f"The workbook has more than {MAX_SHEETS} sheets.")
    visible = [each for each in sheets if each.get("state", "visible") == "visible"] or sheets
    settings = next((attributes for name, attributes in elements if name == "workbookPr"), {})
    relations = _relations(package, part)
    targets = dict(relations.values())
    return _Workbook(
        relations[_relation_id(visible[0])][1],
        [each.get("name", "") for each in visible],
        settings.get("date1904") in ("1", "true"),
        targets.get("sharedStrings"),
        targets.get("styles"),
    )


def _relation_id(sheet: Attributes) -> str:
    return next(value for name, value in sheet.items() if name.endswith(" id"))


def _workbook_part(package: _Package) -> str:
    known = _relations(package, "") if "_rels/.rels" in package.names else {}
    return next((target for kind, target in known.values() if kind == "officeDocument"), "xl/workbook.xml")


def _relations(package: _Package, part: str) -> dict[str, tuple[str, str]]:
    """Return kind and target of each relation of a part, by its id."""
    folder, _, name = part.rpartition("/")
    elements = _read_elements(package, join(folder, "_rels", f"{name}.rels"))
    return {
        each["Id"]: (each["Type"].rpartition("/")[2], normpath(join("/", folder, each["Target"])).lstrip("/"))
        for name, each in elements
        if name == "Relationship"
    }


class _StringsParser(_XmlParser):
    """The shared strings, without the phonetic readings of Japanese."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self._parts: list[str] = []
        self._is_phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "t" and not self._is_phonetic:
            self._texts = []
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name == "t" and not self._is_phonetic:
            self._parts.append(self.collected())
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            self.strings.append(_plain_text("".join(self._parts)))
            self._parts = []
            if len(self.strings) > MAX_STRINGS:
                raise too_many_cells()


def _read_strings(package: _Package, part: str) -> Sequence[str]:
    parser = _StringsParser()
    for _ in parser.parse(package, part):
        pass
    return parser.strings


def _plain_text(text: str) -> str:
    """Return a text with its escaped characters, such as `_x000D_`."""
    if len(text) > MAX_CELL_LENGTH * 7:
        raise SheetError("too_long", f"A cell has more than {MAX_CELL_LENGTH} characters.")
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


# -- number formats


def _read_formats(package: _Package, part: str) -> list[CellKind]:
    """Return what a number is shown as, by the index of its style."""
    codes: dict[str, str] = {}
    kinds: list[CellKind] = []
    is_inside = False
    for name, attributes in _read_elements(package, part):
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


def _number_text(value: float) -> str:
    """Return a number as the spreadsheet shows it with all its digits, in plain digits."""
    return format(Decimal(format(value, f".{EXACT_DIGITS}g")), "f")


def _date_text(value: float, epoch: datetime) -> str:
    """Return a day, a time or both (ISO 8601)."""
    if epoch is _EPOCH and value < _LEAP_DAY_1900:
        value += 1
    moment = epoch + timedelta(seconds=round(value * 86_400))
    is_whole_day = moment.hour == moment.minute == moment.second == 0
    return moment.date().isoformat() if is_whole_day else moment.isoformat()


# -- the sheet


@dataclass
class _OpenCell:
    """The cell that is being parsed."""

    place: int = 0
    type: str = "n"
    style: int = 0
    value: str | None = None
    inline: list[str] = field(default_factory=list)
    has_formula: bool = False


class _SheetParser(_XmlParser):
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

    def rows(self, package: _Package, part: str) -> Iterator[tuple[int, list[Cell]]]:
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
            return Cell(_plain_text("".join(cell.inline) or value or ""))
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
            return Cell(_date_text(value, self._epoch), kind)
        return Cell(_number_text(value * 100 if kind is CellKind.PERCENTAGE else value), kind)


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
