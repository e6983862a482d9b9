"""What a request must look like before anyone thinks about it: bounded, and a path in its one spelling."""

import re
from typing import Any

from shared.web import Problem

LONGEST_TARGET = 8_192

_PATH = re.compile(r"(?:/[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)+")
_PRINTABLE = re.compile(r"[\x21-\x7e]*")


def judge(environ: dict[str, Any]) -> None:
    """Refuse an address that is too long (414), has a malformed query (400) or an odd path (404).

    A path has no escapes, no empty or dotted segments and no parameters: `%2e%2e`, `//`, `;x`, a dot at the
    end and their like lead nowhere.
    """
    target: str = environ.get("RAW_URI") or environ["REQUEST_URI"]
    path, _, query = target.partition("?")
    if len(target) > LONGEST_TARGET:
        raise Problem(414, "too_long", "The address is too long.")
    if not _PRINTABLE.fullmatch(query):
        raise Problem(400, "malformed_query", "A query is written in ASCII, anything else percent-encoded.")
    if not _PATH.fullmatch(path):
        raise Problem(404, "not_found", "There is nothing here.")
