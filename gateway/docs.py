"""What can be asked of the suite and what its services say to each other, for programs and people to read."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from time import monotonic
from typing import Any

import msgspec

import shared.contracts.crm
import shared.contracts.erp
import shared.contracts.scm
import shared.contracts.srm  # noqa: F401 (each registers its words)
from gateway.routes import OURSELVES, PREFIX, ROUTES
from gateway.services import Services
from gateway.telling import own_document
from shared import codec
from shared.config import SERVICES
from shared.contracts import CONTRACTS, Contract
from shared.money import Money
from shared.service import Caller
from shared.web.answers import JSON

Doc = dict[str, Any]


def _page(words: str, media_type: str = JSON) -> Doc:
    answers = {"200": {"description": "As asked.", "content": {media_type: {}}}}
    problems = {each: {"$ref": f"#/components/responses/{OURSELVES}.Problem{each}"} for each in ("400", "414", "503")}
    return {"get": {"summary": words, "security": [], "tags": ["pages"], "responses": answers | problems}}


PAGES: Mapping[str, Doc] = {
    "/healthz": _page("The gateway lives."),
    "/readyz": _page("Every service answers and can write; 503 names those that cannot."),
    "/openapi.json": _page("This document."),
    "/asyncapi.json": _page("Everything the services say to each other, as AsyncAPI 3.0."),
    "/docs": _page("This document to read and try.", "text/html"),
}
"""What anybody may ask without a key."""

INFO = {"title": "Sihe", "version": "1", "description": "Customers, suppliers, stock and books of one firm."}
FRESH_SECONDS = 60.0
MONEY = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
}


class Documents:
    """The services' OpenAPI documents as one: only what is public, under its public path.

    Asked for again when it is a minute old; what a silent service would say is missing until then.
    """

    def __init__(self, services: Services, own_views: Mapping[str, Callable[..., Any]]) -> None:
        self._services = services
        self._own = codec.encode(own_document(own_views))
        self._merged: Doc = {}
        self._until = 0.0

    def openapi(self) -> Doc:
        if monotonic() > self._until:
            asking = self._services.asked_by(Caller(OURSELVES))
            told = asking.all({name: (name, "/openapi.json") for name in SERVICES})
            documents = {name: answer.body for name, answer in told.items() if answer is not None}
            self._merged = merged(documents | {OURSELVES: self._own})
            self._until = monotonic() + FRESH_SECONDS if len(documents) == len(SERVICES) else 0.0
        return self._merged


def merged(documents: Mapping[str, bytes]) -> Doc:
    """One document of many; every component is named after its service."""
    paths: dict[str, Doc] = dict(PAGES)
    components: dict[str, Doc] = {}
    for service, document in documents.items():
        told = codec.decode_plain(re.sub(rb'"(#/components/\w+/)', rb'"\g<1>%s.' % service.encode(), document))
        for path, method, operation in _public(service, told["paths"]):
            paths.setdefault(path, {})[method] = operation | {"tags": [service]}
        for kind, members in told.get("components", {}).items():
            components.setdefault(kind, {}).update({f"{service}.{name}": each for name, each in members.items()})
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [{"name": name} for name in (*documents, "pages")],
        "paths": dict(sorted(paths.items())),
        "components": components | {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


_METHODS = ("get", "post", "patch", "put", "delete")


def _public(service: str, paths: Mapping[str, Doc]) -> Iterator[tuple[str, str, Doc]]:
    """What the table lets out, with the parameters that all methods of a path share given to each."""
    for path, item in paths.items():
        shared_parameters = item.get("parameters", [])
        address = path if service == OURSELVES else f"{PREFIX}/{service}{path}"
        for method in _METHODS:
            if method in item and _shape(f"{method.upper()} {address.removeprefix(f'{PREFIX}/')}") in _let_out():
                operation = item[method] | {"parameters": [*shared_parameters, *item[method].get("parameters", [])]}
                yield address, method, _named(service, operation)


def _named(service: str, operation: Doc) -> Doc:
    """With an id that is the operation's own in the whole document."""
    own = operation.get("operationId")
    return operation | {"operationId": f"{service}.{own}"} if own else operation


@cache
def _let_out() -> frozenset[str]:
    return frozenset(_shape(name) for name in ROUTES)


def _shape(name: str) -> str:
    return re.sub(r"{\w+}", "{}", name)


@cache
def asyncapi() -> Doc:
    """Every published event: where it is said, in which words, and what it means (AsyncAPI 3.0)."""
    kinds = list(CONTRACTS.values())
    places = "#/components/schemas/{name}"
    _, schemas = msgspec.json.schema_components(kinds, schema_hook=_shape_of, ref_template=places)
    return {
        "asyncapi": "3.0.0",
        "info": INFO | {"description": "What the services tell each other: CloudEvents 1.0 (binary mode) over NATS."},
        "defaultContentType": "application/json",
        "channels": {kind.wire_type(): _channel(kind) for kind in kinds},
        "operations": {
            f"say.{kind.wire_type()}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{kind.wire_type()}"},
                "title": f"{kind.source()} says {kind.__name__}",
            }
            for kind in kinds
        },
        "components": {"schemas": schemas},
    }


def _channel(kind: type[Contract]) -> Doc:
    service, noun, happening, _ = kind.wire_type().split(".")
    return {
        "address": f"evt.{service}.{noun}.{happening}.{{partition}}",
        "description": " ".join((kind.__doc__ or "").split()),
        "parameters": {"partition": {"description": "crc32 of the aggregate's id, modulo 64, two digits"}},
        "messages": {
            kind.__name__: {
                "name": kind.wire_type(),
                "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
            }
        },
    }


def _shape_of(kind: type) -> Doc:
    if kind is Money:
        return MONEY
    raise NotImplementedError(kind)
