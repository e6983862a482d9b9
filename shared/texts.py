"""Validation of texts, and strict parsing of numbers, dates and instants."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from unicodedata import category, combining, normalize
from unicodedata import name as name_of
from zoneinfo import available_timezones

from babel.core import get_global

MAX_NUMBER_LENGTH = 40
MAX_COMBINING_MARKS = 20
BLANKS = (
    r"\x00-\x20\x7f-\xa0\xad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"
    r"\ufeff\uffa0\ufff9-\ufffb"
)
"""Blanks, control characters and invisible characters, which are removed from the ends of texts; for `[…]`."""
INVISIBLE_MARKS = r"\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f"
"""Marks that only change the character before them, as the variants of emoji do; for `[…]`."""
UNFIT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff"
"""Characters forbidden inside texts of several lines; for `[…]`."""
UNFIT_IN_A_LINE = rf"\t\n\r\u2028\u2029{UNFIT}"
"""Characters forbidden inside texts of one line; for `[…]`."""

_RARE_BLANKS = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
_RARE_INVISIBLE_MARKS = "\U000e0020-\U000e007f\U000e0100-\U000e01ef"
_SURROGATES = r"\ud800-\udfff"
_BLANK_START = re.compile(rf"[{BLANKS}{_RARE_BLANKS}]*")
_SEVERAL_BLANKS = re.compile("[ \u00a0\u2000-\u200a\u202f\u205f\u3000]{2,}")
_VISIBLE = re.compile(rf"[^{BLANKS}{INVISIBLE_MARKS}{_RARE_BLANKS}{_RARE_INVISIBLE_MARKS}]")
_UNFIT = re.compile(rf"[{UNFIT}{_SURROGATES}]")
_UNFIT_IN_A_LINE = re.compile(rf"[{UNFIT_IN_A_LINE}{_SURROGATES}]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_BLANK_RUN = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINE_END = re.compile(r"\r\n?")
_COMMON_NAMES = {"\n": "line break", "\r": "line break", "\t": "tab"}
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


def trim_text(text: str, *, multiline: bool = False) -> str:
    """Return the text without blanks and invisible characters at its ends; empty if there is nothing to see.

    In a text of one line, such as a name, several blanks in a row are one: people do not see how many there are.
    Lines end with a line feed, however they were given. Raises InvalidText for deceptive or unstorable characters
    inside; line breaks and tabs only fit in several lines.
    """
    lines = _LINE_END.sub("\n", text) if multiline else text
    fit = _without_blank_ends(lines)
    unfit = (_UNFIT if multiline else _UNFIT_IN_A_LINE).search(fit)
    if unfit:
        position = lines.index(fit) + unfit.start() + 1
        raise InvalidText(
            "unfit_character", f"must not contain {describe_character(unfit[0])}; remove it at position {position}"
        )
    if not fit.isascii() and _has_too_many_marks(fit):
        raise InvalidText("too_many_marks", f"has more than {MAX_COMBINING_MARKS} combining marks in a row")
    if not _VISIBLE.search(fit):
        return ""
    return fit if multiline else _SEVERAL_BLANKS.sub(" ", fit)


def _without_blank_ends(text: str) -> str:
    return _without_blank_start(_without_blank_start(text)[::-1])[::-1]


def _without_blank_start(text: str) -> str:
    return _BLANK_START.sub("", text, count=1)


def without_invisible(text: str) -> str:
    """Return a text without invisible format characters, with plain spaces for other blanks and single ones between.

    For texts in which they have no meaning, such as codes, numbers and dates copied from other programs.
    """
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return _without_blank_ends(_BLANK_RUN.sub(" ", _INVISIBLE.sub("", text)))


def describe_character(character: str) -> str:
    """Return the code and the name of a character: `the character U+000A (line break)`."""
    known = _COMMON_NAMES.get(character) or name_of(character, "not printable").lower()
    return f"the character U+{ord(character):04X} ({known})"


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


_ACCENTS = frozenset({1, *range(10, 37), *range(200, 241)})
"""Combining classes of marks that readers leave out: accents, and the vowel points of Hebrew and Arabic.

Those of the other classes make another letter: the voicing of kana, the vowels and tones of Thai and Indic scripts.
"""
_INVISIBLE_MARK = re.compile(f"[{INVISIBLE_MARKS}]")


@lru_cache(maxsize=4096)
def fold_text(text: str) -> str:
    """Return a text for comparing without regard to case, accents, width, Unicode form and invisible characters.

    Unique values are stored by their folded form: another folding needs another generation of the event store.
    """
    if text.isascii():
        return text.lower()
    plain = _INVISIBLE_MARK.sub("", normalize("NFKD", normalize("NFKC", text).casefold()))
    letters = "".join(each for each in plain if category(each) != "Cf" and combining(each) not in _ACCENTS)
    return normalize("NFC", letters).translate(_LETTERS)


_DIGITS = re.compile("[0-9]+")


def natural_key(text: str) -> str:
    """Return the key by which people sort and find a text: folded, with the length of each number in front of it.

    Leading zeros come last in the key: they make another text, but move it only behind those of the same numbers.
    """
    folded = fold_text(text)
    zeros = [len(digits) - len(digits.lstrip("0")) for digits in _DIGITS.findall(folded)]
    key = _DIGITS.sub(_with_length, folded) if zeros else folded
    return f"{key}\x01{zeros}" if any(zeros) else key


def _with_length(digits: re.Match[str]) -> str:
    plain = digits[0].lstrip("0")
    return f"{len(plain):02}{plain}"
