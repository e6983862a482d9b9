"""A resource of the public API: its list and its single things come from a collection, commands are added to it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app
from flask_smorest import Blueprint  # type: ignore[import-untyped]

from shared.report import Collection, Report
from shared.service import Service
from shared.web import exchange, operations
from shared.web.answers import Reply, paths, shown
from shared.web.batch import batched
from shared.web.commands import Task, command
from shared.web.docs import Doc
from shared.web.lists import Listing
from shared.web.questions import list_question, question

V = TypeVar("V", bound=Callable[..., Any])
S = TypeVar("S", bound=Service)

OWNED = "owned"
"""What a view has whose every answer is of things with an owner; nothing else is there for who sees only his own."""

_VARIABLE = re.compile(r"<[^>]*>")
_ONE = re.compile(r"/<uuid:(\w+)>")


class Resource(Blueprint):  # type: ignore[misc]
    """`Resource("sales-orders", SalesOrders)` answers its list, one of them, and what is declared on it.

    `.post` and `.patch` declare commands, `.get` a question that waits for the reports it `reads`
    (unless told, those of the resource), `.lists` another list. What is declared by hand wins.
    `.post("")` makes one, and many at once at `/batch`; with `sheets=True` also from a sheet at `/import`.
    """

    def __init__(self, path: str, *reports: type[Report], **options: Any) -> None:
        description = next((each.__doc__ or "" for each in reports), "").strip().partition("\n")[0]
        super().__init__(path.replace("/", "_"), __name__, url_prefix=f"/{path}", description=description, **options)
        self.reports = reports
        self.told_of = list(reports[:1])
        self._asked: set[str] = set()
        self._variable = "id"
        for collection in reports[:1]:
            if issubclass(collection, Collection):
                paths[collection] = f"/{path}"

    def route(self, rule: str, *, reads: Sequence[type[Report]] | None = None, **options: Any) -> Callable[[V], V]:
        """Declare a view, one method at a time."""
        (method,) = options.pop("methods", None) or ["GET"]
        touches = (self.reports if method == "GET" else ()) if reads is None else reads

        def declare(view: V) -> V:
            if method == "GET":
                serve = question(view, self.reports if reads is None else reads)
                self._asked.add(_VARIABLE.sub("<>", rule))
                doc = operations.of_question(view)
            else:
                serve = command(view, version_needed=method == "PATCH")
                doc = operations.of_command(view, method, rule, self._resource())
            self._add(rule, method, serve, doc, touches, **options)
            return view

        return declare

    def get(self, rule: str, **options: Any) -> Callable[[V], V]:
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, *, sheets: bool = False, **options: Any) -> Callable[[V], V]:
        declare = self.route(rule, methods=["POST"], **options)
        if rule:
            return declare

        def many(view: V) -> V:
            self._add("/batch", "POST", batched(view), operations.of_batch(view, self._resource()))
            if sheets:
                self._exchanges(view)
            return declare(view)

        return many

    def _exchanges(self, view: Callable[..., Reply]) -> None:
        """The collection as a sheet, out and in."""
        task, listing = Task(view), Listing(self.reports[0])
        export = exchange.exported(self.name, task, listing)
        self._add("/template", "GET", exchange.templated(self.name, task), operations.of_template())
        self._add("/export", "GET", export, operations.of_export(listing))
        self._add("/import", "POST", exchange.importing(task), operations.of_import())

    def _add(
        self,
        rule: str,
        method: str,
        serve: Callable[..., Any],
        doc: Doc,
        touches: Sequence[type[Report]] = (),
        **options: Any,
    ) -> None:
        """A view that shows rows of what it `touches` (nothing said = of the resource's collection alone)."""
        if called := _ONE.match(rule):
            self._variable = called[1]
        serve.__dict__[OWNED] = all(each.owned_by for each in touches or self.reports[:1] or [Report])
        doc = {**doc, "operationId": f"{self.name}.{serve.__name__.strip('_')}"}
        serve.__dict__["_apidoc"] = {"manual_doc": doc}
        self.add_url_rule(rule, None, serve, methods=[method], **options)

    def patch(self, rule: str, **options: Any) -> Callable[[V], V]:
        return self.route(rule, methods=["PATCH"], **options)

    def lists(self, rule: str, report: type[Report], also: Mapping[str, str] | None = None) -> None:
        """`GET <rule>` is the list of a report; variables of the path filter it by the columns of their names.

        `also` are other names for what it can be asked: `{"from": "date[gte]"}`.
        """
        listing = Listing(report, also)
        serve = list_question(listing, self._resource() if _ONE.match(rule) else None)
        serve.__name__ = f"list_{report.name}"
        self._asked.add(_VARIABLE.sub("<>", rule))
        self.told_of.append(report)
        self._add(rule, "GET", serve, operations.of_list(listing), [report])

    def register(self, app: Flask, options: dict[str, Any]) -> None:
        """Add what the collection gives where nothing was declared by hand."""
        report = next(iter(self.reports), None)
        if report is not None and "" not in self._asked and report.columns:
            self.lists("", report)
        if report is not None and issubclass(report, Collection) and "/<>" not in self._asked:
            self._shows_one_of(report)
        super().register(app, options)

    def _shows_one_of(self, collection: type[Collection]) -> None:
        def one(**path: UUID) -> Reply:
            service: Service = current_app.extensions["service"]
            return shown(collection, service.one(collection, *path.values()))

        one.__doc__ = f"One of them as it now stands: {self.description}"
        self.route(f"/<uuid:{self._variable}>", reads=())(one)

    def _resource(self) -> type[Collection] | None:
        return next((each for each in self.reports if issubclass(each, Collection)), None)


def serving(kind: type[S]) -> Callable[[], S]:
    """`service = serving(Crm)`: a call gives the service object of the app that answers."""

    def service() -> S:
        found: S = current_app.extensions["service"]
        return found

    del kind
    return service
