"""The workbook of an XLSX file: its visible sheets, where its parts are, and its shared strings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import join, normpath

from shared.sheets.cells import MAX_CELL_LENGTH, SheetError, too_many_cells
from shared.sheets.xlsx_package import Attributes, Package, XmlParser, read_elements

MAX_SHEETS = 255
MAX_STRINGS = 1_000_000

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Workbook:
    """The visible sheets of a workbook as name and part, and the parts that their cells refer to."""

    visible_sheets: list[tuple[str, str]]
    is_from_1904: bool
    strings_part: str | None
    styles_part: str | None


def read_workbook(package: Package) -> Workbook:
    """Return the workbook of a package. Raises SheetError."""
    part = _workbook_part(package)
    elements = read_elements(package, part)
    sheets = [attributes for name, attributes in elements if name == "sheet"]
    if len(sheets) > MAX_SHEETS:
        raise SheetError("too_many_sheets", f"The workbook has more than {MAX_SHEETS} sheets.")
    visible = [each for each in sheets if each.get("state", "visible") == "visible"] or sheets
    settings = next((attributes for name, attributes in elements if name == "workbookPr"), {})
    relations = _relations(package, part)
    targets = dict(relations.values())
    return Workbook(
        [(each.get("name", ""), relations[_relation_id(each)][1]) for each in visible],
        settings.get("date1904") in ("1", "true"),
        targets.get("sharedStrings"),
        targets.get("styles"),
    )


def _relation_id(sheet: Attributes) -> str:
    return next(value for name, value in sheet.items() if name.endswith(" id"))


def _workbook_part(package: Package) -> str:
    known = _relations(package, "") if "_rels/.rels" in package.names else {}
    return next((target for kind, target in known.values() if kind == "officeDocument"), "xl/workbook.xml")


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return kind and target of each relation of a part, by its id."""
    folder, _, name = part.rpartition("/")
    elements = read_elements(package, join(folder, "_rels", f"{name}.rels"))
    return {
        each["Id"]: (each["Type"].rpartition("/")[2], normpath(join("/", folder, each["Target"])).lstrip("/"))
        for name, each in elements
        if name == "Relationship"
    }


class _StringsParser(XmlParser):
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
            self.strings.append(plain_text("".join(self._parts)))
            self._parts = []
            if len(self.strings) > MAX_STRINGS:
                raise too_many_cells()


def read_strings(package: Package, part: str) -> Sequence[str]:
    """Return the shared strings, which cells refer to by their index."""
    parser = _StringsParser()
    for _ in parser.parse(package, part):
        pass
    return parser.strings


def plain_text(text: str) -> str:
    """Return a text with its escaped characters, such as `_x000D_`."""
    if len(text) > MAX_CELL_LENGTH * 7:
        raise SheetError("too_long", f"A cell has more than {MAX_CELL_LENGTH} characters.")
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "_x" in text else text
