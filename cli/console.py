"""What of all that the processes say is worth a person's attention; the rest is in the logs."""

import re
from typing import Any

from shared import codec

UNEVENTFUL = frozenset({"debug", "info"})
KNOWN = frozenset({"timestamp", "service", "level", "event", "logger"})
_BROKER = re.compile(r"\[\d+\] \S+ \S+ \[(?P<level>[A-Z]+)\] (?P<text>.*)")


def worth_showing(line: str) -> str | None:
    """The line as a person reads it; None for what is only for the record."""
    if line.startswith("{"):
        return _told(line)
    broker = _BROKER.fullmatch(line)
    if broker:
        return None if broker["level"] in {"INF", "DBG", "TRC"} else f"{broker['level'].lower()}: {broker['text']}"
    return line


def _told(line: str) -> str | None:
    try:
        said: dict[str, Any] = codec.decode_plain(line)
    except codec.Malformed:
        return line
    if said.get("level") in UNEVENTFUL:
        return None
    more = ", ".join(f"{name} {value}" for name, value in said.items() if name not in KNOWN)
    return f"{said.get('level', '')}: {said.get('event', '')} ({more})"
