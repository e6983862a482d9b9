"""Which texts are fit to be kept, and which numbers and dates are spelled the one way we read."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from unicodedata import category

from babel.core import get_global

LONGEST_NUMBER = 40
MOST_MARKS = 20
FIRST_YEAR, LAST_YEAR = 1900, 2199
BLANKS = " \u00a0\u3000"

UNFIT = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
"""The characters no text may have, as a regular expression."""

_UNFIT = re.compile(UNFIT)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_DATE = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)

CURRENCIES = frozenset(
    code
    for used in get_global("territory_currencies").values()
    for code, _from, until, is_tender in used
    if until is None and is_tender
)
"""ISO 4217 currencies that are legal tender somewhere today (CLDR)."""


class Unfit(ValueError):
    """A value is not spelled the way it must be: a stable code, and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def fit(text: str) -> str:
    """The text without blanks at its ends. Raises Unfit for what deceives the eye or cannot be stored."""
    if _UNFIT.search(text):
        raise Unfit(
            "unfit_character", "has a character that cannot be kept: control, direction override or half a pair"
        )
    if not text.isascii() and _piled_up(text):
        raise Unfit("too_many_marks", f"has more than {MOST_MARKS} combining marks in a row")
    return text.strip(BLANKS)


def _piled_up(text: str) -> bool:
    marks = 0
    for each in text:
        marks = marks + 1 if category(each) in ("Mn", "Me") else 0
        if marks > MOST_MARKS:
            return True
    return False


def number(text: str, digits: int, decimals: int) -> Decimal:
    """An exact number: digits, perhaps a point and digits. No blanks, separators, exponent, plus or minus zero."""
    if len(text) > LONGEST_NUMBER:
        raise Unfit("too_large", f"may have {digits} digits before the point")
    spelled = _NUMBER.fullmatch(text)
    if not spelled:
        raise Unfit("not_a_number", 'must be a number in plain digits, such as "12.5"')
    whole, fraction = spelled.groups()
    if len(whole) > digits:
        raise Unfit("too_large", f"may have {digits} digits before the point")
    if fraction and len(fraction) > decimals:
        raise Unfit("too_many_decimals", f"may have {decimals} decimals")
    exact = Decimal(text)
    if text[0] == "-" and not exact:
        raise Unfit("not_a_number", "zero has no sign")
    return exact


def day(text: str) -> date:
    """A day as YYYY-MM-DD in the years 1900 to 2199."""
    spelled = _DATE.fullmatch(text)
    if not spelled or not FIRST_YEAR <= int(spelled[1]) <= LAST_YEAR:
        raise Unfit("not_a_date", "must be a day such as 2026-01-31, in the years 1900 to 2199")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit("not_a_date", "there is no such day") from None


def instant(text: str) -> datetime:
    """An instant of RFC 3339, with its zone, as UTC."""
    spelled = _INSTANT.fullmatch(text)
    if not spelled or not FIRST_YEAR <= int(spelled[1]) <= LAST_YEAR:
        raise Unfit("not_an_instant", "must be a time with its zone, such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Unfit("not_an_instant", "there is no such time") from None
