"""OpenAPI schemas of the pages of lists: of rows, and of groups of rows."""

from typing import Any

from shared.openapi.shapes import (
    COUNT,
    FLAG,
    TEXT,
    Doc,
    described_members,
    described_object,
    list_schema,
    nullable,
    schema_reference,
)

GROUP_PAGE = "GroupPage"
GROUPS_EXTENSION = "x-sihe-groups"
"""Member of the answer of a list: the schema of its answer to `group_by`, so that clients have rows as rows."""
_SUMS: Doc = {"type": "object", "additionalProperties": {}}
_GROUP: Doc = {
    **described_object("Group", {"count": COUNT, "sums": _SUMS}),
    "additionalProperties": {},
    "description": "The values of the columns of `group_by`, the number of rows of the group, and their sums.",
}


def page_schema(row: str) -> Doc:
    """Return the schema of a page of the rows of this component."""
    return _page_of(schema_reference(row))


def group_components() -> dict[str, Doc]:
    """Return the components of the answers of lists to `group_by`, by name."""
    return {"Group": _GROUP, GROUP_PAGE: _page_of(schema_reference("Group"))}


def _page_of(items: dict[str, Any]) -> Doc:
    page = described_object("Page", {"data": list_schema(items), "has_more": FLAG, "next_cursor": nullable(TEXT)})
    summary = described_members("Page", {"count": COUNT, "count_more": FLAG, "sums": _SUMS})
    return {**page, "properties": {**page["properties"], **summary}}
