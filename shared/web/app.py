"""The Flask app of a service, and what makes any Flask app of the suite safe to be asked."""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, current_app
from itsdangerous import URLSafeSerializer
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared import telemetry
from shared.config import Settings
from shared.identity import GATEWAY, Unidentified, Verifier
from shared.report import Report
from shared.service import Caller, Service
from shared.telemetry import REQUESTS, log, trace_of
from shared.web import docs
from shared.web.internal import FOR_PEERS, OPEN, internal
from shared.web.lists import CURSORS
from shared.web.ops import ops
from shared.web.problems import PUBLIC_PREFIX, SAFE_HEADERS, Answer, Problem, answer_problem, now_answered
from shared.web.proofs import proofs
from shared.web.resource import OWNED, Resource

MOST_PARAMETERS = 100
SERVER_ERROR = 500

_DECEIVING = re.compile(r"//|[;\\]|%(?:2[ef]|5c|3b|25|[01][0-9a-f]|7f)", re.IGNORECASE)
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_.-]{1,8192})")


def harden(app: Flask, name: str) -> Flask:
    """Have an app tell every error as a problem, refuse deceiving addresses, log each request, set safe headers."""
    telemetry.set_up(name)
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.ensure_sync = _as_it_is  # type: ignore[assignment, method-assign]
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(Exception, answer_problem)
    app.config.setdefault(PUBLIC_PREFIX, "")
    return app


def create_service_app(service: Service, resources: Iterable[Resource], settings: Settings) -> Flask:
    """The app of a service: its resources, and what every service answers beside them, for identified callers only."""
    verifier = Verifier.reading(settings.jwks_file, service.NAME)
    app = service_app(service, resources, verifier, settings.secret_file.read_text())
    telemetry.set_up(service.NAME, settings.log_level)
    return app


def service_app(service: Service, resources: Iterable[Resource], verifier: Verifier, secret: str) -> Flask:
    """The same, from keys in hand. `secret` signs cursors."""
    app = harden(Flask(service.NAME, static_folder=None), service.NAME)
    app.before_request(lambda: _identify(verifier))
    app.register_blueprint(internal)
    app.register_blueprint(ops)
    app.register_blueprint(proofs)
    serve(app, service, resources, secret, prefix=f"/api/v1/{service.NAME}")
    return app


def serve(app: Flask, service: Service, resources: Iterable[Resource], secret: str, *, prefix: str = "") -> None:
    """Answer these resources with this service. `prefix` stands before their paths outside."""
    app.config[PUBLIC_PREFIX] = prefix
    app.extensions["service"] = service
    app.extensions[CURSORS] = URLSafeSerializer(secret, salt=CURSORS)
    api = docs.documented(app, service.NAME, prefix or "/")
    told_of: set[type[Report]] = set()
    for resource in resources:
        api.register_blueprint(resource)
        told_of.update(resource.told_of)
    for report in sorted(told_of, key=lambda each: each.name):
        docs.describe(api, report)


def _begin() -> None:
    asked, known = now_answered()
    known.began = time.perf_counter()
    known.trace_id, known.traceparent = trace_of(asked.environ.get("HTTP_TRACEPARENT"))
    clear_contextvars()
    bind_contextvars(trace_id=known.trace_id)
    _judge_address(asked.environ)


def _judge_address(environ: dict[str, str]) -> None:
    """Nobody reads a path or a host in two ways."""
    path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
    if _DECEIVING.search(path):
        raise Problem(400, "malformed_address", "The address can be read in more than one way.")
    host = environ.get("HTTP_HOST")
    if not host or "," in host:
        raise Problem(400, "malformed_host", "One Host is needed.")
    query = environ["QUERY_STRING"]
    if query:
        _judge_query(query)


def _judge_query(query: str) -> None:
    if query.count("&") >= MOST_PARAMETERS:
        raise Problem(400, "too_many_parameters", f"An address may have {MOST_PARAMETERS} parameters.")
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise Problem(400, "not_utf8", "An address must be UTF-8.") from None


def _identify(verifier: Verifier) -> None:
    """Know who asks, from the signed identity alone; whatever else the client says of itself is ignored."""
    asked, known = now_answered()
    if asked.endpoint in OPEN:
        return
    shown = _BEARER.fullmatch(asked.environ.get("HTTP_AUTHORIZATION", ""))
    if not shown:
        raise Unidentified("no token")
    identity = verifier.identity(shown[1])
    if identity.issuer != GATEWAY and asked.endpoint not in FOR_PEERS:
        raise Problem(403, "forbidden", "Another service may only ask for events and checkpoints.")
    known.issuer = identity.issuer
    known.caller = Caller(
        identity.actor, identity.roles, identity.on_behalf_of, known.trace_id, known.traceparent, identity.only_own
    )
    if identity.only_own and not _says_whose(asked.endpoint):
        raise Problem(403, "forbidden", "This is not for those who see only what is theirs.")


def _says_whose(endpoint: str | None) -> bool:
    """Whether everything that can be touched there has an owner. Where there is nothing, nobody has to say."""
    return endpoint is None or getattr(current_app.view_functions[endpoint], OWNED, False)


def _end(response: Response) -> Response:
    asked, known = now_answered()
    if not isinstance(response, Answer):
        for name, value in SAFE_HEADERS:
            response.headers.setdefault(name, value)
    seconds = time.perf_counter() - known.began
    route = asked.url_rule.rule if asked.url_rule else "unmatched"
    status = response.status_code
    REQUESTS.labels(asked.method, route, status).observe(seconds)
    tell = log.debug if asked.endpoint in OPEN else log.error if status >= SERVER_ERROR else log.info
    tell("request", method=asked.method, route=route, status=status, ms=round(seconds * 1000, 2), **_about(known))
    return response


def _about(known: Any) -> dict[str, str]:
    """Who asked, and what was the matter, where known."""
    told = {}
    if "caller" in known:
        told["actor"] = known.caller.actor
    if "problem" in known:
        told["code"] = known.problem
    return told


def _as_it_is(view: Callable[..., Any]) -> Callable[..., Any]:
    """No view of ours is asynchronous; asking each of them at each request would be in vain."""
    return view
