"""What anybody may ask without a key: is the suite alive and ready, and what can be asked of it."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, send_from_directory

from gateway.docs import asyncapi
from gateway.parts import parts
from gateway.upstream import Unreachable, Upstream
from shared.codec import encode
from shared.web import Problem
from shared.web.answers import JSON

pages = Blueprint("pages", __name__)

DOCS_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
DOCS_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sihe: what can be asked</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs"><p>The whole interface: <a href="/openapi.json">openapi.json</a>;
the events between the services: <a href="/asyncapi.json">asyncapi.json</a>.</p></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
DOCS_START = """if (window.SwaggerUIBundle) SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true});
"""
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")


@pages.get("/healthz")
def healthz() -> Response:
    """The gateway lives."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@pages.get("/readyz")
def readyz() -> Response:
    """Every service answers and can write; 503 naming those that cannot."""
    asked = {name: parts().services.threads.submit(_ready, probe) for name, probe in parts().probes.items()}
    waiting = [name for name, ready in asked.items() if not ready.result()]
    parts().access.store.writable()
    if waiting:
        raise Problem(503, "not_ready", f"Not ready: {', '.join(waiting)}.", headers={"Retry-After": "1"})
    return Response(b'{"status":"ready"}', content_type=JSON)


@pages.get("/openapi.json")
def openapi_json() -> Response:
    """Everything that can be asked, as OpenAPI 3.1."""
    return _json(parts().documents.openapi())


@pages.get("/asyncapi.json")
def asyncapi_json() -> Response:
    """Everything the services say to each other, as AsyncAPI 3.0."""
    return _json(asyncapi())


@pages.get("/docs")
def docs() -> Response:
    """The same to read and try, with assets of our own."""
    return Response(DOCS_PAGE, content_type="text/html", headers={"Content-Security-Policy": DOCS_POLICY})


@pages.get("/docs/start.js")
def start() -> Response:
    """What starts the page: no script stands in it."""
    return Response(DOCS_START, content_type="text/javascript")


@pages.get("/docs/<asset>")
def asset(asset: str) -> Response:
    """Swagger UI, where the package that carries it is installed; without it the page is plain."""
    found = find_spec("flask_swagger_ui")
    if asset not in ASSETS or found is None or found.origin is None:
        raise Problem(404, "not_found", "There is nothing here.")
    return send_from_directory(Path(found.origin).parent / "dist", asset)


def _ready(probe: Upstream) -> bool:
    try:
        return probe.ask("GET", "/readyz", {}).ok
    except Unreachable:
        return False


def _json(content: Any) -> Response:
    return Response(encode(content), content_type=JSON)
