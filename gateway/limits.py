"""Limits of a request target: length, characters of the query, and a path without alternative spellings."""

import re
from typing import Any

from shared.web import ProblemError

MAX_TARGET_LENGTH = 8_192

_ESCAPED = "%(?:2[0236-9AaBb]|3[Aa])"
"""Blanks and the signs that codes have, apart from those that separate segments, parameters and lists."""
_SEGMENT = rf"(?:[A-Za-z0-9]|%23)(?:(?:[A-Za-z0-9._&'()*+:-]|{_ESCAPED})*(?:[A-Za-z0-9'()*+]|{_ESCAPED}))?"
_PATH_PATTERN = re.compile(rf"/|(?:/{_SEGMENT})+")
_PRINTABLE_PATTERN = re.compile(r"[\x21-\x7e]*")


def require_valid_target(environ: dict[str, Any]) -> None:
    """Raise ProblemError 414 for an address that is too long, 400 for a malformed query, 404 for an irregular path.

    A path has no escapes but those of codes, no empty or dotted segments and no parameters: `%2e%2e`, `%2f`, `//`,
    `;x`, a dot at the end and the like are refused. A record whose code has a `/` is addressed by its id.
    """
    target: str = environ.get("RAW_URI") or environ["REQUEST_URI"]
    path, _, query = target.partition("?")
    if len(target) > MAX_TARGET_LENGTH:
        raise ProblemError(414, "too_long", "The address is too long.")
    if not _PRINTABLE_PATTERN.fullmatch(query):
        raise ProblemError(400, "malformed_query", "The query must be ASCII; percent-encode other characters.")
    if not _PATH_PATTERN.fullmatch(path):
        raise ProblemError(404, "not_found", "Unknown address.")
