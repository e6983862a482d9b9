"""Texts that a spreadsheet program would calculate: neutralised when they are written, and restored when read."""

import re

from shared.texts import BLANKS, INVISIBLE_MARKS

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""The signs that begin a formula, also in full width."""
_BETWEEN = rf"[{BLANKS}{INVISIBLE_MARKS}'\"]*"
"""What a program may skip or remove before the sign."""
_CALCULATED = rf"(?={_BETWEEN}[{_SIGNS}])"
_BEGINS_CELL = rf"(?:^(?='*[\t\r\n])|(?:^|(?<=[;\t\r\n])){_CALCULATED})"
"""The places where a program may begin a cell with a formula: some programs split texts at these separators."""
_UNSAFE = re.compile(_BEGINS_CELL)
_ESCAPED = re.compile(rf"(?:^'(?='*[\t\r\n])|(?:^|(?<=[;\t\r\n]))'{_CALCULATED})")
_MAY_BE_UNSAFE = re.compile(rf"[{_SIGNS}\t\r\n]")


def escape_formula(text: str) -> str:
    """Return the text with an apostrophe at each place where a spreadsheet program would begin a formula."""
    return _UNSAFE.sub("'", text) if _MAY_BE_UNSAFE.search(text) else text


def unescape_formula(text: str) -> str:
    """Return the text without the apostrophes of `escape_formula`."""
    return _ESCAPED.sub("", text) if "'" in text else text
