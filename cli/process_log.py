"""Log file of a process: whole lines, each a JSON document; what cannot be written is dropped and counted."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from shared import codec

MAX_BYTES = 64 << 20
"""A longer file is kept once, as `….log.1`."""
BROKER_LINE = re.compile(r"\[\d+\] \S+ \S+ \[(?P<level>[A-Z]+)\] (?P<text>.*)")
LEVELS = {"TRC": "debug", "DBG": "debug", "INF": "info", "WRN": "warning", "ERR": "error", "FTL": "critical"}


class ProcessLog:
    """Appends lines to a file. A full disk costs lines of the log, nothing else; their number is logged afterwards."""

    def __init__(self, file: Path, process: str) -> None:
        self._file, self._process = file, process
        self._handle = -1
        self._is_cut = False
        self._room = 0
        self.dropped_lines = 0

    def write(self, lines: Iterable[str]) -> None:
        """Append the lines, or count them if that fails."""
        documents = [as_document(line, self._process) for line in lines]
        if not documents:
            return
        if self.dropped_lines:
            note = f"{self.dropped_lines} lines were dropped: they could not be written"
            documents.insert(0, as_document(note, self._process))
        if self._append("".join(f"{each}\n" for each in documents).encode()):
            self.dropped_lines = 0
        else:
            self.dropped_lines += len(documents) - bool(self.dropped_lines)

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def _append(self, content: bytes) -> bool:
        with suppress(OSError):
            if self._handle < 0:
                self._open()
            content = (b"\n" if self._is_cut else b"") + content
            written = os.write(self._handle, content)
            self._room -= written
            if self._room < 0:
                self.close()
            self._is_cut = written < len(content) if written else self._is_cut
            return written == len(content)
        return False

    def _open(self) -> None:
        """Open the file; a long one becomes the former one, which is replaced."""
        if self._file.exists() and self._file.stat().st_size > MAX_BYTES:
            self._file.replace(self._file.with_suffix(".log.1"))
        self._handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._room = MAX_BYTES - os.fstat(self._handle).st_size


def as_document(line: str, process: str) -> str:
    """Return a line as it is if it is a JSON document, else one with the line as its event."""
    if line.startswith("{") and line.endswith("}"):
        return line
    level, text = "info", line
    if broker := BROKER_LINE.fullmatch(line):
        level, text = LEVELS.get(broker["level"], "info"), broker["text"]
    now = datetime.now(UTC).isoformat()
    return codec.encode({"event": text, "level": level, "timestamp": now, "service": process}).decode()
