"""Queries over HTTP: they wait until their projections include all committed changes, and change nothing."""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

from flask import Response, current_app, g, request

from shared.projections import Projection, ResourceProjection
from shared.service import Service
from shared.web.commands import NoFields
from shared.web.lists import ListEndpoint, is_eventual, single_parameters
from shared.web.replies import Reply, to_response
from shared.web.schema import Schema


def query_view(view: Callable[..., Reply], projections: Sequence[type[Projection]]) -> Callable[..., Response]:
    """Return the view as a query over these projections."""
    schema: Schema = getattr(view, "accepts", NoFields)()
    names = tuple(field.data_key or name for name, field in schema.load_fields.items())
    takes_query = "query" in signature(view).parameters

    @wraps(view)
    def respond(**path: Any) -> Response:
        service: Service = current_app.extensions["service"]
        query = schema.parse(single_parameters(request.args, names))
        arguments = {**path, "query": query} if takes_query else path
        wait_for_projections(service, projections)
        with service.read_only(g.caller):
            reply = view(**arguments)
        return to_response(reply, service)

    return respond


def list_view(listing: ListEndpoint, within: type[ResourceProjection] | None = None) -> Callable[..., Response]:
    """Return the list of a projection. Path variables are filters and identify a record of `within` that must exist."""

    def respond(**path: Any) -> Response:
        service: Service = current_app.extensions["service"]
        query = listing.parse_query(request.args)
        wait_for_projections(service, [listing.projection])
        with service.read_only(g.caller):
            if within:
                service.get_resource(within, *path.values())
            reply = listing.page(service, query, **path)
        return to_response(reply, service)

    respond.__doc__ = listing.projection.__doc__
    return respond


def wait_for_projections(service: Service, projections: Sequence[type[Projection]]) -> None:
    """Wait until these projections are up to date, unless the caller accepts eventual consistency.

    A caller restricted to their own records always waits. Raises ProjectionBehind.
    """
    only_own: bool = g.caller.only_own
    if not is_eventual() or only_own:
        for projection in projections:
            service.wait_for_projection(projection)
            if only_own and isinstance(projection.owned_by, tuple):
                service.wait_for_projection(projection.owned_by[1])
