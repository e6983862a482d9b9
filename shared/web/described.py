"""Titles of resources, of their commands and states in the API description, in English and Chinese."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from shared.fields import Texts, in_both, words_for
from shared.openapi.rows import STATUS, enumeration_of
from shared.openapi.shapes import Doc
from shared.service import Service
from shared.web.resource import Resource

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


def states_of(resource: Resource) -> type[StrEnum] | None:
    """Return the enumeration of the states of a resource's records, or None if its rows have none."""
    annotation = next((each.columns.get(STATUS) for each in resource.projections), None)
    return enumeration_of(annotation)


def command_titles(texts: Texts | None) -> Doc:
    """Return the title of a command and the confirmation after it; nothing for a command without words."""
    return {"title": in_both(texts), "done": in_both(texts[2:])} if texts else {}


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
            described[RESOURCE if is_list or method != "GET" else REPORT] = self._title()
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
        return {"name": self._name, **titles, **states}

    def _states(self) -> Iterator[Doc]:
        for state in states_of(self._resource) or ():
            texts = self._words.get("states", f"{self._resource.name}.{state}")
            yield {"value": state, **({"title": in_both(texts), "tone": texts[2]} if texts else {})}

    def _command(self, method: str, rule: str) -> Doc:
        name, on = self._resource.commands[method, rule]
        texts = self._command_texts(name)
        return {"name": name, "of": self._name, "on": on, **command_titles(texts)}

    def _command_texts(self, name: str) -> Texts | None:
        """Return the texts of a command: the resource's own, else those of all resources, about one of its records."""
        texts = self._words.get("commands", f"{self._resource.name}.{name}", name)
        titles = self._words.get("resources", self._resource.name)
        if texts is None or titles is None:
            return texts
        _, _, en, zh = titles
        return [each.format(en=en, En=en.capitalize(), zh=zh) for each in texts]
