"""Workbooks and CSV files as people send them, and files that are none."""

import csv
import io
import random
import zipfile
from xml.sax.saxutils import escape

from openpyxl import Workbook

from shared.sheets.writing import XLSX

CONTENT_TYPES = "[Content_Types].xml"
WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)


def as_csv(*rows, separator=","):
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode()


def as_xlsx(*rows, formats=None):
    """Return a workbook of these rows; `formats` gives cells such as `A2` their number format."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    return saved(book)


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def raw_xlsx(sheet_data, strings=""):
    """Return the smallest workbook with this XML of its rows and its shared strings."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr(CONTENT_TYPES, "<Types/>")
        packed.writestr("xl/workbook.xml", WORKBOOK)
        packed.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        packed.writestr("xl/sharedStrings.xml", f"<sst>{strings}</sst>")
        packed.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet_data}</sheetData></worksheet>")
    return file.getvalue()


def inline(reference, text):
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def mutations(content, count, seed):
    """Yield so many damaged copies of a file: bits flipped, parts cut, doubled, swapped, or packed again damaged."""
    chance = random.Random(seed)
    for number in range(count):
        yield (_damaged_part if number % 2 else _damaged_bytes)(content, chance)


def _damaged_bytes(content, chance):
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    start, end = sorted(chance.randrange(len(damaged)) for _ in range(2))
    return bytes(chance.choice((damaged, damaged[:end], damaged[start:], damaged[:start] + damaged[end:])))


def _damaged_part(content, chance):
    """Return the archive, sound as such, with one of its parts damaged: so the parser meets the damage."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as sound, zipfile.ZipFile(file, "w") as packed:
        victim = chance.choice([each for each in sound.namelist() if each.startswith(("xl/", "_rels"))])
        for name in sound.namelist():
            part = sound.read(name)
            packed.writestr(name, _damaged_text(part, chance) if name == victim else part)
    return file.getvalue()


def _damaged_text(part, chance):
    words = [b"<", b">", b"&", b'"', b"-1", b"99999999999", b"NaN", b"1e999", b"</c>", b"<row>", b"\x00", b"\xff", b""]
    for _ in range(chance.choice((1, 1, 4))):
        at = chance.randrange(len(part))
        part = part[:at] + chance.choice(words) + part[at + chance.choice((0, 1, 5)) :]
    return part


__all__ = ["XLSX", "as_csv", "as_xlsx", "inline", "mutations", "raw_xlsx", "saved"]
