"""A small app on the real server, and clients that send bytes one by one."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

SERVER = """
import json, socket, sys
from gunicorn.app.base import BaseApplication
from shared.cli import gunicorn_settings
from shared.config import Settings
from shared.server import readiness, worker
from shared.telemetry import configure_logging, log, log_libraries_and_crashes
from shared.web.body import read_body_file

served, begun = [], []
CONTENT = {"/large": b"x" * (8 << 20), "/bodies": None}

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/locked":
        status, content = "401 Unauthorized", b"locked"
    elif path == "/sheet":
        begun.append(path)
        with read_body_file(environ, 64 << 20) as file:
            status, content = "200 OK", json.dumps({"bytes": file.seek(0, 2), "begun": len(begun)}).encode()
        begun.clear()
    elif environ["REQUEST_METHOD"] == "POST":
        content = environ["wsgi.input"].read(64 << 20)
        served.append(len(content))
        status, content = "200 OK", json.dumps({"bytes": len(content), "served": len(served)}).encode()
    elif path == "/logged":
        for number in range(1_000):
            log.error("event", number=number)
        status, content = "200 OK", b"logged"
    elif path.startswith("/wait/"):
        with socket.create_connection(("127.0.0.1", int(path.removeprefix("/wait/")))) as gate:
            status, content = "200 OK", gate.recv(64)
    elif path == "/broken":
        raise KeyError("secret")
    elif path == "/lines":
        status, content = "200 OK", None
    else:
        status, content = "200 OK", CONTENT.get(path, b"hello")
    if content is None:
        start_response(status, [("Content-Type", "application/x-ndjson")])
        return (b"%d\\n" % each for each in range(10_000))
    start_response(status, [("Content-Length", str(len(content)))])
    return [content]

class Server(BaseApplication):
    def load_config(self):
        variables = {"SIHE_SERVICE": "crm", "SIHE_HOME": "/nonexistent", "SIHE_LISTEN_FD": sys.argv[1]}
        for name, value in gunicorn_settings(Settings.from_environment(variables | json.loads(sys.argv[2]))).items():
            self.cfg.set(name, value)
        self.cfg.set("threads", 2)

    def load(self):
        return app

worker.create_readiness = getattr(readiness, sys.argv[3])
configure_logging("test")
log_libraries_and_crashes()
Server().run()
"""

Response = tuple[int, dict[str, str], bytes]


SYSTEMS = ("create_readiness", "SelectorReadiness")
"""How events are awaited here, and where there is no epoll."""


@contextmanager
def served(
    *, log_is_read: bool = True, system: str = SYSTEMS[0], **settings: str
) -> Iterator[tuple[int, "subprocess.Popen[bytes]", IO[bytes]]]:
    """Serve the app with two threads on a free port; yield the port, the server and what it logs.

    Unless `log_is_read`, the other end of the pipe to which it logs is closed.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening, TemporaryFile() as logged:
        listening.set_inheritable(True)
        variables = json.dumps({f"SIHE_{name.upper()}": value for name, value in settings.items()})
        command = [sys.executable, "-c", SERVER, str(listening.fileno()), variables, system]
        server = subprocess.Popen(command, close_fds=False, stderr=logged if log_is_read else subprocess.PIPE)
        if server.stderr is not None:
            server.stderr.close()
        port = listening.getsockname()[1]
        try:
            assert exchange(port, get("/"), wait=60)[0] == 200
            yield port, server, logged
        finally:
            server.terminate()
            server.wait(60)


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def post(length: int, *more: str, path: str = "/") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def connect(port: int, sent: bytes = b"", wait: float = 30) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=wait)
    connection.sendall(sent)
    return connection


def exchange(port: int, sent: bytes, wait: float = 30) -> Response:
    with connect(port, sent, wait) as connection:
        return receive(connection)


def receive(connection: socket.socket) -> Response:
    """Return one response: status, headers in lower case, body."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while line := stream.readline().decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return status, headers, stream.read(int(headers.get("content-length", 0)))


def problem_code(response: Response) -> tuple[int, Any]:
    """Return the status and the code of a response that must be a problem without the name of a program."""
    status, headers, body = response
    assert headers["content-type"] == "application/problem+json"
    assert "server" not in headers
    problem = json.loads(body)
    assert problem.keys() >= {"type", "title", "status", "detail", "instance", "code", "trace_id"}
    assert problem["status"] == status
    return status, problem["code"]
