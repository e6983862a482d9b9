"""Resource of the public API: its list and its single records come from a projection, commands are declared."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app
from flask_smorest import Blueprint  # type: ignore[import-untyped]

from shared.projections import Projection, ResourceProjection
from shared.service import Service
from shared.web import exchange, operations
from shared.web.batch import batch_command
from shared.web.commands import CommandView, command
from shared.web.docs import Doc
from shared.web.lists import ListEndpoint
from shared.web.questions import list_view, query_view
from shared.web.replies import Reply, collection_paths, resource_reply

V = TypeVar("V", bound=Callable[..., Any])
S = TypeVar("S", bound=Service)

HAS_OWNER = "owned"
"""Attribute of views whose records all have an owner; callers restricted to their own records get no others."""

_VARIABLE = re.compile(r"<[^>]*>")
_ONE_RULE = re.compile(r"/<uuid:(\w+)>")


class Resource(Blueprint):  # type: ignore[misc]
    """`Resource("sales-orders", SalesOrders)` serves its list, its single records and the declared routes.

    `.post` and `.patch` declare commands, `.get` a query that waits for the projections it `reads`
    (by default those of the resource), `.add_list` another list. Routes declared by hand take precedence.
    `.post("")` creates one record, and many at `/batch`; with `sheets=True` also from a sheet at `/import`.
    """

    def __init__(self, path: str, *projections: type[Projection], **options: Any) -> None:
        description = next((each.__doc__ or "" for each in projections), "").strip().partition("\n")[0]
        super().__init__(path.replace("/", "_"), __name__, url_prefix=f"/{path}", description=description, **options)
        self.projections = projections
        self.documented = list(projections[:1])
        self._declared_rules: set[str] = set()
        self._id_name = "id"
        for collection in projections[:1]:
            if issubclass(collection, ResourceProjection):
                collection_paths[collection] = f"/{path}"

    def route(self, rule: str, *, reads: Sequence[type[Projection]] | None = None, **options: Any) -> Callable[[V], V]:
        """Declare a view for one method."""
        (method,) = options.pop("methods", None) or ["GET"]
        touches = (self.projections if method == "GET" else ()) if reads is None else reads

        def declare(view: V) -> V:
            if method == "GET":
                serve = query_view(view, self.projections if reads is None else reads)
                self._declared_rules.add(_VARIABLE.sub("<>", rule))
                doc = operations.question_operation(view)
            else:
                serve = command(view, is_version_required=method == "PATCH")
                doc = operations.command_operation(view, method, rule, self._resource_projection())
            self._add(rule, method, serve, doc, touches, **options)
            return view

        return declare

    def get(self, rule: str, **options: Any) -> Callable[[V], V]:
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, *, sheets: bool = False, **options: Any) -> Callable[[V], V]:
        declare = self.route(rule, methods=["POST"], **options)
        if rule:
            return declare

        def declare_with_batch(view: V) -> V:
            self._add(
                "/batch", "POST", batch_command(view), operations.batch_operation(view, self._resource_projection())
            )
            if sheets:
                self._add_sheets(view)
            return declare(view)

        return declare_with_batch

    def _add_sheets(self, view: Callable[..., Reply]) -> None:
        """Add template, export and import of the collection as a sheet."""
        task, listing = CommandView(view), ListEndpoint(self.projections[0])
        export = exchange.export_question(self.name, task, listing)
        self._add("/template", "GET", exchange.template_question(self.name, task), operations.template_operation())
        self._add("/export", "GET", export, operations.export_operation(listing))
        self._add("/import", "POST", exchange.import_command(task), operations.import_operation())

    def _add(
        self,
        rule: str,
        method: str,
        serve: Callable[..., Any],
        doc: Doc,
        touches: Sequence[type[Projection]] = (),
        **options: Any,
    ) -> None:
        """Add a view that shows rows of the projections `touches` (by default those of the resource)."""
        if variable := _ONE_RULE.match(rule):
            self._id_name = variable[1]
        serve.__dict__[HAS_OWNER] = all(each.owned_by for each in touches or self.projections[:1] or [Projection])
        doc = {**doc, "operationId": f"{self.name}.{serve.__name__.strip('_')}"}
        serve.__dict__["_apidoc"] = {"manual_doc": doc}
        self.add_url_rule(rule, None, serve, methods=[method], **options)

    def patch(self, rule: str, **options: Any) -> Callable[[V], V]:
        return self.route(rule, methods=["PATCH"], **options)

    def add_list(self, rule: str, projection: type[Projection], aliases: Mapping[str, str] | None = None) -> None:
        """Serve the list of a projection at `GET <rule>`; path variables filter the columns of the same names.

        `aliases` gives other names to parameters: `{"from": "date[gte]"}`.
        """
        listing = ListEndpoint(projection, aliases)
        serve = list_view(listing, self._resource_projection() if _ONE_RULE.match(rule) else None)
        serve.__name__ = f"list_{projection.name}"
        self._declared_rules.add(_VARIABLE.sub("<>", rule))
        self.documented.append(projection)
        self._add(rule, "GET", serve, operations.list_operation(listing), [projection])

    def register(self, app: Flask, options: dict[str, Any]) -> None:
        """Register the resource with its list and its single records, unless these were declared by hand."""
        projection = next(iter(self.projections), None)
        if projection is not None and "" not in self._declared_rules and projection.columns:
            self.add_list("", projection)
        if projection is not None and issubclass(projection, ResourceProjection) and "/<>" not in self._declared_rules:
            self._add_get_one(projection)
        super().register(app, options)

    def _add_get_one(self, collection: type[ResourceProjection]) -> None:
        def one(**path: UUID) -> Reply:
            service: Service = current_app.extensions["service"]
            return resource_reply(collection, service.get_resource(collection, *path.values()))

        one.__doc__ = f"One record by its id: {self.description}"
        self.route(f"/<uuid:{self._id_name}>", reads=())(one)

    def _resource_projection(self) -> type[ResourceProjection] | None:
        return next((each for each in self.projections if issubclass(each, ResourceProjection)), None)


def service_getter(service_class: type[S]) -> Callable[[], S]:
    """Return a function that returns the service of the current app: `service = service_getter(Crm)`."""

    def service() -> S:
        current: S = current_app.extensions["service"]
        return current

    del service_class
    return service
