"""A service is reached over kept connections; one that is down costs the others nothing."""

import socket
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Thread
from time import monotonic
from typing import Any

import pytest
from flask import Flask, request

from shared.http_client import MAX_CONCURRENT_CALLS, READ_SECONDS, CircuitBreaker, Unreachable


def an_echo() -> Flask:
    app = Flask("echo")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path: str) -> Any:
        return {
            "path": path,
            "body": request.get_data(as_text=True),
            "key": request.headers.get("Idempotency-Key"),
        }, 201

    return app


def test_an_answer_comes_whole(upstream: Any, listening: Any) -> None:
    crm = upstream("crm", listening(an_echo()))
    answer = crm.request("POST", "/customers", {"Idempotency-Key": "k1"}, b"{}")
    assert (answer.status, answer.is_ok, answer.header("content-type")) == (201, True, "application/json")
    assert answer.json() == {"path": "customers", "body": "{}", "key": "k1"}


class Faithful(BaseHTTPRequestHandler):
    """Keeps every connection and answers with the caller's port."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Silent."""


def test_the_same_connection_serves_one_call_after_the_other(upstream: Any) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Faithful) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        crm = upstream("crm", f"http://127.0.0.1:{server.server_port}")
        assert len({crm.request("GET", "/x", {}).body for _ in range(5)}) == 1
        crm.close()
        server.shutdown()


def test_nobody_there_is_said_at_once(upstream: Any, nowhere: str) -> None:
    started = monotonic()
    with pytest.raises(Unreachable) as down:
        upstream("erp", nowhere).request("GET", "/x", {})
    assert down.value.service == "erp"
    assert monotonic() - started < READ_SECONDS / 2


def test_too_slow_an_answer_is_not_waited_for(upstream: Any, listening: Any) -> None:
    never = Event()
    app = Flask("slow")
    app.add_url_rule("/x", view_func=lambda: str(never.wait(5)))
    with pytest.raises(Unreachable):
        upstream("erp", listening(app), read_seconds=0.2).request("GET", "/x", {})
    never.set()


def test_a_service_that_gives_no_sign_of_life_is_given_up_at_once(
    upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.LIVENESS_CHECK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("shared.http_client.LIVENESS_TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        erp = upstream("erp", f"http://127.0.0.1:{hanging.getsockname()[1]}")
        started = monotonic()
        for _ in range(10):
            with pytest.raises(Unreachable):
                erp.request("POST", "/x", {}, b"{}")
        assert monotonic() - started < READ_SECONDS / 2


def test_looking_for_life_takes_no_longer_than_the_caller_is_patient(
    upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.LIVENESS_CHECK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr("shared.http_client.LIVENESS_TIMEOUT_SECONDS", READ_SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        erp = upstream("erp", f"http://127.0.0.1:{hanging.getsockname()[1]}")
        started = monotonic()
        with pytest.raises(Unreachable):
            erp.request("GET", "/x", {}, timeout=0.3)
        assert 0.3 <= monotonic() - started < READ_SECONDS / 2


def test_a_service_that_is_slow_and_lives_is_waited_for(
    upstream: Any, listening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.LIVENESS_CHECK_AFTER_SECONDS", 0.05)
    asked_for_life, app = Event(), Flask("slow")

    @app.get("/healthz")
    def healthz() -> str:
        asked_for_life.set()
        return "ok"

    @app.get("/x")
    def slow() -> str:
        asked_for_life.wait(10)
        return "late"

    assert upstream("erp", listening(app)).request("GET", "/x", {}).body == b"late"


class Fickle:
    """Answers the first request of each connection and hangs up as told: after it, or at the second request."""

    def __init__(self, *, at_the_second: bool) -> None:
        self.requests: list[bytes] = []
        self._at_the_second = at_the_second
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                self.requests.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                if self._at_the_second:
                    self.requests.append(connection.recv(65536))


@pytest.mark.parametrize("at_the_second", [False, True], ids=["closed while idle", "closed under the request"])
def test_a_kept_connection_that_died_is_replaced(upstream: Any, at_the_second: bool) -> None:
    service = Fickle(at_the_second=at_the_second)
    scm = upstream("scm", service.url)
    assert [scm.request("POST", "/x", {"Idempotency-Key": "k"}, b"1").body for _ in range(3)] == [b"ok"] * 3


def test_a_fresh_connection_that_dies_is_not_tried_again(upstream: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def hang_up() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(65536))

    Thread(target=hang_up, daemon=True).start()
    with pytest.raises(Unreachable):
        upstream("scm", f"http://127.0.0.1:{listener.getsockname()[1]}").request("GET", "/x", {})
    assert len(heard) == 1


def test_a_service_back_on_its_feet_is_used_again(upstream: Any, listening: Any, nowhere: str) -> None:
    crm = upstream("crm", nowhere)
    with pytest.raises(Unreachable):
        crm.request("GET", "/x", {})
    listening(an_echo(), port=int(nowhere.rpartition(":")[2]))
    assert crm.request("GET", "/x", {}).is_ok


def test_after_five_failures_nobody_waits_but_one_who_tries() -> None:
    breaker = CircuitBreaker(failures=5, pause=60)
    for _ in range(5):
        assert breaker.allows_call()
        breaker.record_failure()
    assert not breaker.allows_call()
    breaker.record_success()
    assert breaker.allows_call()


def test_after_the_pause_one_call_at_a_time_tries_again() -> None:
    breaker = CircuitBreaker(failures=1, pause=0, max_trial_seconds=60)
    breaker.record_failure()
    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]
    breaker.record_failure()
    assert breaker.allows_call()
    patient = CircuitBreaker(failures=1, pause=60)
    patient.record_failure()
    assert not patient.allows_call()


def test_an_impatient_caller_waits_no_longer_than_it_says(upstream: Any, listening: Any) -> None:
    never = Event()
    app = Flask("slow")
    app.add_url_rule("/x", view_func=lambda: str(never.wait(READ_SECONDS)))
    started = monotonic()
    with pytest.raises(Unreachable):
        upstream("erp", listening(app)).request("GET", "/x", {}, timeout=0.1)
    assert monotonic() - started < READ_SECONDS / 2
    never.set()


def test_a_slow_service_does_not_take_every_thread(
    upstream: Any, listening: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.http_client.SLOT_WAIT_SECONDS", 0.1)
    inside, done = Barrier(MAX_CONCURRENT_CALLS + 1), Event()
    app = Flask("slow")

    @app.get("/x")
    def slow() -> str:
        inside.wait(10)
        done.wait(10)
        return "late"

    erp = upstream("erp", listening(app))
    with ThreadPoolExecutor(MAX_CONCURRENT_CALLS) as clients:
        waiting = [clients.submit(erp.request, "GET", "/x", {}) for _ in range(MAX_CONCURRENT_CALLS)]
        inside.wait(10)
        with pytest.raises(Unreachable):
            erp.request("GET", "/x", {})
        done.set()
        assert [each.result().body for each in waiting] == [b"late"] * MAX_CONCURRENT_CALLS
