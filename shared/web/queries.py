"""Queries over HTTP: they wait until their projections include all committed changes, and change nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from typing import Any

from flask import Response, g, request

from shared.projections import Projection, ResourceProjection
from shared.web.commands import NoFields
from shared.web.lists import ListEndpoint
from shared.web.query_parameters import accepts_eventual_consistency, parse_query_by_schema
from shared.web.replies import Reply, current_service, to_response
from shared.web.schema import Schema


def make_query_view(view: Callable[..., Reply], projections: Sequence[type[Projection]]) -> Callable[..., Response]:
    """Return the view as a query: it waits until these projections are up to date, and changes nothing."""
    schema: Schema = getattr(view, "accepts", NoFields)()
    takes_query = "query" in signature(view).parameters

    @wraps(view)
    def respond(**path: Any) -> Response:
        query = parse_query_by_schema(schema)
        arguments = {**path, "query": query} if takes_query else path
        with read_up_to_date(*projections):
            reply = view(**arguments)
        return to_response(reply)

    return respond


def make_list_view(listing: ListEndpoint, within: type[ResourceProjection] | None = None) -> Callable[..., Response]:
    """Return the view of a projection's list. Path variables are filters and name an existing record of `within`."""

    def respond(**path: Any) -> Response:
        service = current_service()
        query = listing.parse_query(request.args)
        with read_up_to_date(*listing.reads):
            if within:
                service.get_resource(within, *path.values())
            reply = listing.page(service, query, **path)
        return to_response(reply)

    respond.__doc__ = listing.projection.__doc__
    return respond


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
