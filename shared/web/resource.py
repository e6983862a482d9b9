"""Resource of the public API: its list and its single records come from a projection, commands are declared."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, g
from flask.sansio.app import App

from shared.command_context import Caller
from shared.domain.errors import class_words
from shared.openapi import operations
from shared.openapi.document import OPERATION
from shared.openapi.operations import Answers
from shared.openapi.shapes import Doc
from shared.permissions import is_permitted
from shared.projections import Projection, ResourceProjection
from shared.web import exchange, fields
from shared.web.batch import make_batch_view
from shared.web.body_limits import BodyKind
from shared.web.commands import CommandTarget, DeclaredCommand, NoFields, make_command_view
from shared.web.lists import ListEndpoint
from shared.web.queries import make_list_view, make_query_view
from shared.web.record_commands import CommandEffect, RecordCommands, RecordTarget, command_name, is_record
from shared.web.replies import SHOWS_PERSONS, Reply, collection_paths, current_service, resource_reply
from shared.web.schema import Schema

V = TypeVar("V", bound=Callable[..., Any])

ACCESS = "access"
"""Attribute of views: the verb of the permission they need, and the kind of their bodies."""

HAS_OWNER = "owned"
"""Attribute of views whose records all have an owner; callers restricted to their own records get no others."""

BATCH, TEMPLATE, EXPORT, IMPORT = OWN_PATHS = ("batch", "template", "export", "import")
"""The paths below a collection that are no records: no key that is the address of a record may be one of them."""

_WITHOUT_ROWS = (f"/{TEMPLATE}", f"/{IMPORT}")
"""The paths whose answers have no rows of the resource."""

_VARIABLE = re.compile(r"<[^>]*>")
_RECORD_RULE = re.compile(r"/<")
_ONE_RULE = re.compile(r"/<uuid:(\w+)>")


class Resource(Blueprint):
    """`Resource("sales-orders", SalesOrders)` serves its list, its single records and the declared routes.

    `.post` and `.patch` declare commands, `.get` a query that waits for the projections it `reads`
    (by default those of the resource), `.add_list` another list. A view answers a record of the resource, or what it
    declares as `answers`; a list, and an answer with `rows` or `data`, is also a sheet. Routes declared by hand take
    precedence.
    `.post("")` creates one record, and many at `/batch`; with `sheets=True` also from a sheet at `/import`. The command
    at `/<id>/place` calls the method `place` of the aggregate, or the one named by `command`.
    Permissions are `<service>.<module>:<verb>`: `read` for queries and `write` for commands, unless a resource or a
    command declares a verb of its own. A command with `danger` cannot be taken back, `undo` takes it back; a form
    that is `prefilled` shows what the record has, as that of a `.patch` does.
    """

    def __init__(
        self,
        path: str,
        *projections: type[Projection],
        name: str | None = None,
        read: str = "read",
        write: str = "write",
        target: CommandTarget | None = None,
    ) -> None:
        super().__init__(name or path.replace("/", "_"), __name__, url_prefix=f"/{path}")
        self.description = next((each.__doc__ or "" for each in projections), "").strip().partition("\n")[0]
        self.projections = projections
        self._read_verb, self._write_verb = read, write
        self._target = target or CommandTarget()
        """What commands are on that are on no record."""
        self.documented = list(projections[:1])
        self.operations: dict[tuple[str, str], Doc] = {}
        """The operations of the API description, by method and rule."""
        self.commands: dict[tuple[str, str], tuple[str, str]] = {}
        """The name of the command at a method and rule, and what it is on."""
        self.effects: dict[tuple[str, str], CommandEffect] = {}
        self._declared_rules: set[str] = set()
        self._created: type[Schema] = NoFields
        """The schema of the request that creates a record."""
        self._id_name = "id"
        self._rows = next((each for each in projections[:1] if issubclass(each, ResourceProjection)), None)
        self.record_commands = RecordCommands(self._rows)
        if self._rows:
            collection_paths[self._rows] = f"/{path}"

    def get(  # type: ignore[override]  # takes arguments of its own instead of those of Flask
        self, rule: str, *, reads: Sequence[type[Projection]] | None = None, answers: Answers | None = None
    ) -> Callable[[V], V]:
        projections = self.projections if reads is None else reads

        def declare(view: V) -> V:
            self._declared_rules.add(_VARIABLE.sub("<>", rule))
            is_one = self._rows is not None and is_record(rule)
            query = self.record_commands.shown_by(view) if is_one else view
            shown = self._answers(answers)
            doc = operations.query_operation(query, shown, has_version=is_one)
            self._add(rule, "GET", make_query_view(query, projections, operations.rows_in(shown)), doc, projections)
            return view

        return declare

    def post(  # type: ignore[override]  # as `get`
        self,
        rule: str,
        *,
        sheets: bool = False,
        verb: str | None = None,
        command: str | None = None,
        answers: Answers | None = None,
        danger: bool = False,
        undo: str | None = None,
        prefilled: bool = False,
    ) -> Callable[[V], V]:
        self.effects["POST", rule] = CommandEffect(danger, undo, prefilled)
        return partial(self._add_command, rule, "POST", sheets, verb, command, answers)

    def patch(  # type: ignore[override]  # as `get`
        self, rule: str, *, command: str | None = None, answers: Answers | None = None
    ) -> Callable[[V], V]:
        self.effects["PATCH", rule] = CommandEffect(prefilled=True)
        return partial(self._add_command, rule, "PATCH", False, None, command, answers)

    def _answers(self, declared: Answers | None) -> Answers:
        """Return what a view answers: what it declares, otherwise a record of the resource."""
        shown = declared or self._rows
        if shown is None:
            raise TypeError(f"{self.name}: a view of a resource without records declares what it answers")
        return shown

    def _add_command(
        self,
        rule: str,
        method: str,
        sheets: bool,
        verb: str | None,
        command: str | None,
        answers: Answers | None,
        view: V,
    ) -> V:
        shown = self._answers(answers)
        accepted: type[Schema] = getattr(view, "accepts", NoFields)
        if (method, rule) == ("POST", ""):
            self._created = accepted
            self._add(f"/{BATCH}", "POST", make_batch_view(view), operations.batch_operation(view, shown))
        if sheets:
            self._add_sheets(view)
        if method == "PATCH":
            accepted.explain_fixed(self._created.field_names() - accepted.field_names())
        doc = operations.command_operation(view, method, rule, shown)
        serve = make_command_view(view, is_version_required=method == "PATCH", target=self._target_of(rule))
        serve.__dict__[ACCESS] = verb or self._write_verb, _kind_of_body(accepted)
        self.commands[method, rule] = command_name(rule, view)
        self.record_commands.declare(rule, view, command, verb or self._write_verb)
        self._add(rule, method, serve, doc)
        return view

    def _target_of(self, rule: str) -> CommandTarget:
        is_on_record = self._rows is not None and _RECORD_RULE.match(rule)
        return RecordTarget(self.record_commands, self._read_verb) if is_on_record else self._target

    def _add_sheets(self, view: Callable[..., Reply]) -> None:
        """Add template, export and import of the collection as a sheet."""
        task, listing = DeclaredCommand(view), ListEndpoint(self.projections[0])
        export = exchange.make_export_view(self.name, task, listing)
        template = exchange.make_template_view(self.name, task)
        self._add(f"/{TEMPLATE}", "GET", template, operations.sheet_template_operation())
        self._add(f"/{EXPORT}", "GET", export, operations.export_operation(listing))
        self._add(
            f"/{IMPORT}",
            "POST",
            exchange.make_import_view(task, self._reads_all),
            operations.import_operation(task.schema),
        )

    def _add(
        self, rule: str, method: str, serve: Callable[..., Any], doc: Doc, touches: Sequence[type[Projection]] = ()
    ) -> None:
        """Add a view that shows rows of the projections `touches` (by default those of the resource)."""
        if variable := _ONE_RULE.match(rule):
            self._id_name = variable[1]
        serve.__dict__.setdefault(ACCESS, self._usual_access(method, rule))
        serve.__dict__[HAS_OWNER] = all(each.owned_by for each in touches or self.projections[:1] or [Projection])
        if rule not in _WITHOUT_ROWS and any(each.shows_persons() for each in touches or self.projections[:1]):
            serve.__dict__[SHOWS_PERSONS] = True
        self.operations[method, rule] = operations.add_view_texts(doc, self.name, serve)
        serve.__dict__[OPERATION] = self.operations[method, rule]
        self.add_url_rule(rule, f"{method} {rule}", serve, methods=[method])

    def _reads_all(self) -> bool:
        """Return whether the caller may read all records of the resource."""
        caller: Caller = g.caller
        return not caller.only_own and is_permitted(self.read_permission(current_service().NAME), caller.permissions)

    def read_permission(self, service: str) -> str:
        """Return the permission with which its records are read."""
        return f"{service}.{self.record_commands.module}:{self._read_verb}"

    def _usual_access(self, method: str, rule: str) -> tuple[str, BodyKind]:
        if method == "GET":
            return self._read_verb, BodyKind.SHORT
        return self._write_verb, BodyKind.SHEET if rule == f"/{IMPORT}" else BodyKind.LIST

    def add_list(
        self,
        rule: str,
        projection: type[Projection],
        aliases: Mapping[str, str] | None = None,
        within: type[ResourceProjection] | None = None,
    ) -> None:
        """Serve the list of a projection at `GET <rule>`; path variables filter the columns of the same names.

        `aliases` gives other names to parameters: `{"from": "date[gte]"}`. A path variable identifies a record of
        `within`, by default of this resource, which must exist.
        """
        listing = ListEndpoint(projection, aliases, self.record_commands if projection is self._rows else None)
        serve = make_list_view(listing, within or self._rows if _ONE_RULE.match(rule) else None)
        serve.__name__ = f"list_{projection.name}"
        self._declared_rules.add(_VARIABLE.sub("<>", rule))
        self.documented.append(projection)
        self._add(rule, "GET", serve, operations.list_operation(listing), [projection])

    def register(self, app: App, options: dict[str, Any]) -> None:
        self.complete()
        super().register(app, options)

    def complete(self) -> None:
        """Add the list of the resource and its single records, unless these were declared by hand or added before."""
        listed = next(iter(self.projections), None)
        if listed and listed.columns and "" not in self._declared_rules:
            self.add_list("", listed)
        if self._rows and "/<>" not in self._declared_rules:
            self._add_get_one(self._rows)

    def _add_get_one(self, collection: type[ResourceProjection]) -> None:
        def one(**path: UUID) -> Reply:
            return resource_reply(collection, current_service().get_resource(collection, *path.values()))

        one.__doc__ = f"Return one {class_words(collection.aggregate_class.__name__)} by its id."
        self.get(f"/<uuid:{self._id_name}>", reads=())(one)

    @staticmethod
    def access_of(view: Callable[..., Any]) -> tuple[str, BodyKind]:
        """Return the verb of the permission that a view of a resource needs, and the kind of its bodies."""
        access: tuple[str, BodyKind] = view.__dict__[ACCESS]
        return access


def _kind_of_body(schema: type[Schema]) -> BodyKind:
    """Return the kind of the documents of a schema: some contain lists."""
    has_lists = any(isinstance(each, fields.List) for each in schema().load_fields.values())
    return BodyKind.LIST if has_lists else BodyKind.SHORT
