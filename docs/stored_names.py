"""The page `stored-names.md`: every name that is stored or sent, and so outlives the code that wrote it."""

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from inspect import isclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from docs import stored_formats
from docs.annotations import type_name
from docs.stored_words import Word, read_sources, words
from shared.contracts import CONTRACTS
from shared.domain import TYPES_BY_NAME, Aggregate, MasterRecord, ServiceSettings, event_field_defaults
from shared.event_codec import stored_fields
from shared.projections.definition import Projection

ROOT = Path(__file__).resolve().parent.parent
OWNERS = ("crm", "srm", "scm", "erp", "gateway", "shared", "cli")
PRODUCT = ("services", "gateway", "shared", "cli")
NOT_STORED = ("shared/testing", "shared/master_data", "cli/northwind", "cli/sample")


def owner_of(name: str) -> str:
    """Return the service of a module or of a file."""
    path = name.replace("/", ".").split(".")
    return path[1] if path[0] == "services" else path[0]


def page(generated: str) -> str:
    """Return the text of the page."""
    sources = list(read_sources(ROOT, *PRODUCT, without=NOT_STORED))
    found = sorted({*_master_data_keys(), *(each for source in sources for each in words(source))})
    lines = ["# Stored and sent names", generated, "Names in stored events, messages, databases and files."]
    for owner in OWNERS:
        lines += [f"\n## {owner}", *_aggregates(owner), *_values(owner), *_settings(owner), *_contracts(owner)]
        lines += [*_words([each for each in found if owner_of(each.file) == owner]), *_reports(owner)]
    lines += stored_formats.sections(sources)
    return "\n".join(lines) + "\n"


def _master_data_keys() -> Iterator[Word]:
    """Yield the namespaces of the keys of master data."""
    for kind in TYPES_BY_NAME.values():
        if issubclass(kind, MasterRecord) and kind.KEY_FIELD:
            yield Word("unique value", kind.KEY_NAMESPACE, f"{kind.__module__.replace('.', '/')}.py")


# -- aggregates and what is nested in their events


def event_classes(owner: str) -> Iterator[tuple[str, Any]]:
    """Yield the stored events of a service in the order of their names."""
    for name, kind in sorted(TYPES_BY_NAME.items()):
        if name.split(".")[0] == owner and not issubclass(kind, Aggregate):
            yield name, kind


def _aggregates(owner: str) -> Iterator[str]:
    for name, kind in sorted(TYPES_BY_NAME.items()):
        if name.split(".")[0] == owner and issubclass(kind, Aggregate):
            yield f"\n### {name}\n\n| event | version | fields |\n|---|---|---|"
            for topic, each in event_classes(owner):
                if topic.rpartition(".")[0] == name:
                    version = getattr(each, "class_version", 1)
                    yield f"| `{topic.rpartition('.')[2]}` | {version} | {', '.join(_event_fields(each))} |"


def _event_fields(kind: Any) -> Iterator[str]:
    known = event_field_defaults(kind)
    for name, hint in stored_fields(kind):
        if name != "meta":
            yield f"`{name}`: {type_name(hint)}" + (f" = {known[name]!s}" if name in known else "")


def nested(kind: Any, known: set[type]) -> set[type]:
    """Return `known` with every value class and enum inside a type."""
    for inner in get_args(kind):
        nested(inner, known)
    if isclass(kind) and kind not in known and (is_dataclass(kind) or issubclass(kind, Enum)):
        known.add(kind)
        if is_dataclass(kind):
            for hint in get_type_hints(kind).values():
                nested(hint, known)
    return known


def stored_values() -> set[type]:
    """Return the value classes and enums inside stored events."""
    known: set[type] = set()
    for owner in OWNERS:
        for _, kind in event_classes(owner):
            for _, hint in stored_fields(kind):
                nested(hint, known)
    return known


def _values(owner: str) -> Iterator[str]:
    found = [kind for kind in stored_values() if owner_of(kind.__module__) == owner]
    yield from _classes("Nested values and enums", found)
    yield from _classes("Enums outside events (read models, API)", _other_enums(owner, found))


def _other_enums(owner: str, stored: list[type]) -> list[type]:
    modules = [module for name, module in list(sys.modules.items()) if _is_domain(name, owner)]
    kinds: set[Any] = {kind for module in modules for kind in vars(module).values() if isclass(kind)}
    return [
        kind for kind in kinds if issubclass(kind, Enum) and _is_domain(kind.__module__, owner) and kind not in stored
    ]


def _is_domain(name: str, owner: str) -> bool:
    return name.startswith(f"{owner}.access") or (name.startswith(f"services.{owner}.") and ".domain." in name)


def _classes(title: str, kinds: list[type]) -> Iterator[str]:
    if kinds:
        yield f"\n### {title}\n\n| class | module | content |\n|---|---|---|"
    for kind in sorted(kinds, key=lambda each: (each.__name__, each.__module__)):
        yield f"| `{kind.__name__}` | `{kind.__module__}` | {', '.join(_content(kind))} |"


def _content(kind: Any) -> Iterator[str]:
    if issubclass(kind, Enum):
        yield from (f"`{each.value}`" for each in kind)
        return
    hints = get_type_hints(kind)
    yield from (f"`{each.name}`: {type_name(hints[each.name])}" for each in fields(kind))


def _settings(owner: str) -> Iterator[str]:
    kinds: list[type] = [ServiceSettings, *ServiceSettings.__subclasses__()]
    yield from _classes("Settings", [kind for kind in kinds if owner_of(kind.__module__) == owner])


# -- contracts, words, reports


def _contracts(owner: str) -> Iterator[str]:
    mine = [each for _, each in sorted(CONTRACTS.items()) if each.source() == owner]
    parts: set[type] = set()
    if mine:
        yield "\n### Published events\n\n| contract | type | fields |\n|---|---|---|"
    for kind in mine:
        yield f"| `{kind.__name__}` | `{kind.wire_type()}` | {', '.join(_content(kind))} |"
        parts = nested(kind, parts)
    yield from _classes("Parts of published events", [each for each in parts if each not in mine])


def _words(found: list[Word]) -> Iterator[str]:
    if found:
        yield "\n### Words in calls\n\n| kind | word | file |\n|---|---|---|"
    yield from (f"| {each.kind} | `{each.word}` | `{each.file}` |" for each in found)


def _reports(owner: str) -> Iterator[str]:
    mine = [each for each in _subclasses(Projection) if owner_of(each.__module__) == owner and "name" in vars(each)]
    if owner in OWNERS[:4]:
        yield "\n### Read models (table `<name>_<generation>`)\n"
        yield "| name | class | columns | also shown |\n|---|---|---|---|"
        for each in sorted(mine, key=lambda kind: kind.name):
            columns, shows = (", ".join(f"`{name}`" for name in names) for names in (each.columns, each.extra_fields))
            yield f"| `{each.name}` | `{each.__name__}` | {columns} | {shows} |"


def _subclasses(kind: type[Projection]) -> Iterator[type[Projection]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
