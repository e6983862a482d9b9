"""Requests that every suite refuses: for each operation of the API document every mistake that it can have."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx2

from tests.running_suite import RunningSuite
from tests.same_answers.answers import Answer
from tests.same_answers.document import Operation

ROLES = ("accountant", "auditor", "buyer", "representative", "sales", "warehouse")
UNKNOWN_ID = str(UUID(int=0))
UNKNOWN = "unknown"
WRONG = {"string": {"not": "a text"}, "object": "no object", "array": "no array", "boolean": "no boolean"}
NO_NUMBER = {"not": "a number"}
OLD_VERSION = '"999999"'
BAD = {"unknown_field": 1}
HEADERS_SHOWN = ("allow", "www-authenticate", "content-type")

Keys = Mapping[str, str]


@dataclass(frozen=True)
class Mistake:
    """A request with one mistake."""

    label: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Any = None
    role: str | None = "admin"


def issued_keys(suite: RunningSuite) -> dict[str, str]:
    """Issue a key for each role. Return the secrets by role."""
    with suite.client as client:
        return {role: _issued(client, role) for role in ROLES}


def _issued(client: httpx2.Client, role: str) -> str:
    headers = {"Idempotency-Key": f"a key for {role}"}
    body = {"name": f"only {role}", "roles": [role]}
    secret: str = client.post("/access/keys", json=body, headers=headers).raise_for_status().json()["secret"]
    return secret


def mistakes(operation: Operation) -> Iterator[Mistake]:
    """Return the requests with a mistake that an operation can be sent."""
    yield from _of_callers(operation)
    yield from _of_addresses(operation)
    if operation.method != "GET":
        yield from _of_headers(operation)
        yield from _of_bodies(operation)


def _request(operation: Operation, mistake: str, **changes: Any) -> Mistake:
    """Return a request that is sent to unknown records, so that it changes nothing if the mistake is accepted."""
    label = f"{operation.method} {operation.path}: {mistake}"
    sent = {"method": operation.method, "path": _path(operation), "headers": _headers(operation, label)} | changes
    if sent["method"] == "GET":
        sent |= {"content": None, "headers": {}}
    return Mistake(label, **sent)


def _path(operation: Operation) -> str:
    path = operation.path
    for name in operation.segments:
        path = path.replace(f"{{{name}}}", UNKNOWN_ID if name.endswith("id") else UNKNOWN)
    return path


def _headers(operation: Operation, label: str, *without: str) -> dict[str, str]:
    headers = {"Idempotency-Key": sha256(label.encode()).hexdigest()}
    if operation.parameters.get("header:If-Match", {}).get("required"):
        headers["If-Match"] = OLD_VERSION
    return {name: value for name, value in headers.items() if name not in without}


def _of_callers(operation: Operation) -> Iterator[Mistake]:
    yield _request(operation, "no key", role=None, content=BAD)
    yield _request(operation, "unknown key", role=UNKNOWN, content=BAD)
    yield from (_request(operation, f"only {role}", role=role, content=BAD) for role in ROLES)


def _of_addresses(operation: Operation) -> Iterator[Mistake]:
    if operation.segments:
        yield _request(operation, "unknown id", content=BAD)
        yield _request(operation, "malformed id", path=_path(operation).replace(UNKNOWN_ID, "no-id"), content=BAD)
    yield _request(operation, "unknown parameter", query={"unknown_parameter": "1"}, content=BAD)
    yield _request(operation, "wrong method", method="PUT", content=BAD)
    for name in operation.query:
        yield _request(operation, f"parameter {name}", query={name: "\u0001"}, content=BAD)


def _of_headers(operation: Operation) -> Iterator[Mistake]:
    for name in ("Idempotency-Key", "If-Match"):
        yield _request(operation, f"no {name}", headers=_headers(operation, "no header", name), content=BAD)
    for mistake, version in (("stale version", OLD_VERSION), ("malformed If-Match", "no version")):
        headers = _headers(operation, mistake) | {"If-Match": version}
        yield _request(operation, mistake, headers=headers, content=BAD)


def _of_bodies(operation: Operation) -> Iterator[Mistake]:
    schema = operation.body or {}
    yield _request(operation, "unknown field", content=_with(operation, BAD))
    yield _request(operation, "no object", content=["no object"])
    if schema.get("required"):
        yield _request(operation, "empty object", content={})
    for name in schema.get("required", []):
        left = {key: value for key, value in _with(operation, {}).items() if key != name}
        yield _request(operation, f"without {name}", content=left)
    for name, kind in schema.get("properties", {}).items():
        yield _request(operation, f"wrong type of {name}", content=_with(operation, {name: _wrong(kind)}))
        for inner, inner_kind in kind.get("items", {}).get("properties", {}).items():
            row = {**_first_row(operation, name), inner: _wrong(inner_kind)}
            yield _request(operation, f"wrong type of {name}/0/{inner}", content=_with(operation, {name: [row]}))


def _with(operation: Operation, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {**(operation.example or {}), **changes}


def _first_row(operation: Operation, name: str) -> dict[str, Any]:
    rows = (operation.example or {}).get(name) or [{}]
    return dict(rows[0])


def _wrong(schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind or []
    return next((WRONG[each] for each in WRONG if each in kinds), NO_NUMBER)


def all_mistakes(operations: list[Operation]) -> Iterator[Mistake]:
    for operation in operations:
        yield from mistakes(operation)


def refused(suite: RunningSuite, keys: Keys, sent: Iterable[Mistake]) -> dict[str, Answer]:
    """Send every mistake. Return status, code and places of each refusal."""
    secrets = {**keys, UNKNOWN: "unknown.key"}
    clients = {role: suite.client_with(secret) for role, secret in secrets.items()} | {"admin": suite.client}
    with httpx2.Client(base_url=f"{suite.url}/api/v1", trust_env=False) as without_key:
        return {each.label: _refusal(clients.get(each.role or "", without_key), each) for each in sent}


def _refusal(client: httpx2.Client, mistake: Mistake) -> Answer:
    sent = {} if mistake.content is None else {"json": mistake.content}
    response = client.request(
        mistake.method, mistake.path, params=dict(mistake.query), headers=dict(mistake.headers), **sent
    )
    shown = {name: _elements(response.headers[name]) for name in HEADERS_SHOWN if name in response.headers}
    return {"status": response.status_code, "headers": shown, **_places(response)}


def _places(response: httpx2.Response) -> Answer:
    """Return code and places of a problem; of a batch those of each problem in it."""
    if response.is_success and response.request.method == "GET":
        return {}
    body = response.json()
    return {"codes": [body.get("code"), body.get("type")], "errors": sorted(_errors(body))}


def _errors(value: Any) -> Iterator[list[str]]:
    """Return place and code of every error in a document."""
    if isinstance(value, dict) and {"pointer", "code"} <= value.keys():
        yield [value["pointer"], value["code"]]
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _errors(each)


def _elements(header: str) -> list[str]:
    """Return the elements of a header; the methods in `Allow` come in any order."""
    return sorted(each.strip() for each in header.split(","))
