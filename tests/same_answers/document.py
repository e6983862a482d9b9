"""The operations of an API document, with every reference inlined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Doc = dict[str, Any]
PREFIX = "/api/v1"
METHODS = ("get", "post", "patch", "put", "delete")
NOT_SHAPE = frozenset({"title", "description", "summary", "example", "examples", "tags", "operationId"})
NAMES = frozenset({"properties", "responses", "content", "headers", "patternProperties"})
"""Members whose keys are names, not keywords."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    parameters: Mapping[str, Doc]
    """By place and name: `query:sort`."""
    body: Doc | None
    example: Any
    has_key: bool = True
    statuses: Mapping[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> list[str]:
        return [name.partition(":")[2] for name in self.parameters if name.startswith("query:")]

    @property
    def headers(self) -> list[str]:
        return [name.partition(":")[2] for name in self.parameters if name.startswith("header:")]

    @property
    def segments(self) -> list[str]:
        """Return the names of the path's variables."""
        return [name.partition(":")[2] for name in self.parameters if name.startswith("path:")]

    @property
    def is_list(self) -> bool:
        return self.method == "GET" and "cursor" in self.query

    def choices(self, parameter: str) -> list[str]:
        """Return the allowed values of a query parameter, if they are listed."""
        schema = self.parameters[f"query:{parameter}"].get("schema", {})
        found: list[str] = schema.get("enum") or schema.get("items", {}).get("enum") or []
        return found


def operations(document: Doc) -> Iterator[Operation]:
    """Return the operations under the public prefix; paths begin after it."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods and path.startswith(PREFIX):
                yield _operation(document, method.upper(), path.removeprefix(PREFIX), methods[method])


def _operation(document: Doc, method: str, path: str, doc: Doc) -> Operation:
    parameters = [inlined(document, each) for each in doc.get("parameters", [])]
    content = doc.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        method,
        path,
        {f"{each['in']}:{each['name']}": each for each in parameters},
        inlined(document, content["schema"]) if "schema" in content else None,
        content.get("example"),
    )


def inlined(document: Doc, value: Any, inside: tuple[str, ...] = ()) -> Any:
    """Return the value with what its references mean; a reference to itself stays as `<recursion>`."""
    if isinstance(value, list):
        return [inlined(document, each, inside) for each in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if reference is None:
        return {name: inlined(document, each, inside) for name, each in value.items()}
    if reference in inside:
        return "<recursion>"
    return inlined(document, _resolved(document, reference), (*inside, reference))


def _resolved(document: Doc, reference: str) -> Any:
    found: Any = document
    for each in reference.removeprefix("#/").split("/"):
        found = found[each.replace("~1", "/").replace("~0", "~")]
    return found


def shape(document: Doc, members: tuple[str, ...]) -> Doc:
    """Return what a program relies on in these members: no texts, no names of components."""
    return {name: _bare(inlined(document, document.get(name)), names=True) for name in members}


def _bare(value: Any, *, names: bool = False) -> Any:
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if names or name not in NOT_SHAPE}
        return {name: _bare(each, names=name in NAMES) for name, each in kept.items()}
    if isinstance(value, list):
        return _unordered([_bare(each) for each in value])
    return value


def _unordered(values: list[Any]) -> Any:
    """Return parameters by place and name, other arrays sorted: their order means nothing."""
    if values and all(isinstance(each, dict) and {"in", "name"} <= each.keys() for each in values):
        return {f"{each['in']}:{each['name']}": each for each in values}
    return sorted(values, key=repr)
