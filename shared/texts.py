"""Validation of texts, and strict parsing of numbers, dates and instants."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from unicodedata import category, normalize
from zoneinfo import available_timezones

from babel.core import get_global

MAX_NUMBER_LENGTH = 40
MAX_COMBINING_MARKS = 20
BLANKS = " \u00a0\u3000"

FORBIDDEN_CHARACTERS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
"""Characters forbidden in all texts, as a regular expression."""

_FORBIDDEN = re.compile(FORBIDDEN_CHARACTERS)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(_DATE.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])")

CURRENCIES = frozenset(
    code
    for used in get_global("territory_currencies").values()
    for code, _from, until, is_tender in used
    if until is None and is_tender
)
"""ISO 4217 currencies that are legal tender somewhere today (CLDR)."""
TIME_ZONES = frozenset(each for each in available_timezones() if each[0].isupper() and each != "Factory")
"""The names of zones in the IANA time zone database, which takes 10 ms to read.

Names of files that stand for other zones on other machines are left out: `localtime`, `posixrules`, `right/…`.
"""


class InvalidText(ValueError):
    """Raised when a text has an invalid form: a stable code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def trim_text(text: str) -> str:
    """Return the text without blanks at its ends. Raises InvalidText for deceptive or unstorable characters."""
    if _FORBIDDEN.search(text):
        detail = "must not contain control characters, direction overrides or lone surrogates"
        raise InvalidText("unfit_character", detail)
    if not text.isascii() and _has_too_many_marks(text):
        raise InvalidText("too_many_marks", f"has more than {MAX_COMBINING_MARKS} combining marks in a row")
    return text.strip(BLANKS)


def _has_too_many_marks(text: str) -> bool:
    runs = groupby(text, lambda each: category(each) in ("Mn", "Me"))
    return any(is_mark and sum(1 for _ in run) > MAX_COMBINING_MARKS for is_mark, run in runs)


def parse_number(text: str, digits: int, decimals: int) -> Decimal:
    """Return an exact number: digits, optionally a point and digits; no blanks, separators, exponent, plus, or -0."""
    if len(text) > MAX_NUMBER_LENGTH:
        raise InvalidText("too_large", f"must have at most {digits} digits before the point")
    match = _NUMBER.fullmatch(text)
    if not match:
        raise InvalidText("not_a_number", 'must be a number in plain digits, such as "12.5"')
    whole, fraction = match.groups()
    if len(whole) > digits:
        raise InvalidText("too_large", f"must have at most {digits} digits before the point")
    if fraction and len(fraction) > decimals:
        raise InvalidText("too_many_decimals", f"must have at most {decimals} decimals")
    exact = Decimal(text)
    if text[0] == "-" and not exact:
        raise InvalidText("not_a_number", "zero must not have a sign")
    return exact


def parse_date(text: str) -> date:
    """Return a date written as YYYY-MM-DD, in the years 1900 to 2199."""
    if not _DATE.fullmatch(text):
        raise InvalidText("not_a_date", "must be a day such as 2026-01-31, in the years 1900 to 2199")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidText("not_a_date", "must be a day of the calendar") from None


def parse_instant(text: str) -> datetime:
    """Return an instant of RFC 3339, with its zone, as UTC."""
    if not _INSTANT.fullmatch(text):
        raise InvalidText("not_an_instant", "must be a time with its zone, such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise InvalidText("not_an_instant", "must be a valid time") from None


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that are no base letter with an accent, but are read as one."""


@lru_cache(maxsize=4096)
def fold_text(text: str) -> str:
    """Return a text for comparing without regard to case, accents, width, Unicode form and invisible characters.

    Unique values are stored by their folded form: another folding needs another generation of the event store.
    """
    if text.isascii():
        return text.lower()
    plain = normalize("NFKD", normalize("NFKC", text).casefold())
    return normalize("NFC", "".join(each for each in plain if category(each) not in ("Mn", "Cf"))).translate(_LETTERS)
