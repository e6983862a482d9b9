"""Pages without authentication: health, readiness and the API description."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from gateway.api_documents import asyncapi
from gateway.components import current_components
from gateway.kept_page import KeptPage
from shared.codec import encode
from shared.http_client import HttpClient, Unreachable
from shared.web import ProblemError
from shared.web.replies import JSON

pages = Blueprint("pages", __name__)

DOCS_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'"
DOCS_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sihe: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs"><p>API description: <a href="/openapi.json">openapi.json</a>;
published events: <a href="/asyncapi.json">asyncapi.json</a>.</p></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
DOCS_SCRIPT = """\
const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((each) => each.toString(16)).join("-");
const fillKey = (request) => {
  if (request.method === "POST") request.headers["Idempotency-Key"] ??= newKey();
  return request;
};
const operations = (url) => fetch(url).then((answer) => answer.json()).then((document) => {
  for (const path of Object.values(document.paths))
    for (const operation of Object.values(path))
      for (const parameter of operation.parameters ?? [])
        if (parameter.name === "Idempotency-Key") parameter.required = false;
  return document;
});
if (window.SwaggerUIBundle) operations("/openapi.json").then((spec) =>
  SwaggerUIBundle({spec, dom_id: "#docs", deepLinking: true, requestInterceptor: fillKey}));
"""
START_ADDRESSES = {
    "name": "Sihe",
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "asyncapi": "/asyncapi.json",
    "health": "/healthz",
    "readiness": "/readyz",
    "api": "/api/v1",
}
START_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sihe</title>
<meta name="viewport" content="width=device-width"></head>
<body>
<h1>Sihe</h1>
<p>Sihe is a business suite for a trading company: sales (CRM), purchasing (SRM), stock and shipping (SCM) and
accounting (ERP), used through an API. This address is its gateway.</p>
<ul>
<li><a href="/docs">API documentation</a>, also as <a href="/openapi.json">OpenAPI</a> and, for the published events,
<a href="/asyncapi.json">AsyncAPI</a></li>
<li><a href="/readyz">State</a>: whether every service can read and write</li>
<li>A first order: the commands under "A first order" in README.md, or <code>make demo</code></li>
<li>Key: every request to <code>/api/v1</code> needs <code>Authorization: Bearer &lt;key&gt;</code>. The key of the
first administrator is in <code>admin.key</code> in the folder of the suite (<code>var</code> or
<code>SIHE_HOME</code>).</li>
</ul>
<h2 lang="zh">四合</h2>
<p lang="zh">四合是面向贸易企业的业务套件：销售（CRM）、采购（SRM）、库存与发运（SCM）、会计（ERP），通过 API 使用。
本地址是其网关。</p>
<ul lang="zh">
<li><a href="/docs">API 文档</a></li>
<li><a href="/readyz">状态</a>：各服务是否可读写</li>
<li>第一张订单：README.zh.md 中的命令，或 <code>make demo</code></li>
<li>密钥：访问 <code>/api/v1</code> 须带 <code>Authorization: Bearer &lt;密钥&gt;</code>；
首位管理员的密钥在套件数据文件夹（<code>var</code> 或 <code>SIHE_HOME</code>）的 <code>admin.key</code> 中。</li>
</ul>
</body></html>
"""
ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


@pages.get("/")
def start() -> Response:
    """Return the addresses of the other pages; for a browser, as a page that explains the first steps."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return Response(START_PAGE, content_type="text/html; charset=utf-8", headers={"Vary": "Accept"})
    return _json(START_ADDRESSES)


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


@pages.get("/readyz/self")
def readyz_self() -> Response:
    """Return 200 if the gateway itself can read and write, whether the services answer or not."""
    current_components().access.store.require_writable()
    return Response(b'{"status":"ready"}', content_type=JSON)


@pages.get("/openapi.json")
def openapi_json() -> Response:
    """Return the API description of the suite, as OpenAPI 3.1."""
    return current_components().documents.description().page.response()


@pages.get("/asyncapi.json")
def asyncapi_json() -> Response:
    """Return the events that the services publish, as AsyncAPI 3.0."""
    return _asyncapi_page().response()


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
    page = _asset_or_none(asset)
    if page is None:
        raise ProblemError(404, "not_found", "Unknown address.")
    return page.response()


@cache
def _asset_or_none(asset: str) -> KeptPage | None:
    package = find_spec("flask_swagger_ui")
    if asset not in ASSETS or package is None or package.origin is None:
        return None
    return KeptPage((Path(package.origin).parent / "dist" / asset).read_bytes(), ASSETS[asset])


@cache
def _asyncapi_page() -> KeptPage:
    return KeptPage(encode(asyncapi()), JSON)


def _is_ready(probe: HttpClient) -> bool:
    try:
        return probe.request("GET", "/readyz", {}).is_ok
    except Unreachable:
        return False


def _json(content: Any) -> Response:
    return Response(encode(content), content_type=JSON)
