"""CPU of requests through the gateway with everything they set in motion, against two Flask hellos of plain gunicorn.

Two, since the gateway and a service answer each request: a gateway and a service that do nothing would cost as much.
"""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

import psycopg

from shared import codec
from tests.bench import hello
from tests.bench.endpoint import HELLO_REQUEST, TIMEOUT_SECONDS, BenchServer, exchange, run_server
from tests.bench.flows import BenchClient, BenchFirm
from tests.bench.measure import Effort, Figure, Goal, measure_rate, scratch
from tests.bench.postgres import run_server as run_postgres
from tests.bench.processes import parent_of
from tests.running_suite import ADMIN_KEY, RunningSuite

HELLOS, WARM_UP_FLOWS, FLOWS_OF_1000_LINES = 1_000, 40, 200
HEAD = f"Host: localhost\r\nAuthorization: Bearer {ADMIN_KEY}\r\n"


@dataclass(frozen=True)
class Kind:
    """One kind of request: how many in a round, how they are sent, and how many hellos one may cost."""

    name: str
    count: int
    send: Callable[[int], None]
    goal: Goal


def _at_most(bound: float, target: float | None = None) -> Goal:
    return Goal(bound, target or bound, "{:.1f}", " ×", is_maximum=True)


def measure_requests(effort: Effort) -> list[Figure]:
    """Measure reads, a create and order to cash on SQLite."""
    with scratch() as folder, RunningSuite(folder / "suite") as suite, _run_hellos() as hellos:
        firm = BenchFirm(suite)
        firm.run_flows(2, FLOWS_OF_1000_LINES)
        with closing(BenchClient(suite)) as client:
            customer = client.get("crm/customers", limit="1")["data"][0]["id"]
            assert len(client.get("erp/journal", limit="1000")["data"]) == 1_000
        kinds = [
            Kind("read one customer", 500, _reads(suite, f"crm/customers/{customer}"), _at_most(2, 1.5)),
            Kind("read 50 orders", 300, _reads(suite, "crm/sales-orders?limit=50"), _at_most(3.5)),
            Kind("read 1,000 ledger lines", 50, _reads(suite, "erp/journal?limit=1000"), _at_most(12)),
            Kind("create a customer", 200, _creates(suite), _at_most(5, 4)),
            Kind("order to cash, 1 client", 50, lambda count: _run_flows(firm, count), _at_most(55, 45)),
        ]
        return _measure(kinds, [firm.pid], hellos, effort)


def measure_requests_on_postgres(effort: Effort) -> list[Figure]:
    """Measure a create and order to cash on PostgreSQL, whose server is counted. Raises Skipped without one."""
    with (
        run_postgres() as server,
        scratch() as folder,
        RunningSuite(folder / "suite", database_url=server, reports_url=server) as suite,
        _run_hellos() as hellos,
    ):
        firm = BenchFirm(suite)
        firm.run_flows(2, WARM_UP_FLOWS)
        kinds = [
            Kind("create a customer, PostgreSQL", 200, _creates(suite), _at_most(9)),
            Kind("order to cash, 1 client, PostgreSQL", 50, lambda count: _run_flows(firm, count), _at_most(110)),
        ]
        return _measure(kinds, [firm.pid, _postmaster(server)], hellos, effort)


@contextmanager
def _run_hellos() -> Iterator[Sequence[BenchServer]]:
    """Run two hellos, each in its own process."""
    with scratch() as folder, ExitStack() as running:
        variables = {**os.environ, "SIHE_HOME": str(folder), "SIHE_SERVICE": "crm"}
        command = (hello.__name__, hello.PLAIN)
        yield [running.enter_context(run_server(variables, *command, request=lambda: HELLO_REQUEST)) for _ in range(2)]


def _measure(kinds: Sequence[Kind], pids: Sequence[int], hellos: Sequence[BenchServer], effort: Effort) -> list[Figure]:
    """Measure each kind and the hellos in turns; all requests come one after the other."""
    taken: dict[str, list[tuple[float, float]]] = {kind.name: [] for kind in kinds}
    for kind in kinds:
        kind.send(kind.count // 4)
    for _ in range(effort.rounds):
        for kind in kinds:
            ours = measure_rate(kind.send, effort.scale(kind.count), pids)
            limit = measure_rate(lambda count: _send_hellos(hellos, count), HELLOS, [each.pid for each in hellos])
            taken[kind.name].append((ours.cpu_micros / 1_000, limit.cpu_micros / 1_000))
    return [_figure(kind, taken[kind.name]) for kind in kinds]


def _figure(kind: Kind, pairs: Sequence[tuple[float, float]]) -> Figure:
    ours, limit = (median(each[side] for each in pairs) for side in (0, 1))
    ratios = [mine / raw for mine, raw in pairs]
    return Figure(f"{kind.name}, against two hellos", f"{ours:.2f} CPU ms", f"{limit:.2f} CPU ms", ratios, kind.goal)


def _send_hellos(hellos: Sequence[BenchServer], count: int) -> None:
    for each in hellos:
        _send(each.port, count, lambda: HELLO_REQUEST)


def _reads(suite: RunningSuite, path: str) -> Callable[[int], None]:
    request = f"GET /api/v1/{path} HTTP/1.1\r\n{HEAD}\r\n".encode()
    return lambda count: _send(_port(suite), count, lambda: request)


def _creates(suite: RunningSuite) -> Callable[[int], None]:
    """Return a function that creates customers and waits until all services have reacted."""

    def create(count: int) -> None:
        _send(_port(suite), count, _customer_request)
        with closing(BenchClient(suite)) as client:
            client.until_quiet()

    return create


def _customer_request() -> bytes:
    code = f"C-{uuid4().hex[:12]}"
    body = codec.encode({"code": code, "name": code, "currency": "USD"})
    head = f"{HEAD}Content-Type: application/json\r\nIdempotency-Key: {code}\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"POST /api/v1/crm/customers HTTP/1.1\r\n{head}".encode() + body


def _run_flows(firm: BenchFirm, count: int) -> None:
    firm.run_flows(1, count)


def _send(port: int, count: int, request: Callable[[], bytes]) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)) as connection:
        for _ in range(count):
            exchange(connection, request())


def _port(suite: RunningSuite) -> int:
    return int(suite.running["port"])


def _postmaster(url: str) -> int:
    """Return the id of the process that started the server's others."""
    with psycopg.connect(url) as database:
        return parent_of(database.info.backend_pid)
