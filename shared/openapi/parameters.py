"""OpenAPI parameters of the endpoints: filters, sort, paging and sums of lists, and the headers of commands."""

from typing import Any

from shared import texts
from shared.openapi.shapes import Doc, text_schema
from shared.projections.group_page import COUNT
from shared.projections.row_summary import groupable_names, summable_names
from shared.web import lists
from shared.web.fields import Text
from shared.web.filter_fields import MAX_VALUE_LENGTH
from shared.web.lists import ListEndpoint
from shared.web.query_parameters import FORMAT, FORMAT_FIELD
from shared.web.schema import Schema


def _parameter(name: str, schema: Doc, place: str = "query", **more: Any) -> Doc:
    return {"in": place, "name": name, "required": False, "schema": schema, **more}


IDEMPOTENCY_KEY_PARAMETER = _parameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-+\\--~](?:[ -+\\--~]*[!-+\\--~])?$"},
    "header",
    required=True,
    description="Unique key of the command: a repeated request is not executed again and gets the same response.",
    example="7d4f1c0e-5f0e-4f53-8f0b-0c2a4b1d9e10",
)
CONSISTENCY_PARAMETER = _parameter(
    "consistency",
    {"type": "string", "enum": ["eventual"]},
    description="Do not wait until all committed changes are included.",
)
SHEET_PARAMETER = _parameter(
    FORMAT,
    FORMAT_FIELD.shape,
    description="All rows as a sheet, which the media type of a sheet in `Accept` asks for, too; without paging.",
)
_QUOTED = 'Values separated by commas, those with a comma in quotes: `"X, Inc.",Y`.'
_WORD = rf'[^",{texts.UNFIT_IN_A_LINE}{texts.BLANKS}{texts.INVISIBLE_MARKS}]+'
_ONE_VALUE = rf'(?:{_WORD}(?: {_WORD})*|"{_WORD}(?:,? {_WORD})*")'
_QUOTED_VALUES = {"type": "string", "maxLength": MAX_VALUE_LENGTH, "pattern": f"^{_ONE_VALUE}(?:,{_ONE_VALUE})*$"}
_SORT_OF_GROUPS = (
    " Groups are sorted by the columns of `group_by` and of `sum` and by `count`, and rows by columns of rows. "
    "A sum of money in several currencies sorts by one amount: the largest if descending, otherwise the smallest."
)
_CURSOR = _parameter(
    "cursor", {"type": "string"}, description="`next_cursor` of the previous page; keep filter, groups and sort."
)


def version_parameter(is_required: bool) -> Doc:
    schema = {"type": "string", "pattern": '^"(?:0|[1-9][0-9]{0,14})"$'}
    description = "The ETag of the version the caller read: 412 if the resource has changed since."
    return _parameter("If-Match", schema, "header", required=is_required, description=description, example='"1"')


def filter_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return filters: each column by values, ordered types also by ranges.

    A free text is one value, given once for each of several values; other values are separated by commas.
    """
    found = []
    for column, kind in listing.column_types.items():
        shape = listing.fields[column].shape
        is_free = column in listing.free_texts
        without = "" if is_free else ","
        is_open_text = isinstance(listing.fields[column], Text)
        items = text_schema(MAX_VALUE_LENGTH, without=without, multiline=True) if is_open_text else shape
        found.append(_values_parameter(column, items, explode=is_free, maxItems=lists.MAX_VALUES))
        if is_free:
            found.append(_parameter(f"{column}[in]", _QUOTED_VALUES, description=_QUOTED))
        found += [_parameter(f"{column}[{each}]", shape) for each in lists.operators_of(kind)]
    if listing.projection.search:
        found.append(_parameter("q", lists.SEARCH_FIELD.shape, description="Search text."))
    if listing.projection.has_history:
        known_at = "State as known at this instant or position."
        found.append(_parameter("known_at", lists.KNOWN_AT_FIELD.shape, description=known_at))
    if listing.projection.by_day:
        as_of = "State at the end of this business day; what has no business day is null."
        found.append(_parameter("as_of", lists.AS_OF_FIELD.shape, description=as_of))
    for name, means in listing.aliases.items():
        shape = listing.fields[means.partition("[")[0]].shape
        found.append(_parameter(name, shape, description=f"The same as `{means}`."))
    return found


def page_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return the parameters of a page of rows or groups: sort, limit, cursor, sums, counts and groups."""
    size = {"type": "integer", "minimum": 1, "maximum": listing.max_page_size, "default": lists.DEFAULT_PAGE_SIZE}
    limit = _parameter("limit", size)
    return [sort_parameter(listing, of_groups=True), limit, _CURSOR, *_summary_parameters(listing)]


def sort_parameter(listing: ListEndpoint, *, of_groups: bool) -> Doc:
    """Return the parameter by which rows are sorted and, if `of_groups`, groups of rows."""
    names = [*listing.column_types]
    names += [each for each in [*_groupable(listing), COUNT] if of_groups and each not in names]
    choices = {"type": "string", "enum": [sign + each for each in names for sign in ("", "-")]}
    text = f"Columns by priority; `-` descends.{_SORT_OF_GROUPS if of_groups else ''}"
    return _values_parameter("sort", choices, uniqueItems=True) | {"description": text}


def _groupable(listing: ListEndpoint) -> list[str]:
    return groupable_names(listing.projection.column_types())


def _summary_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return the parameters of sums, counts and groups."""
    sums, groups = summable_names(listing.projection.column_types()), _groupable(listing)
    found = [_parameter("count", {"type": "boolean"}, description="Count the matching rows, up to 10,000.")]
    for name, allowed, text in (
        ("sum", sums, "Columns to add up, money in each currency."),
        (
            "group_by",
            groups,
            "Return groups of rows, each with `count` and `sums`; without `show`. Months of times are those in UTC.",
        ),
    ):
        if allowed:
            found.append(_values_parameter(name, {"type": "string", "enum": allowed}) | {"description": text})
    return found


def _values_parameter(name: str, items: Doc, *, explode: bool = False, **limits: Any) -> Doc:
    values = {"type": "array", "items": items, "minItems": 1, **limits}
    return _parameter(name, values, style="form", explode=explode)


def query_parameters(schema: type[Schema]) -> list[Any]:
    """Return the fields of a schema as OpenAPI query parameters, which apispec expands."""
    return [{"in": "query", "schema": schema}]
