"""Help texts of the filters of lists, from the title of the column, the kind of its values, and the operator."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from shared import money
from shared.fields.descriptions import EXTENSION
from shared.openapi.rows import row_schema
from shared.openapi.shapes import SHARED, Doc
from shared.web.fields import Text
from shared.web.lists import ListEndpoint

_KINDS: Mapping[type, str] = {
    UUID: "id", bool: "flag", money.Money: "money", money.UnitPrice: "money", date: "day", datetime: "instant",
    str: "choice",
}  # fmt: skip


def filter_kind(listing: ListEndpoint, column: str) -> str:
    """Return the kind of the values of a column, as the words name it."""
    if column in listing.free_texts:
        return "free_text"
    if isinstance(listing.fields[column], Text):
        return "text"
    return _KINDS.get(listing.column_types[column], "number")


def column_texts(listing: ListEndpoint, column: str) -> Doc:
    """Return the texts that the rows of a list have of a column."""
    texts: Doc = row_schema(listing.projection)["properties"][column]
    return texts


def described_filter(parameter: Doc, column: Doc, phrase: str, **values: str) -> Doc:
    """Return a filter that states in both languages what it selects: `Order date: on or after this day.`"""
    texts = SHARED.get("filters", phrase)
    if texts is None or "title" not in column:
        return parameter
    titles = {"en": column["title"], **column[EXTENSION]["title"]}
    en, zh = (each.format(**values) for each in texts)
    own = {"title": {"zh": titles["zh"]}, "help": {"zh": f"{titles['zh']}：{zh}"}}
    schema = {"title": titles["en"], **parameter["schema"]}
    return {**parameter, "schema": schema, "description": f"{titles['en']}: {en}", EXTENSION: own}
