"""Fixtures: the gateway in front of small HTTP servers that replace the services."""

import json
import socket
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from gateway.main import build_app, create_service
from shared.config import SERVICES, Settings
from shared.http_client import HttpClient
from shared.identity import write_signing_keys
from shared.wiring import migrate

Serve = Callable[..., str]
ADMIN = "the key of the first admin"


class _SilentHandler(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Write no log."""


@contextmanager
def _serve() -> Iterator[Serve]:
    servers: list[BaseWSGIServer] = []

    def start(app: Any, port: int = 0) -> str:
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_SilentHandler)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def start_server() -> Iterator[Serve]:
    """`start_server(wsgi_app)` serves it on a free port (or the given one) and returns its address."""
    with _serve() as serve:
        yield serve


@pytest.fixture
def create_http_client() -> Iterator[Callable[..., HttpClient]]:
    """`create_http_client(name, url)` returns an HTTP client of the gateway; it is closed after the test."""
    clients: list[HttpClient] = []

    def create(*args: Any, **kwargs: Any) -> HttpClient:
        clients.append(HttpClient(*args, **kwargs))
        return clients[-1]

    yield create
    for each in clients:
        each.close()


@pytest.fixture
def unused_address() -> str:
    """An address at which no server listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@dataclass
class FakeService:
    """Fake service: records its requests and returns the response that the test set for the path."""

    requests: list[Request] = field(default_factory=list)
    responses: dict[str, Any] = field(default_factory=dict)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.requests.append(request)
        return self._response_to(request)(environ, start_response)

    def _response_to(self, request: Request) -> Response:
        found = self.responses.get(request.path, self.responses.get(request.full_path.rstrip("?")))
        if found is None:
            return Response("{}", 404, content_type="application/problem+json")
        return found if isinstance(found, Response) else Response(json.dumps(found), content_type="application/json")


class GatewayClient(Client):
    """Client that sends an access key with every request."""

    key: str | None = ADMIN

    def open(self, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        authorization = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return super().open(
            *args, headers=headers if isinstance(headers, list) else authorization | (headers or {}), **kwargs
        )

    def with_key(self, key: str | None) -> "GatewayClient":
        """Return a client of the same gateway with another key, or none."""
        other = GatewayClient(self.application, Response)
        other.key = key
        return other


@dataclass
class GatewayFixture:
    """A gateway, the fake services and workers behind it, and a client with the administrator's key."""

    home: Path
    app: Flask
    services: dict[str, FakeService]
    workers: dict[str, FakeService]
    client: GatewayClient

    def create_key(self, *roles: str, name: str = "sample key", **more: Any) -> GatewayClient:
        """Return a client that sends a new key with these roles."""
        body = {"name": name, "roles": roles, **more}
        issued = self.client.post("/api/v1/access/keys", json=body)
        assert issued.status_code == 201, issued.text
        return self.client.with_key(issued.json["secret"])


@pytest.fixture
def open_gateway(tmp_path: Path) -> Iterator[Callable[..., GatewayFixture]]:
    """`open_gateway(without={"erp"})`: no server listens at the addresses of the services in `without`."""
    with ExitStack() as stack:
        yield lambda without=frozenset(), home=tmp_path, **settings: stack.enter_context(
            _run_gateway(home, without, settings)
        )


@pytest.fixture(scope="module")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayFixture]:
    """One gateway for a whole file, for tests that leave no state behind."""
    with _run_gateway(tmp_path_factory.mktemp("gateway"), frozenset(), {}) as gateway:
        yield gateway


@contextmanager
def _run_gateway(home: Path, without: AbstractSet[str], settings: dict[str, str]) -> Iterator[GatewayFixture]:
    services = {name: FakeService() for name in SERVICES}
    workers = {name: FakeService() for name in SERVICES}
    write_signing_keys(home / "keys", ("gateway", *SERVICES))
    (home / "keys" / "gateway.secret").write_text("ab" * 32)
    with _serve() as serve:
        variables = {
            "SIHE_SERVICE": "gateway",
            "SIHE_HOME": str(home),
            "SIHE_ADMIN_KEY": ADMIN,
            "SIHE_PEERS": _addresses(services, serve, without),
            "SIHE_WORKERS": _addresses(workers, serve, without),
        }
        gateway_settings = Settings.from_environment(variables | settings)
        migrate(create_service(gateway_settings))
        app = build_app(gateway_settings)
        yield GatewayFixture(home, app, services, workers, GatewayClient(app, Response))
        app.extensions["gateway"].close()


def _addresses(services: dict[str, FakeService], serve: Serve, without: AbstractSet[str]) -> str:
    """Return the addresses as the value of a setting; no server listens at port 1."""
    return ",".join(
        f"{name}={'http://127.0.0.1:1' if name in without else serve(service)}" for name, service in services.items()
    )
