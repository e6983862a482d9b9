"""What the gateway answers itself, as the document tells it: an OpenAPI document of its own, merged with the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from gateway.routes import OURSELVES, PREFIX, ROUTES, Route
from shared.config import SERVICES
from shared.web import Schema, fields
from shared.web.answers import JSON
from shared.web.docs import Doc, describe_all, name_of
from shared.web.operations import KEY, body_of, parameters_of
from shared.web.told import answered

V = TypeVar("V", bound=Callable[..., Any])

_OF_QUESTIONS = ("400", "401", "403", "404", "414", "422", "503")
_OF_COMMANDS = (*_OF_QUESTIONS, "408", "409", "413", "415")
_VARIABLES: Mapping[str, Doc] = {
    "service": {"type": "string", "enum": [*SERVICES, OURSELVES]},
    "source": {"type": "string", "enum": list(SERVICES)},
    "sequence": {"type": "integer", "minimum": 1},
}


@dataclass(frozen=True)
class Told:
    """What a view takes and answers; `key` where it takes an Idempotency-Key, true where it needs one."""

    query: type[Schema] | None = None
    body: type[Schema] | None = None
    status: str = "200"
    shape: Mapping[str, Any] | None = None
    media_type: str = JSON
    key: bool | None = None


def tells(view: V, **told: Any) -> V:
    """Have the document tell this of a view."""
    view.told = Told(**told)  # type: ignore[attr-defined]
    return view


def own_document(views: Mapping[str, Callable[..., Any]]) -> Doc:
    """The document of these views, each under its name in the table."""
    plugin = MarshmallowPlugin(schema_name_resolver=name_of)
    spec = APISpec(OURSELVES, "v1", "3.1.0", plugins=[plugin])
    describe_all(spec, plugin)
    for name, view in views.items():
        route = ROUTES[name]
        operation = _operation(route, view, getattr(view, "told", Told()))
        spec.path(f"{PREFIX}/{route.path}", operations={route.method.lower(): operation})
    document: Doc = spec.to_dict()
    return document


def _operation(route: Route, view: Callable[..., Any], told: Told) -> Doc:
    summary, _, more = " ".join((view.__doc__ or "").split()).partition(". ")
    answer = {"description": "As asked.", "content": {told.media_type: {"schema": told.shape or {"type": "object"}}}}
    problems = _OF_QUESTIONS if route.method == "GET" else _OF_COMMANDS
    return {
        "operationId": f"{view.__module__.rpartition('.')[2]}.{view.__name__}",
        "summary": summary,
        "description": more,
        "parameters": list(_parameters(route, told)),
        "responses": {told.status: answer, **answered(*problems)},
        **({"requestBody": body_of(told.body)} if told.body else {}),
    }


def _parameters(route: Route, told: Told) -> list[Any]:
    path = [{"in": "path", "name": name, "required": True, "schema": _variable(name)} for name in route.variables]
    key = [] if told.key is None else [{**KEY, "required": told.key}]
    return [*path, *key, *(parameters_of(told.query) if told.query else [])]


def _variable(name: str) -> Doc:
    return _VARIABLES.get(name) or (fields.Id.shape if name.endswith("_id") else {"type": "string"})
