"""Flask app of the gateway: serves the routes of `gateway.routes` and the pages without a key."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request

from gateway import limits
from gateway.authentication import authenticate, require_role
from gateway.components import GatewayComponents, GatewayLimits
from gateway.compression import compress
from gateway.cross_origin import CrossOrigin
from gateway.pages import pages
from gateway.peer_pages import peer_pages
from gateway.proxy import forward
from gateway.rate_limits import client_network
from gateway.routes import OWN_SERVICE, PREFIX, ROUTES, IdentifierConverter, Route
from gateway.suite_metrics import suite_metrics
from gateway.views import OWN_VIEWS
from shared.command_context import Caller
from shared.http_connection import Body
from shared.server.limits import is_in_networks
from shared.server.marks import REPEATED
from shared.web import ProblemError, configure_app, read_body_bytes, read_body_file
from shared.web.body_limits import BodyKind
from shared.web.problems import problem_response
from shared.web.replies import set_missing_headers
from shared.web.route import described_route

IMPORT_SECONDS = 180.0
"""Time that a service may take to import a sheet of the largest size; in the end it answers or its check fails."""


def create_gateway_app(components: GatewayComponents) -> Flask:
    """Return the app built from these components."""
    app = configure_app(Flask(OWN_SERVICE, static_folder=None), OWN_SERVICE, continues_traces=False)
    app.extensions["gateway"] = components
    app.extensions["service"] = components.access
    app.before_request(lambda: _authenticate(components))
    app.after_request(compress)
    app.after_request(_state_quota)
    app.after_request(lambda response: _record_access(components, response))
    app.register_error_handler(404, _unknown_address)
    app.register_blueprint(pages)
    app.register_blueprint(peer_pages)
    app.register_blueprint(suite_metrics)
    app.url_map.converters["identifier"] = IdentifierConverter
    for route in ROUTES.values():
        view = OWN_VIEWS[route.name] if route.service == OWN_SERVICE else _forwarding_view(route, components)
        app.add_url_rule(route.rule, route.name, view, methods=[route.method])
    if components.origins:
        app.wsgi_app = CrossOrigin(app.wsgi_app, components.origins)  # type: ignore[method-assign]  # as Flask documents
    return app


_FOUND_BY = {"orders": "crm/sales-orders?number", "customers": "crm/customers?code"}
"""The lists in which people find the records that views show."""
_VIEW = re.compile(rf"{PREFIX}/views/({'|'.join(_FOUND_BY)})/([^/]{{1,200}})")


def _unknown_address(_: Exception) -> Response:
    """Return the problem for an unknown address, which may name the record of a view by its number."""
    view = _VIEW.fullmatch(request.path)
    advice = f" Views are by id. Find the id: GET {PREFIX}/{_FOUND_BY[view[1]]}={quote(view[2])}" if view else ""
    return problem_response(ProblemError(404, "not_found", f"Unknown address.{advice}"))


def _authenticate(components: GatewayComponents) -> None:
    """Check address, target, access key and role before the request is processed; pages without a key have no route."""
    address = client_network(request.environ.get("REMOTE_ADDR", ""))
    _require_quota_of_address(components.limits, address)
    limits.require_valid_target(request.environ)
    rule = request.url_rule
    route = ROUTES.get(rule.endpoint) if rule else None
    if route is None:
        return
    authorization = request.environ.get("HTTP_AUTHORIZATION")
    caller = authenticate(authorization, address, components.keyring, components.limits.guesses)
    _require_quota_of_key(components.limits, caller)
    only_own = route.is_limited_to_own(caller.roles)
    g.caller = caller.of_request(g.trace_id, g.traceparent, described_route(request), only_own=only_own)
    require_role(route, caller)


def _require_quota_of_address(granted: GatewayLimits, address: str) -> None:
    if not _is_repeated() and not is_in_networks(address, granted.shared_networks):
        granted.per_address.take(address).require("too_many_requests", "Too many requests from this address.")


def _require_quota_of_key(granted: GatewayLimits, caller: Caller) -> None:
    g.quota = granted.per_key.check(caller.actor) if _is_repeated() else granted.per_key.take(caller.actor)
    if not _is_repeated():
        g.quota.require("too_many_requests", "Too many requests with this key.")


def _is_repeated() -> bool:
    """Return whether the server repeats a request that has been counted before, because its body has arrived."""
    return bool(request.environ.get(REPEATED))


def _state_quota(response: Response) -> Response:
    """State to callers how many requests they may still send."""
    if "quota" in g:
        set_missing_headers(response, g.quota.headers().items())
    return response


def _record_access(components: GatewayComponents, response: Response) -> Response:
    """Record in the access log that the caller was shown personal data, by any method, or read accounting data."""
    route = ROUTES.get(request.url_rule.endpoint) if request.url_rule else None
    is_recorded = route is not None and (route.is_audited or "shows_personal_data" in g)
    if is_recorded and response.status_code < HTTPStatus.BAD_REQUEST:
        given = request.args.items(multi=True)
        components.access.access_log.record(g.caller, request.method, request.path, given)
    return response


def _forwarding_view(route: Route, components: GatewayComponents) -> Callable[..., Response]:
    """Return the view that forwards a request to the service of this route."""
    services = components.services
    upstream = services.upstreams[route.service]
    prefix = f"{PREFIX}/{route.service}"

    def send(body: Body = None, timeout: float | None = None) -> Response:
        path = request.path.removeprefix(prefix)
        return forward(upstream, services.signer, g.caller, request.environ, path, body, timeout)

    def forward_request(**_: Any) -> Response:
        return send(None if route.method == "GET" else read_body_bytes(request.environ, route.body_limit))

    def forward_sheet(**_: Any) -> Response:
        with read_body_file(request.environ, route.body_limit) as file:
            return send(file, IMPORT_SECONDS)

    return forward_sheet if route.body is BodyKind.SHEET else forward_request
