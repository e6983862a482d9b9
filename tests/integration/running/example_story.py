"""The story of a small firm, in which the example of every request is sent as the API description has it."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx2

from tests.described_answers import JSON, PREFIX, DescribedAnswers
from tests.running_suite import RunningSuite

Body = dict[str, Any]


def with_values(example: Any, values: Mapping[str, Any]) -> Any:
    """Return an example in which the members of these names have other values: the ids and numbers of this run."""
    match example:
        case list():
            return [with_values(each, values) for each in example]
        case dict():
            return {name: values.get(name, with_values(each, values)) for name, each in example.items()}
    return example


class Story:
    """Sends examples to a suite, and keeps which were sent and how their answers differ from the description."""

    def __init__(self, suite: RunningSuite, document: Any) -> None:
        self._suite, self._client = suite, suite.client
        self._described = DescribedAnswers(document)
        self._colleague: httpx2.Client | None = None
        self.operations = self._described.operations
        bodies = {name: body_of(operation) for name, operation in self.operations.items()}
        self.examples = {name: each for name, each in bodies.items() if each}
        self.sent: set[str] = set()
        self.differences: list[str] = []

    def idle(self) -> None:
        self._suite.wait_until_idle()

    def read(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def make(self, path: str, body: Body) -> Any:
        """Send a request of the test's own, which prepares for an example."""
        return self._post(self._client, path, body).raise_for_status().json()

    def send(
        self, operation: str, values: Mapping[str, Any] | None = None, *, by_colleague: bool = False, **path: str
    ) -> Any:
        """Send the example of an operation: `POST /crm/sales-orders/{order_id}/place`; return its answer."""
        method, _, template = operation.partition(" ")
        name, address = f"{method} {PREFIX}{template}", template.format(**path)
        body = with_values(self.examples[name], values or {})
        client = self._second_person() if by_colleague else self._client
        response = self._patch(address, body) if method == "PATCH" else self._post(client, address, body)
        assert response.is_success, f"{operation} with {body}: {response.text}"
        self.sent.add(name)
        answer = response.json()
        self.differences += self._described.differences(method, f"{PREFIX}{address}", response.status_code, answer)
        return answer

    def try_sheet(self, operation: str, ids: Mapping[str, str] | None = None) -> None:
        """Send the example sheet of an import as a dry run: it has no errors. `ids`: those of this run for examples."""
        sheet = sheet_of(self.operations[operation])
        for example, own in (ids or {}).items():
            sheet = sheet.replace(example, own)
        headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "text/csv; charset=utf-8"}
        path = operation.partition(PREFIX)[2]
        answer = self._client.post(f"{path}?dry_run=true", content=sheet.encode(), headers=headers)
        assert answer.raise_for_status().json() == {"dry_run": True, "rows": 1, "errors": []}, operation
        self.sent.add(operation)

    def _post(self, client: httpx2.Client, path: str, body: Body) -> httpx2.Response:
        return client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})

    def _patch(self, path: str, body: Body) -> httpx2.Response:
        version = self._client.get(path).raise_for_status().headers["ETag"]
        return self._client.patch(path, json=body, headers={"Idempotency-Key": uuid4().hex, "If-Match": version})

    def _second_person(self) -> httpx2.Client:
        """Return the client of another person, who confirms what one person may not do alone."""
        if self._colleague is None:
            key = self.make("/access/keys", {"name": "colleague", "roles": ["admin"]})
            self._colleague = self._suite.client_with(key["secret"])
        return self._colleague


def body_of(operation: Body) -> Any:
    """Return the example of the body of an operation, `None` if it takes no JSON."""
    return operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")


def sheet_of(operation: Body) -> str:
    """Return the example of the sheet of an import."""
    return str(operation["requestBody"]["content"]["text/csv"]["example"])


def new_codes(example: Any, ending: str) -> Body:
    """Return other codes for the records of an example that the story has already made."""
    found = re.findall(r"'(code|sku|number)': '([^']+)'", str(example))
    return {name: f"{value}-{ending}" for name, value in found}
