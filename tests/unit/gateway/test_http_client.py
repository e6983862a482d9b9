"""HTTP client: connections are kept, and an unreachable service does not slow down the others."""

import socket
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Thread
from time import monotonic
from typing import Any

import pytest
from flask import Flask, request

from shared.http_client import MAX_CONCURRENT_CALLS, READ_SECONDS, CircuitBreaker, Unreachable


def create_echo_app() -> Flask:
    app = Flask("echo")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path: str) -> Any:
        return {
            "path": path,
            "body": request.get_data(as_text=True),
            "key": request.headers.get("Idempotency-Key"),
        }, 201

    return app


def test_a_response_is_returned_complete(create_http_client: Any, start_server: Any) -> None:
    crm = create_http_client("crm", start_server(create_echo_app()))
    response = crm.request("POST", "/customers", {"Idempotency-Key": "k1"}, b"{}")
    assert (response.status, response.is_ok, response.header("content-type")) == (201, True, "application/json")
    assert response.json() == {"path": "customers", "body": "{}", "key": "k1"}


class KeepAliveHandler(BaseHTTPRequestHandler):
    """Keeps every connection and returns the port of the client."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        response = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(response)))
        self.end_headers()
        self.wfile.write(response)

    def log_message(self, *_: Any) -> None:
        """Write no log."""


def test_consecutive_calls_use_the_same_connection(create_http_client: Any) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), KeepAliveHandler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        crm = create_http_client("crm", f"http://127.0.0.1:{server.server_port}")
        assert len({crm.request("GET", "/x", {}).body for _ in range(5)}) == 1
        crm.close()
        server.shutdown()


def test_an_address_without_a_server_is_unreachable_at_once(create_http_client: Any, unused_address: str) -> None:
    started = monotonic()
    with pytest.raises(Unreachable) as unreachable:
        create_http_client("erp", unused_address).request("GET", "/x", {})
    assert unreachable.value.service == "erp"
    assert monotonic() - started < READ_SECONDS / 2


def test_a_response_that_takes_too_long_is_not_awaited(create_http_client: Any, start_server: Any) -> None:
    never = Event()
    app = Flask("slow")
    app.add_url_rule("/x", view_func=lambda: str(never.wait(5)))
    with pytest.raises(Unreachable):
        create_http_client("erp", start_server(app), read_seconds=0.2).request("GET", "/x", {})
    never.set()


def test_a_service_that_fails_the_liveness_check_is_unreachable_before_the_timeout(
    create_http_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.LIVENESS_CHECK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("shared.http_client.LIVENESS_TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        erp = create_http_client("erp", f"http://127.0.0.1:{hanging.getsockname()[1]}")
        started = monotonic()
        for _ in range(10):
            with pytest.raises(Unreachable):
                erp.request("POST", "/x", {}, b"{}")
        assert monotonic() - started < READ_SECONDS / 2


def test_the_liveness_check_takes_no_longer_than_the_timeout_of_the_call(
    create_http_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.LIVENESS_CHECK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("shared.http_client.LIVENESS_TIMEOUT_SECONDS", READ_SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        erp = create_http_client("erp", f"http://127.0.0.1:{hanging.getsockname()[1]}")
        started = monotonic()
        with pytest.raises(Unreachable):
            erp.request("GET", "/x", {}, timeout=0.3)
        assert 0.3 <= monotonic() - started < READ_SECONDS / 2


def test_the_response_of_a_slow_service_is_awaited_while_it_is_alive(
    create_http_client: Any, start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.LIVENESS_CHECK_AFTER_SECONDS", 0.05)
    liveness_checked, app = Event(), Flask("slow")

    @app.get("/healthz")
    def healthz() -> str:
        liveness_checked.set()
        return "ok"

    @app.get("/x")
    def slow() -> str:
        liveness_checked.wait(10)
        return "late"

    assert create_http_client("erp", start_server(app)).request("GET", "/x", {}).body == b"late"


class ClosingServer:
    """Responds to the first request of each connection and closes it, at once or at the second request."""

    def __init__(self, *, at_second_request: bool) -> None:
        self.requests: list[bytes] = []
        self._at_second_request = at_second_request
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                self.requests.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                if self._at_second_request:
                    self.requests.append(connection.recv(65536))


@pytest.mark.parametrize("at_second_request", [False, True], ids=["closed while idle", "closed under the request"])
def test_a_kept_connection_that_was_closed_is_replaced(create_http_client: Any, at_second_request: bool) -> None:
    service = ClosingServer(at_second_request=at_second_request)
    scm = create_http_client("scm", service.url)
    assert [scm.request("POST", "/x", {"Idempotency-Key": "k"}, b"1").body for _ in range(3)] == [b"ok"] * 3


def test_a_request_is_not_repeated_if_a_new_connection_is_closed(create_http_client: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def close_connections() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(65536))

    Thread(target=close_connections, daemon=True).start()
    with pytest.raises(Unreachable):
        create_http_client("scm", f"http://127.0.0.1:{listener.getsockname()[1]}").request("GET", "/x", {})
    assert len(received) == 1


def test_a_service_that_is_reachable_again_is_used(
    create_http_client: Any, start_server: Any, unused_address: str
) -> None:
    crm = create_http_client("crm", unused_address)
    with pytest.raises(Unreachable):
        crm.request("GET", "/x", {})
    start_server(create_echo_app(), port=int(unused_address.rpartition(":")[2]))
    assert crm.request("GET", "/x", {}).is_ok


def test_the_circuit_breaker_stops_calls_after_five_failures_until_one_succeeds() -> None:
    breaker = CircuitBreaker(failures=5, pause=60)
    for _ in range(5):
        assert breaker.allows_call()
        breaker.record_failure()
    assert not breaker.allows_call()
    breaker.record_success()
    assert breaker.allows_call()


def test_the_circuit_breaker_allows_one_trial_call_at_a_time_after_the_pause() -> None:
    breaker = CircuitBreaker(failures=1, pause=0, max_trial_seconds=60)
    breaker.record_failure()
    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]
    breaker.record_failure()
    assert breaker.allows_call()
    paused = CircuitBreaker(failures=1, pause=60)
    paused.record_failure()
    assert not paused.allows_call()


def test_a_call_takes_no_longer_than_its_own_timeout(create_http_client: Any, start_server: Any) -> None:
    never = Event()
    app = Flask("slow")
    app.add_url_rule("/x", view_func=lambda: str(never.wait(READ_SECONDS)))
    started = monotonic()
    with pytest.raises(Unreachable):
        create_http_client("erp", start_server(app)).request("GET", "/x", {}, timeout=0.1)
    assert monotonic() - started < READ_SECONDS / 2
    never.set()


def test_a_slow_service_does_not_take_every_thread(
    create_http_client: Any, start_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.SLOT_WAIT_SECONDS", 0.1)
    inside, done = Barrier(MAX_CONCURRENT_CALLS + 1), Event()
    app = Flask("slow")

    @app.get("/x")
    def slow() -> str:
        inside.wait(10)
        done.wait(10)
        return "late"

    erp = create_http_client("erp", start_server(app))
    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as clients:
        waiting = [clients.submit(erp.request, "GET", "/x", {}) for _ in range(MAX_CONCURRENT_CALLS)]
        inside.wait(10)
        with pytest.raises(Unreachable):
            erp.request("GET", "/x", {})
        done.set()
        assert [each.result().body for each in waiting] == [b"late"] * MAX_CONCURRENT_CALLS
