"""Flask app of a service, and the request checks, headers and logs that every Flask app of the suite has."""

import re
import time
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import cast
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, current_app
from itsdangerous import URLSafeSerializer
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared import telemetry
from shared.bus.event_feed import HttpEventFeed, PublishedEvents
from shared.codec import encode
from shared.command_context import Caller
from shared.config import Settings
from shared.fields.descriptions import EXTENSION
from shared.http_client import HttpClient
from shared.identity import GATEWAY, AuthenticationFailed, Identity, TokenVerifier
from shared.openapi.document import app_document
from shared.projections import Projection
from shared.service import Service
from shared.telemetry import REQUESTS, is_traceparent, log, method_label, parse_traceparent
from shared.web.addresses import advice_for
from shared.web.commands import MAX_WAIT_SECONDS
from shared.web.cursors import CURSORS
from shared.web.described import descriptions_of, modules_of
from shared.web.internal import PEER_ENDPOINTS, PROBES, PUBLIC_ENDPOINTS, internal
from shared.web.ops import ops
from shared.web.problems import PUBLIC_PREFIX, ProblemError, current_request, problem_response
from shared.web.raw_response import SAFE_HEADERS, RawResponse
from shared.web.refusal_time import wait_for_full_step
from shared.web.replies import JSON, mark_personal_data, set_missing_headers
from shared.web.resource import HAS_OWNER, Resource
from shared.web.route import Route, described_route
from shared.web.settings import settings_resource
from shared.wiring import sources_of, token_issuer

MAX_PARAMETERS = 1_000
REFUSED, SERVER_ERROR = 400, 500

_AMBIGUOUS_PATH = re.compile(r"//|[;\\]|%(?:2[ef]|5c|3b|25|[01][0-9a-f]|7f)", re.IGNORECASE)
_AMBIGUOUS_DETAIL = (
    "Ambiguous path: remove '//', ';', '\\' and encoded separators. A record whose code has one is addressed by its id."
)
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_.-]{1,8192})")


def configure_app(app: Flask, name: str, *, continues_traces: bool = True) -> Flask:
    """Add problem responses for errors, checks of addresses, request logs and safe headers to an app.

    With `continues_traces` the trace of the caller goes on; else the caller is foreign, and its trace is only noted.
    """
    telemetry.configure_logging(name)
    app.url_rule_class = Route
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    # no view is asynchronous: a check at each request would only cost time
    app.ensure_sync = lambda view: view  # type: ignore[assignment, method-assign]  # a method replaced on purpose
    app.before_request(partial(_begin_request, continues_traces=continues_traces))
    app.after_request(_end_request)
    app.register_error_handler(Exception, problem_response)
    app.config.setdefault(PUBLIC_PREFIX, "")
    return app


def create_service_app(service: Service, settings: Settings) -> Flask:
    """Return the app of a service: its resources and the common endpoints, for authenticated callers only."""
    verifier = TokenVerifier.from_file(settings.jwks_file, service.NAME)
    service.feeds = _feeds_of(service, settings)
    app = build_service_app(service, resources_of_modules(type(service)), verifier, settings.secret_file.read_text())
    telemetry.configure_logging(service.NAME, settings.log_level)
    return app


def _feeds_of(service: Service, settings: Settings) -> Mapping[str, PublishedEvents]:
    """Return the services whose events are received here, to be asked while a request waits."""
    peers = {name: HttpClient(name, address) for name, address in settings.peers.items()}
    token = token_issuer(settings)
    return {name: HttpEventFeed(peer, token, MAX_WAIT_SECONDS) for name, peer in sources_of(service, peers).items()}


def resources_of_modules(service_class: type[Service]) -> tuple[Resource, ...]:
    """Return the API resources of all modules of the service, each with the name of its module, and the settings."""
    for module in service_class.modules:
        for each in cast("tuple[Resource, ...]", module.all_resources):
            each.record_commands.module = module.name
    return (*cast("tuple[Resource, ...]", service_class.resources), settings_resource(service_class))  # type: ignore[arg-type]  # mypy takes a class for unhashable


def build_service_app(service: Service, resources: Iterable[Resource], verifier: TokenVerifier, secret: str) -> Flask:
    """Assemble the app of a service with a given token verifier. `secret` signs cursors."""
    prefix = f"/api/v1/{service.NAME}"
    app = configure_app(Flask(service.NAME, static_folder=None), service.NAME)
    app.before_request(lambda: _authenticate(verifier))
    app.after_request(mark_personal_data)
    app.register_error_handler(404, _unknown_address)
    app.register_blueprint(internal)
    app.register_blueprint(ops)
    app.config[PUBLIC_PREFIX] = prefix
    app.extensions["service"] = service
    app.extensions[CURSORS] = URLSafeSerializer(secret, salt=CURSORS)
    documented: set[type[Projection]] = set()
    resources = tuple(resources)
    for resource in resources:
        app.register_blueprint(resource)
        documented.update(resource.documented)
    described = partial(descriptions_of, type(service), resources)
    modules = {EXTENSION: {"modules": modules_of(type(service))}}
    document = cache(lambda: encode({**app_document(app, service.NAME, prefix, documented, described()), **modules}))
    app.add_url_rule("/openapi.json", "openapi", lambda: Response(document(), content_type=JSON))
    return app


def _unknown_address(error: Exception) -> Response:
    """Return the problem for an unknown address, which may name a record by its number."""
    path = current_request()[0].path
    return problem_response(ProblemError(404, "not_found", f"Unknown address.{advice_for(path)}"))


def _begin_request(*, continues_traces: bool) -> None:
    request, state = current_request()
    state.began = time.perf_counter()
    received = request.environ.get("HTTP_TRACEPARENT")
    state.trace_id, state.traceparent = parse_traceparent(received if continues_traces else None)
    clear_contextvars()
    bind_contextvars(trace_id=state.trace_id)
    if received and not continues_traces and is_traceparent(received):
        bind_contextvars(linked_traceparent=received)
    _validate_address(request.environ)


def _validate_address(environ: dict[str, str]) -> None:
    """Raise ProblemError if the path, host or query is ambiguous or malformed."""
    path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
    if _AMBIGUOUS_PATH.search(path):
        raise ProblemError(400, "malformed_address", _AMBIGUOUS_DETAIL)
    host = environ.get("HTTP_HOST")
    if not host or "," in host:
        raise ProblemError(400, "malformed_host", "Exactly one Host header is required.")
    query = environ["QUERY_STRING"]
    if query:
        _validate_query(query)


def _validate_query(query: str) -> None:
    if query.count("&") >= MAX_PARAMETERS:
        raise ProblemError(400, "too_many_parameters", f"Too many query parameters. Allowed: {MAX_PARAMETERS}.")
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise ProblemError(400, "not_utf8", "The query string must be UTF-8.") from None


def _authenticate(verifier: TokenVerifier) -> None:
    """Identify the caller by the signed token alone; other claims of the client are ignored."""
    request, state = current_request()
    if request.endpoint in PUBLIC_ENDPOINTS:
        return
    bearer = _BEARER.fullmatch(request.environ.get("HTTP_AUTHORIZATION", ""))
    if not bearer:
        raise AuthenticationFailed("no token")
    identity = verifier.verify(bearer[1], request.method, request.path)
    if identity.issuer != GATEWAY and request.endpoint not in PEER_ENDPOINTS:
        raise ProblemError(403, "forbidden", "Services may only read events, figures and checkpoints.")
    state.issuer = identity.issuer
    state.caller = _caller_of(identity, state.trace_id, state.traceparent, described_route(request))
    if identity.only_own and not _has_owner(request.endpoint):
        raise ProblemError(403, "forbidden", "Callers restricted to their own records have no access here.")


def _caller_of(identity: Identity, trace_id: str, traceparent: str | None, route: str | None) -> Caller:
    return Caller(
        identity.actor, identity.roles, identity.on_behalf_of, trace_id, traceparent, identity.only_own,
        identity.permissions, identity.own_permissions, route,
    )  # fmt: skip


def _has_owner(endpoint: str | None) -> bool:
    """Return whether all records of the endpoint have an owner; true for an unknown endpoint, which is a 404."""
    return endpoint is None or getattr(current_app.view_functions[endpoint], HAS_OWNER, False)


def _end_request(response: Response) -> Response:
    request, state = current_request()
    if not isinstance(response, RawResponse):
        set_missing_headers(response, SAFE_HEADERS)
    if response.status_code >= REFUSED and "caller" in state and state.caller.only_own:
        wait_for_full_step(state.began)
    seconds = time.perf_counter() - state.began
    route = request.url_rule.rule if request.url_rule else "unmatched"
    status = response.status_code
    method = method_label(request.method)
    REQUESTS.labels(method, route, status).observe(seconds)
    is_probe = (request.endpoint or "").rpartition(".")[2] in PROBES
    emit = log.debug if is_probe else log.error if status >= SERVER_ERROR else log.info
    known = {"actor": state.caller.actor} if "caller" in state else {}
    known |= {"code": state.problem} if "problem" in state else {}
    emit("request", method=method, route=route, status=status, ms=round(seconds * 1000, 2), **known)
    return response
