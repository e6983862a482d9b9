"""Resource of master data: its commands over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from shared.commands import Commands
from shared.domain.errors import class_words
from shared.master_data.projection import MasterProjection
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply
from shared.web.declared import change_schema_of, schema_of
from shared.web.measured_quantities import require_divisible_quantities
from shared.web.schema import Schema

V = TypeVar("V", bound=Callable[..., Any])

_SWITCHES = {"deactivate": "Let nothing new refer to", "reactivate": "Let new records refer to"}
"""The commands that change whether a record is active, with their effects."""


@dataclass(frozen=True)
class RequestedFields:
    """The fields of requests, those that no change may contain, and the commands that are declared by hand."""

    declaration: type
    change_declaration: type | None
    """The fields of requests to change a record, if these are not `Changes` of the others."""
    fixed: frozenset[str]
    without: frozenset[str]


def resource_of(
    resource: Resource, projection: type[MasterProjection], commands_class: type[Commands], requested: RequestedFields
) -> Resource:
    """Return the resource with the commands to register, revise, deactivate and reactivate records added."""
    _MasterViews(resource, projection, commands_getter(commands_class)).declare(requested)
    return resource


class _MasterViews:
    """The views of one kind of master data. Records are addressed by id, or by key if the projection declares it."""

    def __init__(self, resource: Resource, projection: type[MasterProjection], commands: Callable[[], Any]) -> None:
        self._resource, self._projection, self._commands = resource, projection, commands
        record_class = projection.aggregate_class
        self._noun = record_class.__name__
        self._words = class_words(self._noun)
        self._key = record_class.KEY_FIELD
        name = self._words.replace(" ", "_")
        self._one = f"/<{self._key}>" if projection.is_addressed_by_key else f"/<uuid:{name}_id>"

    def declare(self, requested: RequestedFields) -> None:
        if "register" not in requested.without:
            self._declare_register(requested.declaration)
        if "revise" not in requested.without:
            self._declare_revise(requested)
        for verb, effect in _SWITCHES.items():
            if verb not in requested.without:
                doc = f"{effect} the {self._words}. 200 with the {self._words}, also when repeated."
                self._declare_switch(verb, doc)
        if self._projection.is_addressed_by_key:
            self._declare_get_one()

    def _declare_register(self, declaration: type) -> None:
        conflict = f"; 409 if the {self._key} is taken" if self._key else ""

        @self._resource.post("", sheets=True)
        @accepts(declaration)
        @self._named("register", f"Register. 201 with the {self._words}{conflict}.")
        def register(body: Any) -> Reply:
            return created_reply(self._projection, self._commands().register(body))

    def _declare_revise(self, requested: RequestedFields) -> None:
        schema = self._change_schema(requested)

        @self._resource.patch(self._one)
        @accepts(schema)
        @self._named("revise", f"Change the given fields of the {self._words}.")
        def revise(body: Any, **address: Any) -> Reply:
            record = self._commands().revise(self._record_id(**address), body)
            require_divisible_quantities(record.entry)
            return resource_reply(self._projection, record)

    def _change_schema(self, requested: RequestedFields) -> type[Schema]:
        """Return the schema of changes; it names the commands that change whether the record is active."""
        own, name = requested.change_declaration, f"Revise{self._noun}"
        schema = schema_of(own) if own else change_schema_of(requested.declaration, name, requested.fixed)
        if switches := [each for each in _SWITCHES if each not in requested.without]:
            schema.changed_elsewhere = {"active": f"active is changed by the commands {' and '.join(switches)}."}
        return schema

    def _declare_switch(self, verb: str, doc: str) -> None:
        (undo,) = _SWITCHES.keys() - {verb}

        @self._resource.post(f"{self._one}/{verb}", undo=undo)
        @self._named(verb, doc)
        def switch(**address: Any) -> Reply:
            return resource_reply(self._projection, getattr(self._commands(), verb)(self._record_id(**address)))

    def _declare_get_one(self) -> None:
        @self._resource.get(self._one, reads=())
        @self._named("show", f"Return one {self._words} as it is now.")
        def show(**address: str) -> Reply:
            (key,) = address.values()
            return resource_reply(self._projection, self._commands().get(key))

    def _record_id(self, **address: Any) -> UUID:
        """Return the id of the record at an address. Raises NotFound for an unknown key."""
        (value,) = address.values()
        found: UUID = self._commands().get(value).id if self._projection.is_addressed_by_key else value
        return found

    def _named(self, verb: str, doc: str) -> Callable[[V], V]:
        """Give a view the name and the text by which the API description shows it."""

        def name(view: V) -> V:
            view.__name__, view.__doc__ = f"{verb}_{self._words.replace(' ', '_')}", doc
            return view

        return name
