"""The API description of the suite (OpenAPI) and the description of its published events (AsyncAPI)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

import shared.contracts.crm
import shared.contracts.erp
import shared.contracts.scm
import shared.contracts.srm  # noqa: F401 (each registers its contracts)
from gateway.kept_page import KeptPage
from gateway.merged_components import MergedNames, used
from gateway.operation_roles import with_roles
from gateway.record_links import add_links
from gateway.routes import OWN_SERVICE, PREFIX, ROUTES, Route
from gateway.service_clients import ServiceClients
from gateway.view_descriptions import own_document
from shared import codec
from shared.command_context import Caller
from shared.config import SERVICES
from shared.contracts import CONTRACTS, PublishedEvent
from shared.fields import words_for
from shared.fields.descriptions import EXTENSION
from shared.money import Money, UnitPrice
from shared.openapi.described_members import with_descriptions
from shared.openapi.shapes import TEXT, map_schema, object_schema
from shared.web.described import RESOURCE
from shared.web.replies import JSON

Doc = dict[str, Any]


PAGE_STATUSES = ("400", "408", "414", "429", "431", "503")


def _page_operation(description: str, schema: Doc, media_type: str = JSON) -> Doc:
    answers = {"200": {"description": "The requested content.", "content": {media_type: {"schema": schema}}}}
    problems = {each: {"$ref": f"#/components/responses/Problem{each}"} for each in PAGE_STATUSES}
    return {"get": {"summary": description, "security": [], "tags": ["pages"], "responses": answers | problems}}


PAGES: Mapping[str, Doc] = {
    "/": _page_operation(
        "Return the addresses of the other pages; for a browser, as a page.", map_schema(TEXT, "Addresses by name.")
    ),
    "/healthz": _page_operation(
        "Return 200 if the gateway process responds.", object_schema({"status": {"const": "ok"}})
    ),
    "/readyz": _page_operation(
        "Return 200 if every service is ready to read and write; 503 names those that are not.",
        object_schema({"status": {"const": "ready"}}),
    ),
    "/readyz/self": _page_operation(
        "Return 200 if the gateway itself can read and write, whether the services answer or not.",
        object_schema({"status": {"const": "ready"}}),
    ),
    "/openapi.json": _page_operation("Return this document.", map_schema({}, "An OpenAPI 3.1 document.")),
    "/asyncapi.json": _page_operation(
        "Return the events that the services publish, as AsyncAPI 3.0.", map_schema({}, "An AsyncAPI 3.0 document.")
    ),
    "/docs": _page_operation("Show this document as an interactive page.", TEXT, "text/html"),
}
"""Pages that need no access key."""

INTRODUCTION = Path(__file__).with_name("api_introduction.md").read_text(encoding="utf-8")
"""The conventions of the API in short; `docs/api.md` begins with it."""
INFO = {"title": "Sihe", "version": "1", "description": INTRODUCTION}
CACHE_SECONDS = 60.0
MONEY = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
}


class ApiDocuments:
    """The OpenAPI documents of all services, merged: only public operations, under their public paths.

    They are requested again after a minute, and merged again if one has changed. If a service does not answer, its
    operations are missing until the next request.
    """

    def __init__(self, services: ServiceClients, own_views: Mapping[str, Callable[..., Any]]) -> None:
        self._services = services
        self._own_document = cache(lambda: codec.encode(own_document(own_views)))
        self._documents: Mapping[str, bytes] | None = None
        self._merged: Description | None = None
        self._expires_at = 0.0

    def description(self) -> "Description":
        if monotonic() > self._expires_at:
            queries = self._services.queries_for(Caller(OWN_SERVICE))
            responses = queries.get_all({name: (name, "/openapi.json") for name in SERVICES})
            documents = {name: response.body for name, response in responses.items() if response is not None}
            if documents != self._documents or self._merged is None:
                merged = merge(documents | {OWN_SERVICE: self._own_document()})
                self._documents, self._merged = documents, Description(merged, KeptPage(codec.encode(merged), JSON))
            self._expires_at = monotonic() + CACHE_SECONDS if len(documents) == len(SERVICES) else 0.0
        assert self._merged is not None
        return self._merged


@dataclass(frozen=True)
class Description:
    """The merged document, and as the page that is sent."""

    document: Doc
    page: KeptPage


def merge(documents: Mapping[str, bytes]) -> Doc:
    """Return the merged document; operation ids are prefixed with the service, and so are its own components."""
    contents = {service: codec.decode_untyped(document) for service, document in documents.items()}
    names = MergedNames({service: content.get("components", {}) for service, content in contents.items()})
    pages = with_descriptions(PAGES, words_for(OWN_SERVICE))
    paths: dict[str, Doc] = names.with_merged_names(OWN_SERVICE, pages)
    components: dict[str, dict[str, Doc]] = {}
    for service, content in contents.items():
        renamed = names.with_merged_names(service, content)
        for path, method, operation in _public_operations(service, renamed["paths"]):
            paths.setdefault(path, {})[method] = operation | {"tags": [service]}
            if row := operation.get(RESOURCE, {}).get("row"):
                operation[RESOURCE]["row"] = names.name_of(service, ("schemas", row))
        for kind, members in renamed.get("components", {}).items():
            merged = {names.name_of(service, (kind, name)): each for name, each in members.items()}
            components.setdefault(kind, {}).update(merged)
    add_links(paths, components.get("schemas", {}))
    return {
        "openapi": "3.1.0",
        EXTENSION: {"format": 1, "languages": ["en", "zh"], "modules": list(_modules(contents))},
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in (*documents, "pages")],
        "paths": dict(sorted(paths.items())),
        "components": used(components, paths) | {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _modules(contents: Mapping[str, Doc]) -> Iterator[Doc]:
    for content in contents.values():
        yield from content.get(EXTENSION, {}).get("modules", ())


_METHODS = ("get", "post", "patch", "put", "delete")


def _public_operations(service: str, paths: Mapping[str, Doc]) -> Iterator[tuple[str, str, Doc]]:
    """Yield path, method and operation for each public route; path-level parameters are copied to each operation."""
    for path, item in paths.items():
        shared_parameters = item.get("parameters", [])
        address = path if service == OWN_SERVICE else f"{PREFIX}/{service}{path}"
        for method in _METHODS:
            route = _public_routes().get(_path_shape(f"{method.upper()} {address.removeprefix(f'{PREFIX}/')}"))
            if method in item and route:
                operation = item[method] | {"parameters": [*shared_parameters, *item[method].get("parameters", [])]}
                yield address, method, with_roles(_with_operation_id(service, operation), route)


def _with_operation_id(service: str, operation: Doc) -> Doc:
    """Return the operation with an id that is unique in the merged document."""
    own = operation.get("operationId")
    return operation | {"operationId": f"{service}.{own}"} if own else operation


@cache
def _public_routes() -> Mapping[str, Route]:
    return {_path_shape(name): route for name, route in ROUTES.items()}


def _path_shape(name: str) -> str:
    return re.sub(r"{\w+}", "{}", name)


@cache
def asyncapi() -> Doc:
    """Return the channel, the schema and the meaning of every published event (AsyncAPI 3.0)."""
    kinds = list(CONTRACTS.values())
    template = "#/components/schemas/{name}"
    _, schemas = msgspec.json.schema_components(kinds, schema_hook=_shape_of, ref_template=template)
    return {
        "asyncapi": "3.0.0",
        "info": INFO | {"description": "Published events: CloudEvents 1.0 (binary mode) over NATS."},
        "defaultContentType": "application/json",
        "channels": {kind.wire_type(): _channel(kind) for kind in kinds},
        "operations": {
            f"publish.{kind.wire_type()}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{kind.wire_type()}"},
                "title": f"{kind.source()} publishes {kind.__name__}",
            }
            for kind in kinds
        },
        "components": {"schemas": schemas},
    }


def _channel(kind: type[PublishedEvent]) -> Doc:
    service, aggregate, event, _ = kind.wire_type().split(".")
    return {
        "address": f"evt.{service}.{aggregate}.{event}.{{partition}}",
        "description": " ".join((kind.__doc__ or "").split()),
        "parameters": {"partition": {"description": "crc32 of the aggregate's id, modulo 64, two digits"}},
        "messages": {
            kind.__name__: {"name": kind.wire_type(), "payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}
        },
    }


def _shape_of(kind: type) -> Doc:
    if kind in (Money, UnitPrice):
        return MONEY
    raise NotImplementedError(kind)  # as msgspec asks of a hook that does not know the type
