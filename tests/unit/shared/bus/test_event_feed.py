"""The event feed reads published events of a source over HTTP, or reports that it is unavailable."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from threading import Thread

import pytest
from flask import Flask, Response, request
from werkzeug.serving import make_server

from shared.bus.event_feed import FeedUnavailable, HttpEventFeed
from shared.http_client import HttpClient
from shared.message import Message
from shared.ndjson import encode_message_line
from tests.unit.shared.bus.test_envelope import MESSAGE

Start = Callable[[Response], str]


@pytest.fixture
def requests() -> list[tuple[str, str | None]]:
    """The target and the authorization of each request received."""
    return []


@pytest.fixture
def start_source(requests: list[tuple[str, str | None]]) -> Iterator[Start]:
    servers = []

    def start(response: Response) -> str:
        app = Flask("source")

        @app.get("/events")
        def events() -> Response:
            requests.append((request.full_path, request.headers.get("Authorization")))
            return response

        server = make_server("127.0.0.1", 0, app, threaded=True)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def read(address: str) -> Sequence[Message]:
    with closing(HttpClient("crm", address)) as source:
        return asyncio.run(HttpEventFeed(source, lambda _: "a.token").get_after(9, 100))


def test_messages_after_a_position_are_read(start_source: Start, requests: list[tuple[str, str | None]]) -> None:
    assert read(start_source(Response(encode_message_line(MESSAGE) + b"\n"))) == [MESSAGE]
    assert requests == [("/events?after=9&limit=100", "Bearer a.token")]


def test_no_messages_are_read_at_the_end(start_source: Start) -> None:
    assert read(start_source(Response(b""))) == []


@pytest.mark.parametrize(("status", "body"), [(403, b""), (503, b"{}"), (200, b"no message\n")])
def test_a_source_without_a_valid_response_is_unavailable(start_source: Start, status: int, body: bytes) -> None:
    address = start_source(Response(body, status))
    with pytest.raises(FeedUnavailable, match="crm"):
        read(address)


def test_a_source_that_does_not_listen_is_unavailable() -> None:
    server = make_server("127.0.0.1", 0, Flask("source"))
    server.server_close()
    with pytest.raises(FeedUnavailable, match="crm does not answer"):
        read(f"http://127.0.0.1:{server.port}")
