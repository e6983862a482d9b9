"""Writes a table as an XLSX file (ECMA-376) with one sheet, row by row.

openpyxl is not used for writing: it makes an object of every cell, which takes four times as long.
"""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from shared.sheets.cells import column_letters

Cells = Sequence[str | int | Decimal | None]
"""The cells of a row: texts and numbers as they are shown; None is an empty cell."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_PART = "xl/worksheets/sheet1.xml"
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>
<Override PartName="/{_SHEET_PART}" ContentType="{_CONTENT}.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">
<sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""",
}
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_UNFIT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_letters = cache(column_letters)


def write_xlsx(rows: Iterable[Cells]) -> bytes:
    """Return the rows as a file."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in _PARTS.items():
            package.writestr(name, _HEAD + content)
        with package.open(_SHEET_PART, "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, cells in enumerate(rows, 1):
                sheet.write(_row(number, cells).encode())
            sheet.write(b"</sheetData></worksheet>")
    return file.getvalue()


def _row(number: int, cells: Cells) -> str:
    written = (_cell(f"{_letters(place)}{number}", each) for place, each in enumerate(cells) if each is not None)
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(reference: str, value: str | int | Decimal) -> str:
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{_xml_text(value)}</t></is></c>'
    return f'<c r="{reference}"><v>{Decimal(value):f}</v></c>'


def _xml_text(text: str) -> str:
    """Return a text as XML. Characters that XML cannot have are escaped as Excel does, and texts like their escapes."""
    plain = _LOOKS_ESCAPED.sub("_x005F_", text) if "_x" in text else text
    return escape(_UNFIT_FOR_XML.sub(lambda each: f"_x{ord(each[0]):04X}_", plain))
