"""Days and moments."""

import re
from datetime import date, datetime

from shared.web import texts
from shared.web.fields.base import Shape, Spelled

_POSITION = re.compile(r"[0-9]{1,15}")


class Date(Spelled):
    """A day, `YYYY-MM-DD`, in the years 1900 to 2199."""

    shape: Shape = {"type": "string", "format": "date", "pattern": "^(?:19|20|21)"}
    example = "2026-01-31"

    def _read(self, text: str) -> date:
        return texts.day(text)


class EffectiveOn(Date):
    """The day a command counts from; given to the view and made the command's business date."""


class KnownAt(Spelled):
    """A moment (RFC 3339), or a position of the service's log: what was known then."""

    shape: Shape = {
        "anyOf": [
            {"type": "string", "format": "date-time", "pattern": "^(?:19|20|21)"},
            {"type": "integer", "minimum": 0, "maximum": 999_999_999},
        ]
    }
    example = "2026-01-31T12:00:00Z"

    def _read(self, text: str) -> datetime | int:
        return int(text) if _POSITION.fullmatch(text) else texts.instant(text)


class Instant(Spelled):
    """A moment with its zone (RFC 3339), in UTC afterwards."""

    shape: Shape = {"type": "string", "format": "date-time", "pattern": "^(?:19|20|21)"}
    example = "2026-01-31T12:00:00Z"

    def _read(self, text: str) -> datetime:
        return texts.instant(text)
