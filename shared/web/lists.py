"""Lists: filtered and sorted by declared columns, paged by signed cursors, never by offset."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict

from shared import money
from shared.codec import digest, encode
from shared.projections import Projection, ResourceProjection, RowReader
from shared.projections.column_comparison import ALIKE
from shared.projections.column_types import is_free_text
from shared.projections.row_query import Cursor, Filters
from shared.projections.row_table import ID_COLUMN, as_json_for_readers, decode_for_readers
from shared.service import Service
from shared.web import fields
from shared.web.cursors import decode_cursor, encode_cursor
from shared.web.filter_fields import MAX_VALUE_LENGTH, filter_fields
from shared.web.problems import invalid_value, unknown_name_detail
from shared.web.query_parameters import (
    CONSISTENCY,
    FORMAT,
    FORMAT_FIELD,
    parse_parameter,
    unknown_parameter,
)
from shared.web.record_commands import SHOW_FIELD, RecordCommands, require_few_rows, require_present, require_rows
from shared.web.replies import Reply, public_path
from shared.web.summaries import PARAMETERS, PageAndPlace, SummaryQuery, groups_page, page_summary

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE, MAX_FLAT_PAGE_SIZE = 200, 1_000
"""Rows of a page; the second for rows without lines, which are of bounded size."""
MAX_VALUES = 100
OPERATORS = ("gt", "gte", "lt", "lte")
OF_PAGES = ("limit", "cursor", "show", *PARAMETERS)
"""Parameters about pages of rows and their sums, which no sheet has: it has all rows."""

_PARAMETER = re.compile(r"([a-z][a-z0-9_]*)(?:\[([a-z]+)\])?")
_COUNT = re.compile(r"[0-9]{1,6}")


SEARCH_FIELD = fields.Text(max=MAX_VALUE_LENGTH)
KNOWN_AT_FIELD = fields.KnownAt()
AS_OF_FIELD = fields.Date()
_OF_NO_DAY = "Rows of this list are of no business day"
_ORDERED_TYPES = (int, Decimal, money.Money, money.UnitPrice, date, datetime)


@dataclass
class ListQuery:
    """The validated query of a list: filters, sort order, page, searched words, and the moment as known at."""

    filters: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    limit: int = DEFAULT_PAGE_SIZE
    search: str | None = None
    cursor: str | None = None
    known_at: datetime | int | None = None
    as_of: date | None = None
    form: str | None = None
    """The form of the sheet as which the list is asked for, if the query states one."""
    shows_commands: bool = False
    summary: SummaryQuery = field(default_factory=SummaryQuery)


class ListEndpoint:
    """The list of one projection: its query parameters and its pages.

    `also` gives other names to parameters: `{"from": "date[gte]"}`.
    """

    def __init__(
        self,
        projection: type[Projection],
        also: Mapping[str, str] | None = None,
        record_commands: RecordCommands | None = None,
    ) -> None:
        self.projection, self.record_commands = projection, record_commands
        self.aliases = also or {}
        self.max_page_size = MAX_FLAT_PAGE_SIZE if projection.has_flat_rows() else MAX_PAGE_SIZE
        self.reads = [each for each in (projection, projection.by_day) if each]
        """The projections that its pages are read from."""
        self.column_types: Mapping[str, type] = {"id": UUID, **projection.column_types()}
        self.free_texts = frozenset(name for name, kind in projection.columns.items() if is_free_text(kind))
        """Columns whose values may contain commas, so that commas separate no values."""
        self.fields = filter_fields(projection)
        """The field of the values of each column."""

    # -- query

    def parse_query(self, parameters: MultiDict[str, str]) -> ListQuery:
        """Return the query. Raises ProblemError 422 for a parameter that is unknown, repeated or of the wrong type."""
        query = ListQuery()
        for name, values in sorted(parameters.lists(), key=lambda each: each[0] == "sort"):
            column = self._column_of(name)
            if column is not None:
                self._add_values(query, column, self._parse_values(column, name, values))
                continue
            if len(values) > 1:
                raise invalid_value(f"/{name}", "given_twice", "must be given once")
            self._set_parameter(query, name, values[0])
        if query.shows_commands:
            require_present(query.shows_commands, query.known_at)
            require_few_rows(query.limit)
            require_rows(bool(query.summary.group_by))
        return query

    def _column_of(self, name: str) -> str | None:
        """Return the column whose values a parameter gives; None for ranges and for other parameters."""
        column = self.aliases.get(name, name)
        return column if column in self.column_types else None

    def _add_values(self, query: ListQuery, column: str, values: Sequence[Any]) -> None:
        """Select the rows with one of the values; texts also in other case, accents, width and Unicode form."""
        operator = "eq" if column == ID_COLUMN else ALIKE
        query.filters.setdefault(column, []).append(("any", [[(operator, each)] for each in values]))

    def _parse_values(self, column: str, name: str, given: Sequence[str]) -> tuple[Any, ...]:
        """Return the values of a filter: a free text is one value, whatever it contains; others separate by commas."""
        is_free = column in self.free_texts
        values = [*given] if is_free else [part for each in given for part in each.split(",", MAX_VALUES)]
        return _parse_each(self.fields[column], name, values)

    def _set_parameter(self, query: ListQuery, name: str, value: str) -> None:
        match name:
            case "limit":
                query.limit = _parse_limit(value, self.max_page_size)
            case "sort":
                query.sort = list(self._parse_sort(value, query.summary))
            case "cursor":
                query.cursor = value
            case "format":
                query.form = parse_parameter(FORMAT_FIELD, name, value)
            case "consistency":
                pass
            case _:
                self._set_option(query, name, value)

    def _set_option(self, query: ListQuery, name: str, value: str) -> None:
        match name:
            case "count" | "sum" | "group_by":
                query.summary.set_parameter(name, value, self.projection.column_types())
            case "show" if self.record_commands:
                query.shows_commands = bool(parse_parameter(SHOW_FIELD, name, value))
            case "known_at" if self.projection.has_history:
                query.known_at = parse_parameter(KNOWN_AT_FIELD, name, value)
            case "as_of" if self.projection.by_day:
                query.as_of = parse_parameter(AS_OF_FIELD, name, value)
            case "known_at" | "as_of":
                raise invalid_value(f"/{name}", "unknown_field", self._without(name))
            case "q" if self.projection.search:
                query.search = parse_parameter(SEARCH_FIELD, name, value)
            case _:
                self._filter(query, name, value)

    def _filter(self, query: ListQuery, name: str, value: str) -> None:
        spelled = _PARAMETER.fullmatch(self.aliases.get(name, name))
        column, operator = spelled.groups() if spelled else (name, None)
        parameter = name if name in self.aliases else column
        kind = self.column_types.get(column)
        if kind is None:
            raise unknown_parameter(column, self._allowed())
        if operator == "in" and column in self.free_texts:
            values = _parse_each(self.fields[column], parameter, _quoted_values(parameter, value))
            self._add_values(query, column, values)
        elif operator in operators_of(kind):
            limit = parse_parameter(self.fields[column], parameter, value)
            query.filters.setdefault(column, []).append((operator, limit))
        else:
            detail = unknown_name_detail("operator", operator or "", self._operators_of(column, kind))
            raise invalid_value(f"/{column}", "unknown_operator", detail)

    def _parse_sort(self, value: str, summary: SummaryQuery) -> Iterator[tuple[str, bool]]:
        allowed = summary.sort_columns if summary.group_by else list(self.column_types)
        given: set[str] = set()
        for each in value.split(","):
            column = each.removeprefix("-")
            if column not in allowed:
                raise invalid_value("/sort", "unknown_field", unknown_name_detail("column", column, allowed))
            if column in given:
                raise invalid_value("/sort", "given_twice", "must have each column once")
            given.add(column)
            yield column, each.startswith("-")

    def _allowed(self) -> list[str]:
        kept = {"q": self.projection.search, "known_at": self.projection.has_history, "as_of": self.projection.by_day}
        others = [name for name, is_kept in kept.items() if is_kept]
        show = ["show"] if self.record_commands else []
        names = [*self.column_types, *self.aliases, *others, "sort", "limit", "cursor", *PARAMETERS, *show]
        return [*names, FORMAT, CONSISTENCY]

    def _without(self, name: str) -> str:
        """Return why the list has no such past, and what to ask for instead."""
        if self.projection.has_history:
            return f"{_OF_NO_DAY}. Use known_at: the list as recorded at an instant or position."
        reason = "This list keeps no history" if name == "known_at" else _OF_NO_DAY
        is_resource = issubclass(self.projection, ResourceProjection)
        instead = "Add known_at to the address of a single record: it is replayed from the log."
        return f"{reason}. {instead}" if is_resource else f"{reason}: it shows the present."

    def _operators_of(self, column: str, kind: type) -> list[str]:
        is_free = column in self.free_texts
        values = "the parameter once for each value, [in]" if is_free else "values separated by commas"
        return [values, *(f"[{each}]" for each in operators_of(kind))]

    # -- the page

    def page(self, service: Service, query: ListQuery, **fixed: Any) -> Reply:
        """Return `{"data", "has_more", "next_cursor"}` and a `Link` to the next page, of rows or of groups of rows.

        `fixed`: filters of the path.
        """
        where = self.filters(query, fixed)
        moment = [query.known_at, query.as_of]
        asked = [_filters_as_json(where), query.sort, query.search, *moment, query.summary.group_by]
        bound = digest([self.projection.name, *asked])[:16]
        after = decode_cursor(query.cursor, bound) if query.cursor is not None else None
        reader = self.reader_of(service, query)
        data, place = self._rows_or_groups(reader, query, where, after)
        cursor = encode_cursor(bound, place) if place else None
        summary = page_summary(reader, query.summary, where, query.search)
        body = encode({"data": data, "has_more": bool(cursor), "next_cursor": cursor, **summary})
        return Reply(200, {"Link": _next_link(cursor)} if cursor else {}, body)

    def reader_of(self, service: Service, query: ListQuery) -> RowReader:
        """Return a reader of the rows of the moment that the query asks for."""
        reader: RowReader = service.reader_for(self.projection, query.known_at)
        return reader if query.as_of is None else reader.on_day(query.as_of)

    @staticmethod
    def filters(query: ListQuery, fixed: Mapping[str, Any]) -> dict[str, list[tuple[str, Any]]]:
        """Return the filters of a query and `fixed`, those of the path."""
        return {**query.filters, **{column: [("eq", value)] for column, value in fixed.items()}}

    def _rows_or_groups(self, reader: RowReader, query: ListQuery, where: Filters, after: Cursor) -> PageAndPlace:
        if query.summary.group_by:
            return groups_page(reader, query.summary, query.sort, where, query.search, after, query.limit)
        rows = reader.list_stored_rows(where, query.sort, after, query.limit + 1, query.search)
        has_more = len(rows) > query.limit
        del rows[query.limit :]
        place = reader.cursor_of(decode_for_readers(rows[-1]), query.sort) if has_more else None
        if self.record_commands and query.shows_commands:
            return [self.record_commands.with_allowed(decode_for_readers(each)) for each in rows], place
        return as_json_for_readers(rows), place


def refuse_parameters_of_pages(parameters: MultiDict[str, str]) -> None:
    """Raise ProblemError 422 for a parameter of pages in the query of a sheet."""
    if given := [each for each in OF_PAGES if each in parameters]:
        raise invalid_value(f"/{given[0]}", "unknown_field", "is not allowed: an export has all rows")


def _filters_as_json(where: Mapping[str, Any]) -> list[Any]:
    """Return the filters of a list as plain JSON, in a fixed order, to compare with those in a cursor."""
    return [[column, [[operator, str(value)] for operator, value in tests]] for column, tests in sorted(where.items())]


def operators_of(column_type: type) -> tuple[str, ...]:
    """Return the operators of a column of this type, in addition to values."""
    return ("eq", *OPERATORS) if column_type in _ORDERED_TYPES else ("eq",)


def _quoted_values(name: str, value: str) -> list[str]:
    """Return values separated by commas, those with a comma in quotes: `"X, Inc.",Y`; an empty one if there is none."""
    try:
        (values,) = csv.reader([value], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        detail = 'must be values separated by commas, those with a comma in quotes, such as "X, Inc.",Y'
        raise invalid_value(f"/{name}", "malformed_list", detail) from None
    return values or [""]


def _parse_each(field: fields.Field, name: str, values: Sequence[str]) -> tuple[Any, ...]:
    if len(values) > MAX_VALUES:
        raise invalid_value(f"/{name}", "too_many", f"must have at most {MAX_VALUES} values")
    return tuple(parse_parameter(field, name, each) for each in values)


def _parse_limit(value: str, maximum: int) -> int:
    if not _COUNT.fullmatch(value) or not 1 <= int(value) <= maximum:
        raise invalid_value("/limit", "out_of_range", f"must be 1 to {maximum:,}")
    return int(value)


def _next_link(cursor: str) -> str:
    parameters = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f'<{public_path(request.path)}?{urlencode([*parameters, ("cursor", cursor)])}>; rel="next"'
