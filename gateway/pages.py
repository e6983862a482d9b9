"""Pages without authentication: health, readiness and the API description."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, send_from_directory

from gateway.api_documents import asyncapi
from gateway.components import current_components
from shared.codec import encode
from shared.http_client import HttpClient, Unreachable
from shared.web import ProblemError
from shared.web.replies import JSON

pages = Blueprint("pages", __name__)

DOCS_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
DOCS_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sihe: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs"><p>API description: <a href="/openapi.json">openapi.json</a>;
published events: <a href="/asyncapi.json">asyncapi.json</a>.</p></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
DOCS_SCRIPT = """\
if (window.SwaggerUIBundle) SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true});
"""
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")


@pages.get("/healthz")
def healthz() -> Response:
    """Return 200 if the gateway process responds."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@pages.get("/readyz")
def readyz() -> Response:
    """Return 200 if every service is ready to read and write; 503 names those that are not."""
    probes = {
        name: current_components().services.threads.submit(_is_ready, probe)
        for name, probe in current_components().probes.items()
    }
    not_ready = [name for name, ready in probes.items() if not ready.result()]
    current_components().access.store.require_writable()
    if not_ready:
        raise ProblemError(503, "not_ready", f"Not ready: {', '.join(not_ready)}.", headers={"Retry-After": "1"})
    return Response(b'{"status":"ready"}', content_type=JSON)


@pages.get("/openapi.json")
def openapi_json() -> Response:
    """Return the API description of the suite, as OpenAPI 3.1."""
    return _json(current_components().documents.openapi())


@pages.get("/asyncapi.json")
def asyncapi_json() -> Response:
    """Return the events that the services publish, as AsyncAPI 3.0."""
    return _json(asyncapi())


@pages.get("/docs")
def docs() -> Response:
    """Show the API description as an interactive page, with assets of this server only."""
    return Response(DOCS_PAGE, content_type="text/html", headers={"Content-Security-Policy": DOCS_POLICY})


@pages.get("/docs/start.js")
def docs_script() -> Response:
    """Return the script that starts the page; the content policy forbids inline scripts."""
    return Response(DOCS_SCRIPT, content_type="text/javascript")


@pages.get("/docs/<asset>")
def asset(asset: str) -> Response:
    """Return an asset of Swagger UI; 404 if its package is not installed (the page then shows links only)."""
    package = find_spec("flask_swagger_ui")
    if asset not in ASSETS or package is None or package.origin is None:
        raise ProblemError(404, "not_found", "Unknown address.")
    return send_from_directory(Path(package.origin).parent / "dist", asset)


def _is_ready(probe: HttpClient) -> bool:
    try:
        return probe.request("GET", "/readyz", {}).is_ok
    except Unreachable:
        return False


def _json(content: Any) -> Response:
    return Response(encode(content), content_type=JSON)
