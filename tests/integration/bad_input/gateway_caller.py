"""A caller that sends requests the gateway must refuse, and checks that the stores did not change."""

import json
import re
import socket
import sqlite3
from typing import Any
from uuid import uuid4

import httpx2

from tests.running_suite import ADMIN_KEY, RunningSuite

STORES = ("crm", "srm", "scm", "erp", "gateway")
COUNTED_TABLES = (
    "events WHERE type NOT LIKE 'gateway.AccessLogLength.%'", "outbox", "number_series", "unique_values", "timers"
)  # fmt: skip
"""Tables that only requests change: the gateway states the length of its access log after a minute, and each hour."""
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "trace_id"}
_INTERNALS = re.compile(
    r"Traceback|sqlite|psycopg|werkzeug|gunicorn|marshmallow|SELECT |\.py\b|<html|/tmp/", re.IGNORECASE
)


class GatewayCaller:
    """Sends requests with a key; `refused` is the expected refusal."""

    def __init__(self, suite: RunningSuite, secret: str = ADMIN_KEY) -> None:
        self.suite = suite
        self.secret = secret
        self._client = suite.client_with(secret)

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self._client.get(path, **more)

    def request(self, method: str, path: str, body: Any = None, **headers: str | None) -> httpx2.Response:
        """Send bytes unchanged and any other body as JSON. `If_Match="…"` sets a header, None leaves one out."""
        sent_headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
        sent_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._client.request(
            method,
            path,
            content=sent,
            headers={name: value for name, value in sent_headers.items() if value is not None},
        )

    def post(self, path: str, body: Any = None, **headers: str | None) -> httpx2.Response:
        return self.request("POST", path, {} if body is None else body, **headers)

    def command(self, path: str, body: Any = None) -> Any:
        """Send a command that must succeed; return the decoded response."""
        answer = self.post(path, body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def get_json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def with_new_key(self, *roles: str, person: str | None = None) -> "GatewayCaller":
        """Return another caller with a new key."""
        issued = self.command("/access/keys", {"name": f"key {uuid4().hex}", "roles": list(roles), "person": person})
        return GatewayCaller(self.suite, issued["secret"])

    def stored_counts(self) -> dict[str, Any]:
        """Return the size of each store once the suite is idle, and the next number of each series."""
        self.suite.wait_until_idle()
        return {each: self._stored_counts(each) for each in STORES}

    def _stored_counts(self, name: str) -> Any:
        with sqlite3.connect(f"file:{self.suite.home}/{name}/events.db?mode=ro", uri=True) as store:
            counts = [store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COUNTED_TABLES]
            numbers = store.execute("SELECT series, last_number FROM number_series ORDER BY series").fetchall()
        store.close()
        return counts, numbers

    def send_raw(self, *sent: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send these bytes; return status, headers in lower case and the received part of the body."""
        with socket.create_connection(("127.0.0.1", self.suite.running["port"]), timeout=60) as connection:
            try:
                for each in sent:
                    connection.sendall(each)
            except OSError:  # the server closed the connection
                pass
            with connection.makefile("rb") as stream:
                status = int(stream.readline().split()[1])
                headers: dict[str, str] = {}
                while line := stream.readline().decode("latin-1").strip():
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                return status, headers, stream.read(int(headers.get("content-length", 0)))

    def request_head(self, target: str, *headers: str, method: str = "POST") -> bytes:
        """Return the head of a request with the key."""
        lines = [f"{method} {target} HTTP/1.1", "Host: x", f"Authorization: Bearer {self.secret}", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def assert_refused(response: httpx2.Response, status: int, pointer: str | None = None, code: str | None = None) -> Any:
    """Assert this refusal, in the form of every refusal and without internal details."""
    assert response.status_code == status, f"{response.status_code} {response.text[:2000]}"
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() >= PROBLEM_MEMBERS
    assert problem["status"] == status
    assert not _INTERNALS.search(response.text), response.text
    if pointer is not None:
        assert pointer in [each["pointer"] for each in problem["errors"]], problem
        assert all(each.keys() >= {"pointer", "code", "detail"} for each in problem["errors"])
    if code is not None:
        assert problem["code"] == code
    return problem
