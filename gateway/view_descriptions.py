"""OpenAPI document of the gateway's own views; it is merged with those of the services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.compose.correlation_tree import TREE_SCHEMAS
from gateway.routes import OWN_SERVICE, PREFIX, ROUTES, Route
from shared.config import SERVICES
from shared.fields import words_for
from shared.openapi.document import create_base_document, described_document, path_parameter
from shared.openapi.operations import QUERY_STATUSES, request_body
from shared.openapi.parameters import IDEMPOTENCY_KEY_PARAMETER, query_parameters
from shared.openapi.problem_components import problem_references
from shared.openapi.shapes import Doc, response_headers
from shared.web import Schema, fields
from shared.web.described import COMMAND, command_titles
from shared.web.replies import JSON

V = TypeVar("V", bound=Callable[..., Any])

_COMMAND_STATUSES = (*QUERY_STATUSES, "409", "413", "415")
_VARIABLE_SCHEMAS: Mapping[str, Doc] = {
    "service": {"type": "string", "enum": [*SERVICES, OWN_SERVICE]},
    "source": {"type": "string", "enum": list(SERVICES)},
    "sequence": {"type": "integer", "minimum": 1},
}


@dataclass(frozen=True)
class ViewDescription:
    """Input and output of a view; `idempotency_key` is None if it takes none, else whether the key is required.

    `command`: the name of its words.
    """

    query: type[Schema] | None = None
    body: type[Schema] | None = None
    status: str = "200"
    schema: Mapping[str, Any] = field(default_factory=dict)
    has_version: bool = False
    media_type: str = JSON
    idempotency_key: bool | None = None
    command: str | None = None


def describe(view: V, **options: Any) -> V:
    """Attach a description for the OpenAPI document to a view."""
    view.description = ViewDescription(**options)  # type: ignore[attr-defined]  # kept on the function
    return view


def own_document(views: Mapping[str, Callable[..., Any]]) -> Doc:
    """Return the document of these views; keys are route names."""
    document = create_base_document(OWN_SERVICE)
    for component, schema in TREE_SCHEMAS.items():
        document.components.schema(component, schema)
    for name, view in views.items():
        route = ROUTES[name]
        operation = _operation(route, view, getattr(view, "description", ViewDescription()))
        document.path(f"{PREFIX}/{route.path}", operations={route.method.lower(): operation})
    return described_document(document, OWN_SERVICE)


def _operation(route: Route, view: Callable[..., Any], description: ViewDescription) -> Doc:
    summary, _, more = " ".join((view.__doc__ or "").split()).partition(". ")
    response = {
        "description": "The requested content.",
        "content": {description.media_type: {"schema": description.schema}},
        **response_headers({"ETag": "Its version."} if description.has_version else {}),
    }
    problems = QUERY_STATUSES if route.method == "GET" else _COMMAND_STATUSES
    return {
        "operationId": f"{view.__module__.rpartition('.')[2]}.{view.__name__}",
        "summary": summary,
        "description": more,
        "parameters": _parameters(route, description),
        "responses": {description.status: response, **problem_references(*problems)},
        **({"requestBody": request_body(description.body)} if description.body else {}),
        **({COMMAND: _titles(view, description.command)} if description.command else {}),
    }


def _titles(view: Callable[..., Any], command: str) -> Doc:
    """Return the title and the confirmation of a command in the words of its view's package."""
    texts = words_for(view.__module__).get("commands", command)
    resource, _, name = command.partition(".")
    return {"name": name, "of": f"{OWN_SERVICE}.{resource}", **command_titles(texts)}


def _parameters(route: Route, description: ViewDescription) -> list[Any]:
    path = [path_parameter(name, _variable(name)) for name in route.variables]
    if description.idempotency_key is not None:
        path.append({**IDEMPOTENCY_KEY_PARAMETER, "required": description.idempotency_key})
    return [*path, *(query_parameters(description.query) if description.query else [])]


def _variable(name: str) -> Doc:
    return _VARIABLE_SCHEMAS.get(name) or (fields.Id.shape if name.endswith("_id") else {"type": "string"})
