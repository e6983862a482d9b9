"""The gateway over real small HTTP servers that stand where the services stand."""

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

from gateway.main import create_app, create_service
from shared.config import SERVICES, Settings
from shared.http_client import HttpClient
from shared.identity import write_signing_keys
from shared.wiring import migrate

Serve = Callable[..., str]
ADMIN = "the key of the first admin"


class _SilentHandler(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nothing."""


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
def listening() -> Iterator[Serve]:
    """`listening(wsgi_app)` serves it on a free port (or the given one) and gives its address."""
    with _serve() as serve:
        yield serve


@pytest.fixture
def upstream() -> Iterator[Callable[..., HttpClient]]:
    """`upstream(name, url)` as the gateway has it."""
    made: list[HttpClient] = []

    def make(*args: Any, **kwargs: Any) -> HttpClient:
        made.append(HttpClient(*args, **kwargs))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def nowhere() -> str:
    """An address at which nobody listens."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@dataclass
class FakeService:
    """Stands where a service stands: keeps what it was asked, answers what the test says, by path."""

    requests: list[Request] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.requests.append(request)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        answer = self.answers.get(request.path, self.answers.get(request.full_path.rstrip("?")))
        if answer is None:
            return Response("{}", 404, content_type="application/problem+json")
        return answer if isinstance(answer, Response) else Response(json.dumps(answer), content_type="application/json")


class GatewayClient(Client):
    """Shows a key with every request."""

    key: str | None = ADMIN

    def open(self, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        shown = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return super().open(*args, headers=headers if isinstance(headers, list) else shown | (headers or {}), **kwargs)

    def with_key(self, key: str | None) -> "GatewayClient":
        """The same gateway, asked with another key, or none."""
        other = GatewayClient(self.application, Response)
        other.key = key
        return other


@dataclass
class GatewayFixture:
    """A gateway, what stands behind it, and a browser in front of it that shows the admin's key."""

    home: Path
    app: Flask
    services: dict[str, FakeService]
    workers: dict[str, FakeService]
    browser: GatewayClient

    def create_key(self, *roles: str, name: str = "somebody", **more: Any) -> GatewayClient:
        """A browser that shows a new key with these roles."""
        asked = {"name": name, "roles": roles, **more}
        issued = self.browser.post("/api/v1/access/keys", json=asked)
        assert issued.status_code == 201, issued.text
        return self.browser.with_key(issued.json["secret"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., GatewayFixture]]:
    """`house(without={"erp"})`: at the address of a service named there nobody listens."""
    with ExitStack() as open_houses:
        yield lambda without=frozenset(), **settings: open_houses.enter_context(
            _open_gateway(tmp_path, without, settings)
        )


@pytest.fixture(scope="module")
def same_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayFixture]:
    """One for a whole file, for tests that leave nothing behind."""
    with _open_gateway(tmp_path_factory.mktemp("house"), frozenset(), {}) as house:
        yield house


@contextmanager
def _open_gateway(home: Path, without: AbstractSet[str], settings: dict[str, str]) -> Iterator[GatewayFixture]:
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
        told = Settings.from_environment(variables | settings)
        migrate(create_service(told))
        app = create_app(told)
        yield GatewayFixture(home, app, services, workers, GatewayClient(app, Response))
        app.extensions["gateway"].close()


def _addresses(services: dict[str, FakeService], serve: Serve, without: AbstractSet[str]) -> str:
    """Nobody listens at port 1."""
    return ",".join(
        f"{name}={'http://127.0.0.1:1' if name in without else serve(stand)}" for name, stand in services.items()
    )
