"""Queries over HTTP: they wait until their projections include all committed changes, and change nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from typing import Any

from flask import Response, g, request

from shared.projections import Projection, ResourceProjection
from shared.web.answer_form import asked_form, form_of_json
from shared.web.commands import NoFields
from shared.web.lists import ListEndpoint, ListQuery, refuse_parameters_of_pages
from shared.web.query_parameters import (
    FORMAT,
    FORMAT_FIELD,
    accepts_eventual_consistency,
    parse_parameter,
    parse_query_by_schema,
)
from shared.web.replies import Reply, current_service, to_response
from shared.web.row_columns import Shape
from shared.web.schema import Schema
from shared.web.sheets import all_rows, list_sheet, statement_sheet


def make_query_view(
    view: Callable[..., Reply], projections: Sequence[type[Projection]], rows: Shape | None = None
) -> Callable[..., Response]:
    """Return the view as a query: it waits until these projections are up to date, and changes nothing.

    With `rows`, the shape of the rows in its answer, it also answers as a sheet.
    """
    schema: Schema = getattr(view, "accepts", NoFields)()
    takes_query = "query" in signature(view).parameters

    @wraps(view)
    def respond(**path: Any) -> Response:
        query = parse_query_by_schema(schema, besides=(FORMAT,) if rows else ())
        form = _form_of_statement() if rows else form_of_json()
        arguments = {**path, "query": query} if takes_query else path
        with read_up_to_date(*projections):
            reply = view(**arguments)
            return statement_sheet(form, rows, reply) if rows and form else to_response(reply)

    return respond


def _form_of_statement() -> str | None:
    given = request.args.get(FORMAT)
    return asked_form(None if given is None else parse_parameter(FORMAT_FIELD, FORMAT, given))


def make_list_view(listing: ListEndpoint, within: type[ResourceProjection] | None = None) -> Callable[..., Response]:
    """Return the view of a projection's list. Path variables are filters and name an existing record of `within`."""

    def respond(**path: Any) -> Response:
        service = current_service()
        query = listing.parse_query(request.args)
        form = asked_form(query.form)
        if form:
            refuse_parameters_of_pages(request.args)
        with read_up_to_date(*listing.reads):
            if within:
                service.get_resource(within, *path.values())
            return _sheet_of(listing, form, query, path) if form else to_response(listing.page(service, query, **path))

    respond.__doc__ = listing.projection.__doc__
    return respond


def _sheet_of(listing: ListEndpoint, form: str, query: ListQuery, path: Mapping[str, Any]) -> Response:
    """Return all rows of a list as a sheet, in one form."""
    reader = listing.reader_of(current_service(), query)
    return list_sheet(form, listing.projection, all_rows(reader, query, listing.filters(query, path)))


@contextmanager
def read_up_to_date(*projections: type[Projection]) -> Iterator[None]:
    """Context for queries: wait until these projections are up to date, then open a read-only unit of work.

    A caller who accepts eventual consistency does not wait, unless restricted to their own records.
    Raises ProjectionBehind.
    """
    service, only_own = current_service(), g.caller.only_own
    if not accepts_eventual_consistency() or only_own:
        for projection in projections:
            service.wait_for_projection(projection)
            if only_own and isinstance(projection.owned_by, tuple):
                service.wait_for_projection(projection.owned_by[1])
    with service.runner.read_only(g.caller):
        yield
