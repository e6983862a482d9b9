"""Cursors of lists: the end of a page, signed, and bound to the query of the page."""

from collections.abc import Sequence
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from shared.web.problems import invalid_value

CURSORS = "cursors"
MAX_CURSOR_LENGTH = 4_000


def encode_cursor(query_digest: str, place: Sequence[Any]) -> str:
    """Return the cursor of a page that ends at this place."""
    return str(_cursors().dumps([query_digest, list(place)]))


def decode_cursor(cursor: str, query_digest: str) -> list[Any]:
    """Return the end of the previous page, if the cursor is valid and belongs to the same query."""
    try:
        bound, place = _cursors().loads(cursor[:MAX_CURSOR_LENGTH])
    except BadData:
        raise invalid_value("/cursor", "malformed_cursor", "must be the next_cursor of a previous page") from None
    if bound != query_digest:
        raise invalid_value("/cursor", "other_question", "belongs to a query with another filter or sort")
    return list(place)


def _cursors() -> URLSafeSerializer:
    cursors: URLSafeSerializer = current_app.extensions[CURSORS]
    return cursors
