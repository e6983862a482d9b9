"""What a request to an unknown address can do instead: records are addressed by id, and found by their numbers."""

import re
from urllib.parse import quote

from shared.projections import Projection, ResourceProjection
from shared.web.replies import collection_paths, public_path

_RECORD = re.compile(r"(/[^/]+)/([^/]{1,200})(?:/.*)?")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
KEY_COLUMNS = ("number", "code", "sku")
"""Columns by which people know a record, the first of which its list has."""


def advice_for(path: str) -> str:
    """Return how to find the record that a path names by its number or code; empty if it names none."""
    match = _RECORD.fullmatch(path)
    if not match or _ID.fullmatch(match[2]):
        return ""
    column = next(filter(None, map(key_column, _listed_at(match[1]))), None)
    if column is None:
        return ""
    address = f"{public_path(match[1])}?{column}={quote(match[2])}"
    return f" Records are addressed by id. Find the id by the {column}: GET {address}"


def _listed_at(path: str) -> list[type[ResourceProjection]]:
    return [projection for projection, each in collection_paths.items() if each == path]


def key_column(projection: type[Projection]) -> str | None:
    """Return the column by which people know a record of the list."""
    return next((each for each in KEY_COLUMNS if each in projection.columns), None)
