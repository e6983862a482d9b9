"""Dates and instants."""

import re
from datetime import date, datetime

from shared import texts
from shared.sheets.cells import CellKind
from shared.web.fields.base import BaseTextField, Shape, fail
from shared.web.fields.firm_rules import dated_too_far_ahead

_POSITION = re.compile(r"[0-9]{1,15}")


class Date(BaseTextField):
    """A date, `YYYY-MM-DD`, in the years 1900 to 2199."""

    shape: Shape = {"type": "string", "format": "date", "pattern": "^(?:19|20|21)"}
    example = "2026-01-31"
    cell_kinds = frozenset({CellKind.DATE})

    def _parse(self, text: str) -> date:
        return texts.parse_date(text)


class EffectiveOn(Date):
    """The business date of a command, on which it takes effect: at most as far ahead of today as the firm allows."""

    def _parse(self, text: str) -> date:
        day = super()._parse(text)
        if detail := dated_too_far_ahead(day):
            fail("too_far_ahead", detail)
        return day


class Instant(BaseTextField):
    """An instant with its zone (RFC 3339), converted to UTC."""

    shape: Shape = {
        "type": "string", "format": "date-time",
        "pattern": "^(?:19|20|21).*(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])$",
    }  # fmt: skip
    example = "2026-01-31T12:00:00Z"
    cell_kinds = frozenset({CellKind.DATE})

    def _parse(self, text: str) -> datetime:
        return texts.parse_instant(text)


class KnownAt(Instant):
    """An instant (RFC 3339) or a position of the service's log, for the state as known then."""

    shape: Shape = {"anyOf": [Instant.shape, {"type": "integer", "minimum": 0, "maximum": 999_999_999}]}

    def _parse(self, text: str) -> datetime | int:  # type: ignore[override]  # or a position
        return int(text) if _POSITION.fullmatch(text) else super()._parse(text)
