"""The gateway's Flask app: every row of the table served, nothing else."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request

from gateway import limits
from gateway.entrance import identified, judge_roles
from gateway.pages import pages
from gateway.parts import Parts
from gateway.proxy import forward
from gateway.routes import OURSELVES, PREFIX, ROUTES, Route, Thing
from gateway.views import OUR_VIEWS
from shared.web import harden, read_body


def gateway_app(parts: Parts) -> Flask:
    """The app over these parts."""
    app = harden(Flask(OURSELVES, static_folder=None), OURSELVES)
    app.extensions["gateway"] = parts
    app.extensions["service"] = parts.access
    app.before_request(lambda: _admit(parts))
    app.after_request(lambda answer: _remember(parts, answer))
    app.register_blueprint(pages)
    app.url_map.converters["thing"] = Thing
    for route in ROUTES.values():
        view = OUR_VIEWS[route.name] if route.service == OURSELVES else _hand_on(route, parts)
        app.add_url_rule(route.rule, route.name, view, methods=[route.method])
    return app


def _admit(parts: Parts) -> None:
    """Everything a request must pass before anyone works for it. What needs no key is in no row."""
    limits.judge(request.environ)
    rule = request.url_rule
    route = ROUTES.get(rule.endpoint) if rule else None
    if route is None:
        return
    caller = identified(request.environ.get("HTTP_AUTHORIZATION"), parts.keyring)
    only_own = route.only_own(caller.roles)
    g.caller = replace(caller, trace_id=g.trace_id, traceparent=g.traceparent, only_own=only_own)
    judge_roles(route, caller)


def _remember(parts: Parts, answer: Response) -> Response:
    """Whoever was shown persons or books is on record."""
    route = ROUTES.get(request.url_rule.endpoint) if request.url_rule else None
    if route is not None and route.private and answer.status_code < HTTPStatus.BAD_REQUEST:
        caller = g.caller
        parts.access.readings.note(caller.actor, request.path, list(request.args), caller.trace_id)
    return answer


def _hand_on(route: Route, parts: Parts) -> Callable[..., Response]:
    """The view that lets the service of this row answer."""
    services = parts.services
    upstream = services.upstreams[route.service]
    prefix = f"{PREFIX}/{route.service}"

    def hand_on(**_: Any) -> Response:
        body = None if route.method == "GET" else read_body(route.body_limit)
        return forward(upstream, services.signer, g.caller, request.environ, request.path.removeprefix(prefix), body)

    return hand_on
