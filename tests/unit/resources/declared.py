"""What the services declare about their resources: routes, schemas and projections."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask

from services.crm.service import Crm
from services.erp.service import Erp
from services.scm.service import Scm
from services.srm.service import Srm
from shared.openapi.document import OPERATION
from shared.projections import Projection
from shared.service import Service
from shared.web import Resource, Schema
from shared.web.commands import NoFields
from shared.web.resource import HAS_OWNER
from shared.web.settings import settings_resource

View = Callable[..., Any]

LIST_PARAMETERS = frozenset({"sort", "limit", "cursor"})

UNIQUE_FIELDS = {
    "crm.customers": "code", "crm.sales-orders": "number", "srm.purchase-orders": "number", "erp.bills": "number",
}  # fmt: skip
"""Unique fields of records that are no master data, which declares its own."""


@dataclass(frozen=True)
class Route:
    """One method of one address of a resource, such as `PATCH /<uuid:id>`."""

    method: str
    rule: str
    view: View

    @property
    def schema(self) -> Schema:
        """The schema of its body or, for GET, of its query."""
        accepted: type[Schema] = getattr(self.view, "accepts", NoFields)
        return accepted()

    @property
    def is_open_to_owners(self) -> bool:
        return bool(getattr(self.view, HAS_OWNER, False))

    @property
    def is_command(self) -> bool:
        return self.method in ("POST", "PATCH") and self.rule not in ("/batch", "/import")

    @property
    def is_list(self) -> bool:
        parameters = {each.get("name") for each in self.view.__dict__[OPERATION].get("parameters", ())}
        return self.method == "GET" and parameters >= LIST_PARAMETERS

    @property
    def answers_rows(self) -> bool:
        """Whether it is a list or a statement, which also answers as a sheet."""
        return any(each.get("name") == "format" for each in self.view.__dict__[OPERATION].get("parameters", ()))

    @property
    def is_about_one_record(self) -> bool:
        """Whether the address names one record and nothing else that must exist."""
        return len(re.findall("<", self.rule)) == 1

    @property
    def command(self) -> str:
        """The name of a command on one record: the last part of `/<uuid:id>/cancel`."""
        return self.rule.split("/")[2]

    def path_of(self, value: Callable[[], object]) -> str:
        """Return the address with a value for each of its variables."""
        return re.sub(r"<[^>]*>", lambda _: str(value()), self.rule)


@dataclass(frozen=True)
class DeclaredResource:
    """A resource of the API of one service."""

    service_class: type[Service]
    module: str
    resource: Resource

    def __str__(self) -> str:
        return f"{self.service_class.NAME}.{self.resource.name}"

    @property
    def path(self) -> str:
        return str(self.resource.url_prefix)

    @cached_property
    def routes(self) -> Mapping[tuple[str, str], Route]:
        app = Flask(self.service_class.NAME, static_folder=None)
        app.register_blueprint(self.resource)
        found = [
            Route(method, rule.rule.removeprefix(self.path), app.view_functions[rule.endpoint])
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        ]
        return {(each.method, each.rule): each for each in found}

    def has(self, method: str, rule: str) -> bool:
        return (method, rule) in self.routes

    @property
    def projection(self) -> type[Projection]:
        return self.resource.projections[0]

    @property
    def is_created_by_request(self) -> bool:
        return self.has("POST", "")

    @property
    def has_own_records(self) -> bool:
        """Whether its command creates records of its own, not those of another resource."""
        return bool(self.resource.projections)

    @property
    def aggregate_class(self) -> type[Any] | None:
        """The class of its records, if it has records of its own."""
        return getattr(self.projection, "aggregate_class", None) if self.has_own_records else None

    @property
    def unique_field(self) -> str:
        """The field that identifies a record for people."""
        found = self._unique_field_or_none
        assert found, f"{self} declares no unique field"
        return found

    @property
    def has_unique_field(self) -> bool:
        return self.is_created_by_request and self._unique_field_or_none is not None

    @property
    def _unique_field_or_none(self) -> str | None:
        key: str | None = getattr(self.aggregate_class, "KEY_FIELD", None)
        return UNIQUE_FIELDS.get(str(self), key)

    @property
    def is_addressed_by_unique_field(self) -> bool:
        return self.has_unique_field and self.has("GET", f"/<{self.unique_field}>")

    @property
    def own_paths(self) -> list[str]:
        """The single parts below the collection that are no record, such as `batch`."""
        return sorted({rule[1:] for _, rule in self.routes if re.fullmatch("/[^/<]+", rule)})

    @property
    def is_listed(self) -> bool:
        return self.has("GET", "") and self.routes["GET", ""].is_list

    def address_of_row(self, row: Mapping[str, Any]) -> str | None:
        """Return the address of the record of a row: by the member that the address names, else by its id."""
        rules = (re.fullmatch(r"/<(?:uuid:)?(\w+)>", rule) for method, rule in self.routes if method == "GET")
        name = next((each[1] for each in rules if each), None)
        return name and f"{self.path}/{row.get(name, row['id'])}"

    @property
    def is_exchanged_as_sheets(self) -> bool:
        return self.has("POST", "/import")

    @property
    def is_owned(self) -> bool:
        return bool(self.resource.projections and self.projection.owned_by)

    @property
    def owner_column(self) -> str:
        """The column with the owner's name, or with the id of the record whose owner it has."""
        rule = self.projection.owned_by
        assert rule, f"{self} declares no owner"
        return rule if isinstance(rule, str) else rule[0]

    @property
    def create_schema(self) -> Schema:
        return self.routes["POST", ""].schema

    @cached_property
    def change(self) -> Route | None:
        """The command that changes given fields of one record, if there is one."""
        return next((each for each in self.routes.values() if each.method == "PATCH" and each.rule), None)

    @property
    def record_commands(self) -> list[Route]:
        """The commands whose address names one of its records first, such as `POST /<uuid:id>/cancel`."""
        return [each for each in self.routes.values() if each.is_command and each.rule.startswith("/<")]

    @property
    def has_commands_by_status(self) -> bool:
        """Whether it has commands on its records, and these have a status."""
        rows = self.resource.record_commands.rows
        return bool(self.record_commands) and rows is not None and "status" in rows.columns

    @property
    def can_be_deactivated(self) -> bool:
        return any(rule.endswith("/deactivate") for _, rule in self.routes)


def resources_of(service_class: type[Service]) -> Iterator[DeclaredResource]:
    """Yield the resources of a service with the modules that declare them."""
    for module in service_class.modules:
        for resource in module.all_resources:
            assert isinstance(resource, Resource)
            yield DeclaredResource(service_class, module.name, resource)
    yield DeclaredResource(service_class, "settings", settings_resource(service_class))  # type: ignore[arg-type]  # mypy takes a class for unhashable


RESOURCES = [declared for each in (Crm, Srm, Scm, Erp) for declared in resources_of(each)]


def resources_that(condition: Callable[[DeclaredResource], bool]) -> list[DeclaredResource]:
    """Return the resources of all services that meet a condition."""
    return [each for each in RESOURCES if condition(each)]
