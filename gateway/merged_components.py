"""Components of the merged API description: those that documents share are there once, unused ones are left out."""

import re
from collections.abc import Mapping
from typing import Any

from shared import codec
from shared.config import SERVICES

Doc = dict[str, Any]
Components = Mapping[str, Mapping[str, Doc]]
"""Components by kind, such as `schemas`, and name."""
Place = tuple[str, str]
"""Kind and name of a component."""

COMMON = "common"
_ABSENT: Doc = {"description": "Its service does not answer at the moment; request this document again later."}
_REFERENCE = re.compile(r'"#/components/(\w+)/([^"]+)"')
_MERGED = re.compile(rf"(?:{'|'.join(SERVICES)})\.")
"""The gateway refers to components of the services by their merged names."""


class MergedNames:
    """Names of components in the merged document: `common.Money` if documents share it, else with the service."""

    def __init__(self, documents: Mapping[str, Components]) -> None:
        self._common = _shared(documents)

    def name_of(self, document: str, place: Place) -> str:
        """Return the merged name of a component of a document."""
        _, name = place
        if _MERGED.match(name):
            return name
        return f"{COMMON if place in self._common else document}.{name}"

    def with_merged_names(self, document: str, content: Any) -> Any:
        """Return content of a document with references by merged names."""

        def renamed(found: re.Match[str]) -> str:
            kind, name = found.groups()
            return f'"#/components/{kind}/{self.name_of(document, (kind, name))}"'

        return codec.decode_untyped(_REFERENCE.sub(renamed, codec.encode(content).decode()).encode())


def _shared(documents: Mapping[str, Components]) -> frozenset[Place]:
    """Return the components that several documents have alike, with all that they refer to."""
    forms: dict[Place, list[str]] = {}
    for components in documents.values():
        for kind, members in components.items():
            for name, each in members.items():
                forms.setdefault((kind, name), []).append(codec.encode(each).decode())
    shared = {place: each[0] for place, each in forms.items() if len(each) > 1 and len({*each}) == 1}
    while alone := [place for place, form in shared.items() if not _references(form) <= shared.keys()]:
        for place in alone:
            del shared[place]
    return frozenset(shared)


def used(components: Components, paths: Mapping[str, Doc]) -> dict[str, dict[str, Doc]]:
    """Return the components that the paths refer to, directly or not."""
    wanted, found = _references(codec.encode(paths).decode()), dict[Place, Doc]()
    while wanted:
        kind, name = place = wanted.pop()
        found[place] = components.get(kind, {}).get(name, _ABSENT)
        wanted |= _references(codec.encode(found[place]).decode()) - found.keys()
    used_components: dict[str, dict[str, Doc]] = {}
    for (kind, name), each in sorted(found.items(), key=lambda entry: entry[0]):
        used_components.setdefault(kind, {})[name] = each
    return used_components


def _references(form: str) -> set[Place]:
    return {(kind, name) for kind, name in _REFERENCE.findall(form)}
