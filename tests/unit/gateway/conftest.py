"""Real small HTTP servers to stand behind the gateway."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from gateway.upstream import Upstream

Listening = Callable[..., str]


class _Silent(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def listening() -> Iterator[Listening]:
    """`listening(wsgi_app)` serves it on a free port (or the given one) and gives its address."""
    servers = []

    def start(app: Any, port: int = 0) -> str:
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def upstream() -> Iterator[Callable[..., Upstream]]:
    """`upstream(name, url)` as the gateway has it."""
    made: list[Upstream] = []

    def make(*args: Any, **kwargs: Any) -> Upstream:
        made.append(Upstream(*args, **kwargs))
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
