"""How a view becomes a question: it waits until its reports show what is committed, and changes nothing."""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from typing import Any

from flask import Response, current_app, g, request

from shared.report import Collection, Report
from shared.service import Service
from shared.web.answers import Reply, response
from shared.web.commands import Nothing
from shared.web.lists import Listing, eventual, only
from shared.web.schema import Schema


def question(view: Callable[..., Reply], reports: Sequence[type[Report]]) -> Callable[..., Response]:
    """The view as a question over these reports."""
    schema: Schema = getattr(view, "accepts", Nothing)()
    names = tuple(field.data_key or name for name, field in schema.load_fields.items())
    takes_query = "query" in signature(view).parameters

    @wraps(view)
    def ask(**path: Any) -> Response:
        service: Service = current_app.extensions["service"]
        query = schema.judged(only(request.args, names))
        given = {**path, "query": query} if takes_query else path
        see_what_is_committed(service, reports)
        with service.reading(g.caller):
            reply = view(**given)
        return response(reply, service)

    return ask


def list_question(listing: Listing, within: type[Collection] | None = None) -> Callable[..., Response]:
    """The list of a report; what the path names is a filter, and has to be there: one of `within`."""

    def ask(**path: Any) -> Response:
        service: Service = current_app.extensions["service"]
        query = listing.judged(request.args)
        see_what_is_committed(service, [listing.report])
        with service.reading(g.caller):
            if within:
                service.one(within, *path.values())
            reply = listing.page(service, query, **path)
        return response(reply, service)

    ask.__doc__ = listing.report.__doc__
    return ask


def see_what_is_committed(service: Service, reports: Sequence[type[Report]]) -> None:
    """Wait until these reports show it, unless the caller takes what they show now. Raises Behind.

    Whoever sees only his own sees what is his now, whatever he takes.
    """
    only_own: bool = g.caller.only_own
    if not eventual() or only_own:
        for report in reports:
            service.caught_up(report)
            if only_own and isinstance(report.owned_by, tuple):
                service.caught_up(report.owned_by[1])
