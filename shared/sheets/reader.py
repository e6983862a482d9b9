"""The process that reads one sheet: of low priority and bounded in time and memory, so that no file stops a service.

It reads the file from its standard input and writes the rows to its standard output, a line of JSON each, and a
problem instead of the next row if the file cannot be read.
"""

import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from shared.sheets.cells import MIB, SheetError, SheetProblem, SheetRow, bounded_rows
from shared.sheets.csv_file import read_csv
from shared.sheets.xlsx_file import read_xlsx

MAX_MEMORY_BYTES = 1024 * MIB
MAX_SECONDS = 120
"""Time within which the file is read, however busy the machine is."""
MAX_CPU_SECONDS = 40
CPU_SECONDS_PER_MIB = 10
NICENESS = 10

XLSX_FORM, CSV_FORM = "xlsx", "csv"

_OLE_MARK = b"\xd0\xcf\x11\xe0"
_OLE_DETAIL = "The file is an old XLS workbook, or an XLSX workbook with a password. Save it as XLSX or CSV."
_MALFORMED_DETAIL = "The file is not a valid XLSX file. Open it in the spreadsheet program and save it again as XLSX."


def main() -> None:
    """Read the sheet of the form and the charset in the arguments."""
    file, (form, charset) = sys.stdin.buffer, sys.argv[1:]
    _limit_process(os.fstat(file.fileno()).st_size)
    try:
        for row in read_rows(file, form, charset):
            sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
    except SheetError as error:
        sys.stdout.buffer.write(msgspec.json.encode(SheetProblem(error.code, error.detail)) + b"\n")
    sys.stdout.buffer.flush()


def cpu_seconds(size: int) -> int:
    """Return the time of a processor that a file of this size may take: little for a small one that unpacks to much."""
    return min(1 + size * CPU_SECONDS_PER_MIB // MIB, MAX_CPU_SECONDS)


def _limit_process(size: int) -> None:
    os.nice(NICENESS)
    seconds = cpu_seconds(size)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(MAX_SECONDS)


def read_rows(file: BinaryIO, form: str, charset: str = "") -> Iterator[SheetRow]:
    """Yield the rows of a file that are not empty. Raises SheetError for a file that cannot be read."""
    if form == CSV_FORM:
        return bounded_rows(read_csv(file, charset))
    return _read_xlsx_rows(file)


def _read_xlsx_rows(file: BinaryIO) -> Iterator[SheetRow]:
    try:
        _require_no_ole(file)
        yield from bounded_rows(read_xlsx(file))
    except (SheetError, GeneratorExit):
        raise
    except MemoryError:
        raise SheetError("too_large", "The file needs too much memory. Split it into several files.") from None
    except Exception as malformed:
        # whatever the library of archives or the parser raises, the file is the reason
        raise SheetError("malformed_sheet", _MALFORMED_DETAIL) from malformed


def _require_no_ole(file: BinaryIO) -> None:
    mark = file.read(len(_OLE_MARK))
    file.seek(0)
    if mark == _OLE_MARK:
        raise SheetError("malformed_sheet", _OLE_DETAIL)


if __name__ == "__main__":
    main()
