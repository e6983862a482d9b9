"""Check the words of `words.toml`: nothing that the API description titles has none, and none is read by nothing.

Every resource, command, state and choice, every field of a request and every column of a list needs its words in
English and Chinese.
Exits with 1 if a word is wrong.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask

from docs.error_codes import error_codes_page
from gateway.app import OWN_VIEWS
from gateway.view_descriptions import own_document
from shared.fields.words import FILE, SHARED_WORDS, Words, words_for, words_of
from shared.openapi.document import app_document
from shared.openapi.rows import STATUS, row_schema
from shared.projections import Projection, ResourceProjection
from shared.service import Service
from shared.web import Resource, resources_of_modules
from shared.web.described import SETTINGS, descriptions_of, modules_of, states_of

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("crm", "srm", "scm", "erp")
EXAMPLES = "examples"
"""The section of values of requests, which a test sends; its words have no texts."""
REQUIRED = ("modules", "resources", "commands", "states", "choices", "codes")
EN, ZH, TONE = "English", "Chinese", "a tone"
FORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "modules": ((EN, ZH),),
    "resources": ((EN, ZH, EN, ZH),),
    "fields": ((EN, ZH), (EN, ZH, EN, ZH)),
    "commands": ((EN, ZH, EN, ZH),),
    "parameters": ((EN, ZH, EN, ZH),),
    "filters": ((EN, ZH),),
    "codes": ((EN, ZH, EN, ZH),),
    "choices": ((EN, ZH),),
    "states": ((EN, ZH, TONE),),
}
TONES = ("neutral", "busy", "good", "warning", "bad", "done")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def main(root: Path = ROOT) -> int:
    """Print one line for each wrong word."""
    found = list(malformed(root)) or list(_wrong_words(root))
    for line in dict.fromkeys(found):
        print(line.replace(f"{root}/", ""))
    return 1 if found else 0


def _wrong_words(root: Path) -> Iterator[str]:
    services = [_service(name) for name in SERVICES]
    known = [words_for(package) for package in packages(root)]
    for each in services:
        describe_requests(each)
        yield from states_without_enumeration(each)
        describe_lists(each)
    own_document(OWN_VIEWS)
    error_codes_page()
    yield from missing(known, "fields")
    for each in services:
        describe_rows(each)
    yield from missing(known, *REQUIRED)
    yield from unread(known)


def _service(name: str) -> type[Service]:
    service: type[Service] = getattr(import_module(f"services.{name}.service"), name.capitalize())
    return service


def describe_requests(service: type[Service]) -> None:
    """Describe the requests to all resources of a service as its API description does, which reads their words."""
    resources, app = resources_of_modules(service), Flask(service.NAME, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    for each in resources:
        app.register_blueprint(each)
    modules_of(service)
    app_document(app, service.NAME, "/", (), descriptions_of(service, resources))


def describe_lists(service: type[Service]) -> None:
    """Describe the rows of every list of a service: all their columns need titles."""
    for resource in resources_of_modules(service):
        for each in listed(resource):
            row_schema(each)


def listed(resource: Resource) -> set[type[Projection]]:
    """Return the projections whose rows a resource lists; statements are computed from the others."""
    first, *lists = [*resource.documented] or [None]
    return {*lists, *([first] if first and issubclass(first, ResourceProjection) else [])}


def describe_rows(service: type[Service]) -> None:
    """Describe the rows of all resources of a service, also of those from which statements are computed."""
    for projection in {each for resource in resources_of_modules(service) for each in resource.documented}:
        row_schema(projection)


def packages(root: Path) -> list[str]:
    """Return every package that has words: the modules of the services, their settings, and what all share."""
    modules = [each.parent for each in sorted(root.glob("services/*/*/__init__.py"))]
    own = [f"services.{name}{place}" for name in SERVICES for place in ("", f".{SETTINGS}")]
    return [
        "shared.domain",
        "gateway",
        "gateway.access",
        *own,
        *(".".join(each.relative_to(root).parts) for each in modules),
    ]


# -- what is wrong


def malformed(root: Path) -> Iterator[str]:
    """Yield each word that has not all of its texts, in both languages."""
    own = [file for folder in ("gateway", "services") for file in sorted((root / folder).glob(f"**/{FILE}"))]
    for file in (SHARED_WORDS, *own):
        for section, words in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name, texts in words.items():
                if section != EXAMPLES and not any(_has_form(texts, form) for form in FORMS.get(section, ())):
                    forms = " or ".join(", ".join(form) for form in FORMS.get(section, ()))
                    yield f"{file}: [{section}] {name} must be {forms or 'in a known section'}"


def _has_form(texts: Sequence[Any], form: Sequence[str]) -> bool:
    return len(texts) == len(form) and all(_is(text, kind) for text, kind in zip(texts, form, strict=True))


def _is(text: Any, kind: str) -> bool:
    if kind == TONE:
        return text in TONES
    return isinstance(text, str) and bool(text.strip()) and bool(_CHINESE.search(text)) == (kind == ZH)


def states_without_enumeration(service: type[Service]) -> Iterator[str]:
    """Yield each resource whose rows have a status of an unknown enumeration."""
    for each in resources_of_modules(service):
        if any(STATUS in projection.columns for projection in each.projections) and not states_of(each):
            yield f"{service.NAME}.{each.name}: declare the enumeration of the column {STATUS}"


def missing(known: Sequence[Words], *sections: str) -> Iterator[str]:
    """Yield each word of these sections that was needed and that no file has."""
    for words in known:
        for section, name in sorted(words.missing):
            if section in sections:
                yield f"{words.files[-1]}: [{section}] {name} is missing"


def unread(known: Sequence[Words]) -> Iterator[str]:
    """Yield each word that nothing reads: of an unknown resource, command, state, choice or field."""
    read = {(_source(words, *each), *each) for words in known for each in words.read}
    for file in sorted({file for words in known for file in words.files}):
        for section, names in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name in names:
                if (file, section, name) not in read:
                    yield f"{file}: [{section}] {name} is read by nothing"


def _source(words: Words, section: str, name: str) -> Path:
    """Return the file that a word comes from."""
    return next(each for each in reversed(words.files) if name in words_of(each).sections.get(section, {}))


if __name__ == "__main__":
    sys.exit(main())
