"""Days and moments."""

from datetime import date, datetime

from shared.web import texts
from shared.web.fields.base import Shape, Spelled


class Date(Spelled):
    """A day, `YYYY-MM-DD`, in the years 1900 to 2199."""

    shape: Shape = {"type": "string", "format": "date"}

    def _read(self, text: str) -> date:
        return texts.day(text)


class EffectiveOn(Date):
    """The day a command counts from; given to the view and made the command's business date."""


class Instant(Spelled):
    """A moment with its zone (RFC 3339), in UTC afterwards."""

    shape: Shape = {"type": "string", "format": "date-time"}

    def _read(self, text: str) -> datetime:
        return texts.instant(text)
