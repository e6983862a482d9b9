"""A create endpoint of one service, alone in its process, against a Flask JSON hello served the same way."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count

from cli.home import Home
from services.crm.main import create_service
from shared import codec
from shared.config import Settings
from shared.identity import GATEWAY, Target, TokenSigner
from shared.testing.services import receive_firm
from tests.bench.measure import Effort, Figure, Rate, alternate, measure_rate, ratio_row, scratch

CALLERS, REQUESTS, WARM_UP = 4, 2_000, 200
TIMEOUT_SECONDS = 20.0
READ_BYTES = 1 << 16
HELLO_REQUEST = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def measure_create_endpoint(effort: Effort) -> list[Figure]:
    """Measure registering a customer of CRM: authenticated, validated, committed, answered."""
    requests = effort.scale(REQUESTS)
    with scratch() as folder:
        home = Home(folder)
        home.lock()
        home.make_keys()
        variables = {**os.environ, "SIHE_HOME": str(folder), "SIHE_SERVICE": "crm"}
        subprocess.run([sys.executable, "-m", "services.crm.main", "migrate"], env=variables, check=True)
        _receive_firm(variables)
        with (
            run_server(variables, "services.crm.main", "serve", request=_customer_requests(home)) as create,
            run_server(variables, "tests.bench.hello", request=lambda: HELLO_REQUEST) as hello,
        ):
            pairs = alternate(lambda: create.load(requests), lambda: hello.load(requests), effort.rounds)
        home.unlock()
    return [ratio_row("create endpoint, POST /customers", pairs, "/s", 0.25, 0.4)]


def _receive_firm(variables: Mapping[str, str]) -> None:
    """Use the new store, with which no other service disagrees, and let CRM know the firm: no other service runs."""
    service = create_service(Settings.from_environment(variables))
    service.chain.comparison.end()
    receive_firm(service)
    service.store.close()


def _customer_requests(home: Home) -> Callable[[], bytes]:
    """Return a function for requests as the gateway forwards them, each for another customer."""
    signer, numbers = TokenSigner(GATEWAY, bytes.fromhex((home.keys / f"{GATEWAY}.seed").read_text())), count()

    def request() -> bytes:
        code = f"C-{next(numbers)}"
        body = codec.encode({"code": code, "name": code, "currency": "USD", "payment_terms_days": 30})
        token = signer.issue_token("bench", ("admin",), Target("crm", "POST", "/customers"))
        head = (
            "POST /customers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nIdempotency-Key: {code}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return request


@dataclass(frozen=True)
class BenchServer:
    """A server in its own process, and the request that it receives."""

    pid: int
    port: int
    request: Callable[[], bytes]

    def load(self, times: int) -> Rate:
        """Send the request `times` times with several clients at once; count only the CPU of the server."""
        return measure_rate(self.send_requests, times, [self.pid])

    def send_requests(self, times: int) -> None:
        with ThreadPoolExecutor(CALLERS) as threads:
            for done in [threads.submit(self._send_requests, times // CALLERS) for _ in range(CALLERS)]:
                done.result()

    def _send_requests(self, times: int) -> None:
        with closing(socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS)) as connection:
            for _ in range(times):
                exchange(connection, self.request())


@contextmanager
def run_server(environment: Mapping[str, str], *command: str, request: Callable[[], bytes]) -> Iterator[BenchServer]:
    """Run a server and send the first requests, so that it is warm."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        handle, port = listening.fileno(), listening.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env={**environment, "SIHE_LISTEN_FD": str(handle)}, pass_fds=[handle], stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        served = BenchServer(process.pid, port, request)
        served.send_requests(WARM_UP)
        yield served
    finally:
        process.terminate()
        process.wait()


def exchange(connection: socket.socket, request: bytes) -> None:
    """Send prepared bytes and read the response to its end, which costs the client little CPU."""
    connection.sendall(request)
    answer = connection.recv(READ_BYTES)
    while not _is_complete(answer):
        more = connection.recv(READ_BYTES)
        if not more:
            raise ConnectionError("the server hung up")
        answer += more
    if not answer.startswith(b"HTTP/1.1 20"):
        raise AssertionError(answer.decode(errors="replace"))


def _is_complete(response: bytes) -> bool:
    head, end, body = response.partition(b"\r\n\r\n")
    length = _LENGTH.search(head + b"\r\n")
    return bool(end and length and len(body) >= int(length[1]))
