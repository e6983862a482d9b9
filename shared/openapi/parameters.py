"""OpenAPI parameters of the endpoints: filters, sort, paging and sums of lists, and the headers of commands."""

from collections.abc import Iterator
from typing import Any

from shared import texts
from shared.openapi.described_members import parameter_texts, with_parameter_texts
from shared.openapi.filter_texts import column_texts, described_filter, filter_kind
from shared.openapi.shapes import SHARED, Doc, text_schema
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
)
CONSISTENCY_PARAMETER = _parameter("consistency", {"type": "string", "enum": ["eventual"]})
SHEET_PARAMETER = _parameter(FORMAT, FORMAT_FIELD.shape)
_WORD = rf'[^",{texts.UNFIT_IN_A_LINE}{texts.BLANKS}{texts.INVISIBLE_MARKS}]+'
_ONE_VALUE = rf'(?:{_WORD}(?: {_WORD})*|"{_WORD}(?:,? {_WORD})*")'
_QUOTED_VALUES = {"type": "string", "maxLength": MAX_VALUE_LENGTH, "pattern": f"^{_ONE_VALUE}(?:,{_ONE_VALUE})*$"}
_CURSOR = _parameter("cursor", {"type": "string"})


def version_parameter(is_required: bool) -> Doc:
    schema = {"type": "string", "pattern": '^"(?:0|[1-9][0-9]{0,14})"$'}
    return _parameter("If-Match", schema, "header", required=is_required, example='"1"')


def filter_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return filters: each column by values, ordered types also by ranges.

    A free text is one value, given once for each of several values; other values are separated by commas.
    """
    found = [each for column in listing.column_types for each in _filters_of(listing, column)]
    if listing.projection.search:
        found.append(_parameter("q", lists.SEARCH_FIELD.shape))
    if listing.projection.has_history:
        found.append(_parameter("known_at", lists.KNOWN_AT_FIELD.shape))
    if listing.projection.by_day:
        found.append(_parameter("as_of", lists.AS_OF_FIELD.shape))
    for name, means in listing.aliases.items():
        column = means.partition("[")[0]
        alias = _parameter(name, listing.fields[column].shape)
        found.append(described_filter(alias, column_texts(listing, column), "alias", means=means))
    return found


def _filters_of(listing: ListEndpoint, column: str) -> Iterator[Doc]:
    """Yield the filters of a column: by values, and by its operators."""
    texts, is_free = column_texts(listing, column), column in listing.free_texts
    kind, shape = filter_kind(listing, column), listing.fields[column].shape
    is_open_text = isinstance(listing.fields[column], Text)
    without = "" if is_free else ","
    items = text_schema(MAX_VALUE_LENGTH, without=without, multiline=True) if is_open_text else shape
    values = _values_parameter(column, items, explode=is_free, maxItems=lists.MAX_VALUES)
    yield described_filter(values, texts, f"{kind}.values")
    if is_free:
        yield described_filter(_parameter(f"{column}[in]", _QUOTED_VALUES), texts, f"{kind}.in")
    for each in lists.operators_of(listing.column_types[column]):
        yield described_filter(_parameter(f"{column}[{each}]", shape), texts, f"{kind}.{each}")


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
    sort = _values_parameter("sort", choices, uniqueItems=True)
    return with_parameter_texts(sort, parameter_texts(SHARED, "sort.groups" if of_groups else "sort"))


def _groupable(listing: ListEndpoint) -> list[str]:
    return groupable_names(listing.projection.column_types())


def _summary_parameters(listing: ListEndpoint) -> list[Doc]:
    """Return the parameters of sums, counts and groups."""
    sums, groups = summable_names(listing.projection.column_types()), _groupable(listing)
    found = [_parameter("count", {"type": "boolean"})]
    for name, allowed in (("sum", sums), ("group_by", groups)):
        if allowed:
            found.append(_values_parameter(name, {"type": "string", "enum": allowed}))
    return found


def _values_parameter(name: str, items: Doc, *, explode: bool = False, **limits: Any) -> Doc:
    values = {"type": "array", "items": items, "minItems": 1, **limits}
    return _parameter(name, values, style="form", explode=explode)


def query_parameters(schema: type[Schema]) -> list[Any]:
    """Return the fields of a schema as OpenAPI query parameters, which apispec expands."""
    return [{"in": "query", "schema": schema}]
