"""Compares answers with what the API description states: every member described, required and typed as it is."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT = "urn:openapi"
JSON, NDJSON = "application/json", "application/x-ndjson"
PREFIX = "/api/v1"
METHODS = frozenset({"get", "post", "patch"})

Doc = dict[str, Any]


class DescribedAnswers:
    """The schemas of all answers of an API description, in which an object has no member besides those described."""

    def __init__(self, document: Doc) -> None:
        self.operations = {
            f"{method.upper()} {path}": operation
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if method in METHODS
        }
        self.checked: set[str] = set()
        self._registry = Registry().with_resource(DOCUMENT, DRAFT202012.create_resource(closed(document)))
        self._patterns = {name: _pattern(name) for name in self.operations}
        self._validators: dict[str, Draft202012Validator] = {}

    def operation_of(self, method: str, path: str) -> str:
        """Return the operation of a request: of several that match, the one with the most fixed parts."""
        found = [name for name, each in self._patterns.items() if each.fullmatch(f"{method} {path}")]
        assert found, f"{method} {path} is not described"
        return min(found, key=lambda name: name.count("{"))

    def differences(self, method: str, path: str, status: int, body: Any, media_type: str = JSON) -> list[str]:
        """Return how an answer differs from its schema, a line for each place; of lines, `body` is their list."""
        name = self.operation_of(method, path)
        self.checked.add(name)
        validator = self._validator(name, str(status), media_type)
        return [f"{name} {each.json_path}: {each.message[:300]}" for each in validator.iter_errors(body)]

    def _validator(self, name: str, status: str, media_type: str) -> Draft202012Validator:
        method, _, path = name.partition(" ")
        place = [path, method.lower(), "responses", status, "content", media_type, "schema"]
        place += ["contentSchema"] if media_type == NDJSON else []
        pointer = "/".join(_escaped(each) for each in ("paths", *place))
        if pointer not in self._validators:
            schema = {"$ref": f"{DOCUMENT}#/{pointer}"}
            self._validators[pointer] = Draft202012Validator(schema, registry=self._registry)
        return self._validators[pointer]


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(each) for each in re.split(r"{\w+}", name)))


def closed(schema: Any) -> Any:
    """Return a schema in which objects that name their members have no others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(each) for name, each in schema.items()}
    names_members = isinstance(schema.get("properties"), dict) and "type" in schema
    return {**inner, "additionalProperties": False} if names_members and "additionalProperties" not in schema else inner


def schemas_in(schema: Any, place: str = "") -> Iterator[tuple[str, Doc]]:
    """Yield every object of a document with its place."""
    if isinstance(schema, dict):
        yield place, schema
        for name, each in schema.items():
            yield from schemas_in(each, f"{place}/{name}")
    elif isinstance(schema, list):
        for number, each in enumerate(schema):
            yield from schemas_in(each, f"{place}/{number}")
