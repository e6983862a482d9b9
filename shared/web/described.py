"""Titles of resources, of their commands and states in the API description, in English and Chinese."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

from shared.domain import StateTable, state_table
from shared.fields import Texts, in_both, words_for
from shared.fields.descriptions import EXTENSION
from shared.openapi.document import row_schema_name
from shared.openapi.rows import STATUS, enumeration_of
from shared.openapi.shapes import Doc
from shared.projections import Projection
from shared.service import Service
from shared.web.record_commands import ONE
from shared.web.replies import JSON
from shared.web.resource import IMPORT, Resource
from shared.web.row_columns import ROWS_MEMBERS

SHOWN_BY = ("number", "code", "name")
"""The columns by which people know a record; the first that it has is shown for it."""
SHOWN_COLUMNS = 6
"""How many columns of a list are shown first."""
_ONE = re.compile(r"/<(uuid:)?(\w+)>")

COMMAND, RESOURCE, REPORT = "x-sihe-command", "x-sihe-resource", "x-sihe-report"
SETTINGS = "settings"
"""The place of the words of the settings, which belong to no module."""


def descriptions_of(service: type[Service], resources: Iterable[Resource]) -> dict[str, Doc]:
    """Return what the API description has of the operations in addition, by endpoint."""
    found: dict[str, Doc] = {}
    for resource in resources:
        described = _DescribedResource(service, resource)
        for (method, rule), operation in resource.operations.items():
            found[f"{resource.name}.{method} {rule}"] = described.operation(method, rule, operation)
    return found


def modules_of(service: type[Service]) -> list[Doc]:
    """Return the modules of a service that have resources, in order, with their titles: the groups of a menu."""
    package, found = service.__module__.rpartition(".")[0], []
    for order, each in enumerate(service.modules, 1):
        if each.all_resources:
            texts = words_for(f"{package}.{each.name}").get("modules", each.name)
            title = {"title": in_both(texts)} if texts else {}
            found.append({"name": f"{service.NAME}.{each.name}", "service": service.NAME, "order": order, **title})
    return found


def states_of(resource: Resource) -> type[StrEnum] | None:
    """Return the enumeration of the states of a resource's records, or None if its rows have none."""
    annotation = next((each.columns.get(STATUS) for each in resource.projections), None)
    return enumeration_of(annotation)


def command_titles(texts: Texts | None) -> Doc:
    """Return the title of a command and the confirmation after it; nothing for a command without words."""
    return {"title": in_both(texts), "done": in_both(texts[2:])} if texts else {}


def _report_of(operation: Doc) -> Doc:
    """Return which member of a statement has its rows, with their columns, and which has its totals."""
    members = operation["responses"]["200"]["content"][JSON]["schema"].get("properties", {})
    rows = next((each for each in ROWS_MEMBERS if each in members), None)
    if rows is None:
        return {}
    columns = members[rows]["items"]["properties"].items()
    titles = [{"name": name, **_titles_of(schema)} for name, schema in columns]
    return {"rows": rows, "columns": titles, **({"totals": "totals"} if "totals" in members else {})}


def _titles_of(schema: Doc) -> Doc:
    """Return the title of a column in both languages, as its schema has it."""
    return {"title": {"en": schema["title"], **schema[EXTENSION]["title"]}} if "title" in schema else {}


class _DescribedResource:
    """A resource in the words of its module; the operation at its own address has its title and its states."""

    def __init__(self, service: type[Service], resource: Resource) -> None:
        package = service.__module__.rpartition(".")[0]
        self._words = words_for(f"{package}.{resource.record_commands.module or SETTINGS}")
        self._resource, self._service = resource, service.NAME
        self._own = min(resource.operations, key=lambda each: (each[1] != "", each[0] != "GET"), default=None)

    def operation(self, method: str, rule: str, operation: Doc) -> Doc:
        described = {}
        if (method, rule) == self._own:
            is_list = any(each.get("name") == "cursor" for each in operation["parameters"])
            is_resource = is_list or method != "GET"
            described[RESOURCE if is_resource else REPORT] = {
                **self._title(), **(self._records() if is_resource else _report_of(operation))
            }  # fmt: skip
        if (method, rule) in self._resource.commands:
            described[COMMAND] = self._command(method, rule)
        return described

    @property
    def _name(self) -> str:
        return f"{self._service}.{self._resource.name}"

    def _title(self) -> Doc:
        texts = self._words.get("resources", self._resource.name)
        states = {"states": {"field": STATUS, "values": list(self._states())}} if states_of(self._resource) else {}
        titles = {"title": in_both(texts), "one": in_both(texts[2:])} if texts else {}
        module = self._resource.record_commands.module
        group = {"module": f"{self._service}.{module}"} if module else {}
        return {"name": self._name, **group, **titles, **states}

    def _records(self) -> Doc:
        """Return what is known of the records: their schema, address, columns and commands."""
        rows, names = self._listed(), [name for name, _ in self._resource.commands.values()]
        commands = {"commands": [f"{self._name}.{name}" for name in names]} if names else {}
        sheets = {"sheets": True} if ("POST", f"/{IMPORT}") in self._resource.operations else {}
        return {**(self._rows(rows) if rows else {}), **commands, **sheets}

    def _listed(self) -> type[Projection] | None:
        """Return the projection whose rows are the records, or are listed at the resource's own address."""
        return self._resource.record_commands.rows or next(reversed(self._resource.documented), None)

    def _rows(self, rows: type[Projection]) -> Doc:
        shown_by = [each for each in SHOWN_BY if each in rows.columns][:1]
        owner = rows.owned_by[0] if isinstance(rows.owned_by, tuple) else rows.owned_by
        return {
            "row": row_schema_name(rows),
            **self._address(rows),
            **({"shown_by": shown_by} if shown_by else {}),
            "columns": [*rows.columns][:SHOWN_COLUMNS],
            "sort": self._sort(rows),
            **({"owner": owner} if owner else {}),
        }

    @staticmethod
    def _sort(rows: type[Projection]) -> str:
        """Return the order in which people look at the rows: the newest day first; without days by their key."""
        days = (name for name, kind in rows.column_types().items() if kind is date)
        day, key = next(days, None), next((each for each in SHOWN_BY if each in rows.columns), None)
        return f"-{day},-id" if day else f"{key},id" if key else "id"

    def _address(self, rows: type[Projection]) -> Doc:
        """Return the address of a record, and the member of its row that is part of it."""
        found = (_ONE.fullmatch(rule) for method, rule in self._resource.operations if method == "GET")
        for kind, variable in (each.groups() for each in found if each):
            own = "id" if kind else getattr(getattr(rows, "aggregate_class", None), "KEY_FIELD", "id")
            path = f"/api/v1/{self._service}{self._resource.url_prefix}/{{{variable}}}"
            return {"key": next(each for each in (variable, own, "id") if each in {"id", *rows.columns}), "item": path}
        return {}

    def _states(self) -> Iterator[Doc]:
        ends = self._state_table().end_states
        for state in states_of(self._resource) or ():
            texts = self._words.get("states", f"{self._resource.name}.{state}")
            yield {
                "value": state,
                **({"title": in_both(texts), "tone": texts[2]} if texts else {}),
                "end": state in ends,
            }

    def _state_table(self) -> StateTable:
        rows = self._resource.record_commands.rows
        return state_table(rows.aggregate_class) if rows else StateTable()

    def _command(self, method: str, rule: str) -> Doc:
        name, on = self._resource.commands[method, rule]
        texts = self._command_texts(name)
        when = {"when": states} if on == ONE and (states := self._states_of_command(name)) else {}
        effect = self._resource.effects[method, rule]
        known = {"danger": effect.danger, "undo": effect.undo}
        prefill = {"prefill": {each: each for each in filled}} if (filled := self._prefilled(method, rule)) else {}
        return {"name": name, "of": self._name, "on": on, **command_titles(texts), **when, **known, **prefill}

    def _prefilled(self, method: str, rule: str) -> list[str]:
        """Return the fields of a change that a form shows as the record has them: those that its row has, too."""
        rows = self._resource.record_commands.rows
        if rows is None or not self._resource.effects[method, rule].prefilled:
            return []
        body = self._resource.operations[method, rule]["requestBody"]["content"][JSON]["schema"]
        return sorted({*rows.columns, *rows.extra_fields} & body.field_names())

    def _states_of_command(self, name: str) -> list[str]:
        """Return the states in which a command is allowed; none if its aggregate does not declare them."""
        table, declared = self._state_table(), self._resource.record_commands.declared
        method = next((each.method for each in declared if each.name == name), "")
        allowed = table.commands.get(method, frozenset())
        return [state for state in table.states if state in allowed]

    def _command_texts(self, name: str) -> Texts | None:
        """Return the texts of a command: the resource's own, else those of all resources, about one of its records."""
        texts = self._words.get("commands", f"{self._resource.name}.{name}", name)
        titles = self._words.get("resources", self._resource.name)
        if texts is None or titles is None:
            return texts
        _, _, en, zh = titles
        return [each.format(en=en, En=en.capitalize(), zh=zh) for each in texts]
