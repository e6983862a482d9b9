"""The parts of an XLSX file: XML in an archive, unpacked and parsed piece by piece within bounds."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers.expat import ParserCreate
from zipfile import ZipFile

from shared.sheets.cells import MIB, SheetError

MAX_UNPACKED_BYTES = 256 * MIB
MAX_DEPTH = 64
MAX_ELEMENTS = 500_000
"""Elements of a part that describes the workbook or its styles."""

_CHUNK = 65_536

Attributes = Mapping[str, str]


class Package:
    """The parts of the archive, unpacked piece by piece; all of them together within the bound."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive, self._bytes_left = archive, MAX_UNPACKED_BYTES
        if sum(each.file_size for each in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise _too_large()
        self.names = frozenset(archive.namelist())

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece. Raises SheetError when all parts exceed the bound."""
        with self._archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                self._bytes_left -= len(chunk)
                if self._bytes_left < 0:
                    raise _too_large()
                yield chunk


def _too_large() -> SheetError:
    detail = f"The file exceeds {MAX_UNPACKED_BYTES // MIB} MiB when unpacked. Split it into several."
    return SheetError("too_large", detail)


class XmlParser:
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

    def parse(self, package: Package, name: str) -> Iterator[None]:
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


class _ElementParser(XmlParser):
    """Name and attributes of all elements of a small part."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        self.found.append((name, attributes))
        if len(self.found) > MAX_ELEMENTS:
            raise SheetError("too_complex", f"A part of the file has more than {MAX_ELEMENTS} elements.")


def read_elements(package: Package, part: str) -> list[tuple[str, Attributes]]:
    """Return name and attributes of all elements of a small part, in order."""
    parser = _ElementParser()
    for _ in parser.parse(package, part):
        pass
    return parser.found
