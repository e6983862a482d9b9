"""Selects and formats the log lines of the processes that are shown on the console; all lines are in the logs."""

from typing import Any

from cli.process_log import BROKER_LINE
from shared import codec

HIDDEN_LEVELS = frozenset({"debug", "info"})
STANDARD_MEMBERS = frozenset({"timestamp", "service", "level", "event", "logger"})


def shown_line(line: str) -> str | None:
    """Return the line as shown on the console; None for a line that is kept only in the log file."""
    if line.startswith("{"):
        return _format_record(line)
    broker = BROKER_LINE.fullmatch(line)
    if broker:
        return None if broker["level"] in {"INF", "DBG", "TRC"} else f"{broker['level'].lower()}: {broker['text']}"
    return line


def _format_record(line: str) -> str | None:
    try:
        record: dict[str, Any] = codec.decode_untyped(line)
    except codec.DecodeError:
        return line
    if record.get("level") in HIDDEN_LEVELS:
        return None
    more = ", ".join(f"{name} {value}" for name, value in record.items() if name not in STANDARD_MEMBERS)
    return f"{record.get('level', '')}: {record.get('event', '')} ({more})"
