"""Reads an uploaded sheet in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from shared.sheets.cells import SheetError, SheetProblem, SheetRow

_ROOT = str(Path(__file__).resolve().parents[2])
_PROGRAM = f"import sys; sys.path.insert(0, {_ROOT!r}); from shared.sheets.reader import main; main()"
_INHERITED = ("PATH", "LD_LIBRARY_PATH")
"""The only variables that the process inherits: it needs no setting and no secret."""

_row_decoder = msgspec.json.Decoder(SheetRow)


def read_sheet(file: BinaryIO, form: str, charset: str = "") -> Iterator[SheetRow]:
    """Yield the rows of a file, `csv` or `xlsx`, that are not empty, as they are read. Raises SheetError."""
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # that of the process, whatever is buffered here
    with _start_reader(file, form, charset) as reader:
        assert reader.stdout is not None
        try:
            yield from _decoded(reader.stdout)
            if reader.wait():
                raise _too_complex()
        finally:
            reader.kill()


def _start_reader(file: BinaryIO, form: str, charset: str) -> "subprocess.Popen[bytes]":
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    command = [sys.executable, "-I", "-c", _PROGRAM, form, charset]
    return subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=inherited, close_fds=True
    )


def _decoded(lines: Iterable[bytes]) -> Iterator[SheetRow]:
    for line in lines:
        if not line.endswith(b"\n"):
            raise _too_complex()
        if line.startswith(b"{"):
            problem = msgspec.json.decode(line, type=SheetProblem)
            raise SheetError(problem.code, problem.detail)
        yield _row_decoder.decode(line)


def _too_complex() -> SheetError:
    return SheetError("too_complex", "The file takes too long to read. Remove unused cells, or split it into several.")
