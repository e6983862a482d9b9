"""The app on the real server: behaviour that depends on how the bytes of a request arrive."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.identity import GATEWAY, Target, TokenSigner, write_signing_keys
from shared.web.body import MAX_BYTES
from tests.unit.shared.web.shop import a_note, open_shop

SERVER = """
import sys
from pathlib import Path
from gunicorn.app.base import BaseApplication
from shared.config import Settings
from shared.server import ServerLimits, worker_class
from shared.web import create_service_app
from tests.unit.shared.web.shop import RESOURCES, open_shop

home = Path(sys.argv[1])
LIMITS = ServerLimits(head_seconds=1.0, body_seconds=1.0)

class Server(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", f"fd://{sys.argv[2]}")
        self.cfg.set("worker_class", worker_class(LIMITS))
        self.cfg.set("threads", 2)
        self.cfg.set("control_socket_disable", True)

    def load(self):
        settings = Settings.from_environment({"SIHE_SERVICE": "shop", "SIHE_HOME": str(home)})
        return create_service_app(open_shop(home), settings)

Server().run()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("suite")
    write_signing_keys(home / "keys", [GATEWAY, "shop"])
    (home / "keys" / "shop.secret").write_text("ab" * 32)
    open_shop(home)
    return home


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)
        number: int = listening.getsockname()[1]
        fd = str(listening.fileno())
        server = subprocess.Popen([sys.executable, "-c", SERVER, str(home), fd], close_fds=False)
        try:
            assert exchange(number, b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", wait=30)[0] == 200
            yield number
        finally:
            server.terminate()
            server.wait(60)


def connect(port: int, wait: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=wait)


def read_response(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Return one whole response: status, headers in lower case, body."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while (line := stream.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return status, headers, stream.read(int(headers["content-length"]))


def exchange(port: int, sent: bytes, wait: float = 10) -> tuple[int, dict[str, str], bytes]:
    with connect(port, wait) as connection:
        connection.sendall(sent)
        return read_response(connection)


Bearer = Callable[[str, str], str]


@pytest.fixture(scope="module")
def bearer(home: Path) -> Bearer:
    """Return a function for the header with the token of a request."""
    signer = TokenSigner(GATEWAY, bytes.fromhex((home / "keys" / f"{GATEWAY}.seed").read_text()))
    return lambda method, path: (
        f"Authorization: Bearer {signer.issue_token('ann', ('admin',), Target('shop', method, path))}\r\n"
    )


def no_bearer(_method: str, _path: str) -> str:
    return ""


def post_head(bearer: Bearer, more: str, key: str) -> bytes:
    return (
        f"POST /notes HTTP/1.1\r\nHost: x\r\n{bearer('POST', '/notes')}Idempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\n{more}\r\n"
    ).encode()


def count_events(port: int, bearer: Bearer) -> int:
    _, _, body = exchange(
        port, f"GET /audit/events HTTP/1.1\r\nHost: x\r\n{bearer('GET', '/audit/events')}\r\n".encode()
    )
    return len(body.splitlines())


def test_a_connection_accepts_several_commands(port, bearer):
    body = json.dumps(a_note(code="WHOLE")).encode()
    head = post_head(bearer, f"Content-Length: {len(body)}\r\n", "whole")
    with connect(port) as connection:
        for _ in range(2):
            connection.sendall(head + body)
            status, headers, _ = read_response(connection)
            assert (status, headers["etag"]) == (201, '"1"')


def test_a_chunked_command_is_accepted(port, bearer):
    body = json.dumps(a_note(code="CHUNKED")).encode()
    chunks = b"".join(b"1\r\n%b\r\n" % bytes([each]) for each in body) + b"0\r\n\r\n"
    assert exchange(port, post_head(bearer, "Transfer-Encoding: chunked\r\n", "chunked") + chunks)[0] == 201


def test_a_body_of_two_mebibytes_is_refused_before_it_is_sent(port, bearer):
    before = count_events(port, bearer)
    with connect(port) as connection:
        connection.sendall(post_head(bearer, f"Content-Length: {2 * MAX_BYTES}\r\n", "large"))
        status, headers, body = read_response(connection)
        assert (status, headers["content-type"]) == (413, "application/problem+json")
        assert headers["connection"] == "close"
        assert json.loads(body)["code"] == "too_large"
        assert connection.recv(1) == b""
    assert count_events(port, bearer) == before


def test_a_chunked_body_over_the_limit_stores_no_event(port, bearer):
    before = count_events(port, bearer)
    padding = b"10000\r\n%b\r\n" % (b" " * 65_536)
    with connect(port) as connection:
        connection.sendall(post_head(bearer, "Transfer-Encoding: chunked\r\n", "large chunks"))
        body = json.dumps(a_note(code="LARGE")).encode()
        connection.sendall(b"%x\r\n%b\r\n" % (len(body), body))
        for _ in range(17):
            connection.sendall(padding)
        assert read_response(connection)[0] == 413
    assert count_events(port, bearer) == before


@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n"])
def test_malformed_chunks_are_a_400(port, bearer, chunks):
    assert exchange(port, post_head(bearer, "Transfer-Encoding: chunked\r\n", "malformed") + chunks)[0] == 400


def test_a_body_that_ends_early_stores_no_event(port, bearer):
    before = count_events(port, bearer)
    body = json.dumps(a_note(code="EARLY")).encode()
    with connect(port) as connection:
        connection.sendall(post_head(bearer, f"Content-Length: {len(body) + 10}\r\n", "early") + body)
        connection.shutdown(socket.SHUT_WR)
        status, _, problem = read_response(connection)
        assert (status, json.loads(problem)["code"]) == (400, "cut")
    assert count_events(port, bearer) == before


@pytest.mark.parametrize("more", ["Content-Length: 500\r\n", "Transfer-Encoding: chunked\r\n"])
def test_a_body_that_does_not_arrive_in_time_is_refused(port, bearer, more):
    with connect(port) as connection:
        connection.sendall(post_head(bearer, more, "slow") + b"5\r\n")
        status, _, problem = read_response(connection)
        assert (status, json.loads(problem)["code"]) == (408, "too_slow")


def test_a_request_without_a_token_is_refused_before_its_body_arrives(port):
    began = time.monotonic()
    with connect(port) as connection:
        connection.sendall(post_head(no_bearer, f"Content-Length: {MAX_BYTES}\r\n", "anonymous"))
        status, headers, _ = read_response(connection)
        assert (status, headers["connection"]) == (401, "close")
        assert connection.recv(1) == b""
    assert time.monotonic() - began < 5


def test_a_small_unread_body_keeps_the_connection_open(port):
    with connect(port) as connection:
        for _ in range(2):
            connection.sendall(post_head(no_bearer, "Content-Length: 2\r\n", "anonymous") + b"{}")
            status, headers, _ = read_response(connection)
            assert (status, headers["connection"]) == (401, "keep-alive")


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +4\r\n",
        "Content-Length : 4\r\n",
        "X: a\x00b\r\n",
        "X: a\r\n b\r\n",
    ],
    ids=repr,
)
def test_request_smuggling_is_refused(port, bearer, head):
    with connect(port) as connection:
        connection.sendall(post_head(bearer, head, "smuggled") + b"hello" * 3)
        assert b" 400 " in connection.recv(100)


@pytest.mark.parametrize("path", ["//notes", "/notes%2fnews", "/%2e%2e/notes", "/notes;x", "/notes%00"])
def test_addresses_are_validated_as_they_were_sent(port, bearer, path):
    status, _, body = exchange(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n{bearer('GET', path)}\r\n".encode())
    assert (status, json.loads(body)["code"]) == (400, "malformed_address")


def test_one_host_is_required(port, bearer):
    for hosts in ("", "Host: a\r\nHost: b\r\n"):
        with connect(port) as connection:
            connection.sendall(f"GET /notes HTTP/1.1\r\n{hosts}{bearer('GET', '/notes')}\r\n".encode())
            assert b" 400 " in connection.recv(100)


def test_a_request_with_two_tokens_is_refused(port, bearer):
    assert exchange(port, f"GET /notes HTTP/1.1\r\nHost: x\r\n{2 * bearer('GET', '/notes')}\r\n".encode())[0] == 401
