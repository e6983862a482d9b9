"""The whole worker: two services that exchange events over broker and HTTP, and the status of the worker."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from werkzeug.serving import make_server

from shared.config import Settings
from shared.identity import write_signing_keys
from shared.service import Service
from shared.testing.nats import SERVICES, NatsServer
from shared.web import create_service_app
from shared.wiring import build_service, migrate, wakeup_socket_path
from shared.worker.task import Task
from shared.worker.wakeup_receiver import WakeupReceiver
from shared.worker.wakeup_sender import EVENTS_COMMITTED, WakeupSender
from shared.worker.worker import Worker
from tests.integration.bus.bus_world import BusWorld, wait_until
from tests.integration.bus.operator import DEADLINE_SECONDS
from tests.integration.bus.source_and_listener import Listener, Source

pytestmark = pytest.mark.anyio

ANY_PORT = "0"
ENDS_WITHIN_SECONDS = 20
"""Less than the 30 seconds for which a pull may wait at the broker."""


class Home:
    """Settings and keys of two services, and the source's API."""

    def __init__(self, folder: Path, broker: NatsServer, database: str | None = None) -> None:
        self.folder, self.broker = folder, broker
        self._database = {"SIHE_DATABASE_URL": database} if database else {}
        write_signing_keys(folder / "keys", (*SERVICES, "gateway"))
        for service in SERVICES:
            (folder / "keys" / f"{service}.secret").write_text("5e" * 32)
        self.peers = dict.fromkeys(SERVICES, "http://127.0.0.1:9")

    def environment(self, service: str) -> dict[str, str]:
        return {
            "SIHE_SERVICE": service,
            "SIHE_HOME": str(self.folder),
            "SIHE_NATS_URL": self.broker.url,
            "SIHE_NATS_SEED_FILE": str(self.broker.seed_file(service)),
            "SIHE_STATUS_PORT": ANY_PORT,
            "SIHE_STREAM_BYTES": str(16 * 1024 * 1024),
            "SIHE_PEERS": ",".join(f"{name}={address}" for name, address in self.peers.items()),
            **self._database,
        }

    def settings(self, service: str) -> Settings:
        return Settings.from_environment(self.environment(service))

    def made(self, kind: type[Service]) -> Service:
        service = build_service(kind, self.settings(kind.NAME))
        migrate(service)
        return service

    @contextmanager
    def serving(self, service: Service) -> Iterator[None]:
        """Serve the API of the service over HTTP."""
        server = make_server("127.0.0.1", 0, create_service_app(service, self.settings(service.NAME)), threaded=True)
        self.peers[service.NAME] = f"http://127.0.0.1:{server.port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class Workers(BusWorld):
    """Source and listener, each run by a whole worker."""

    def __init__(self, home: Home, source: Service, listener: Service) -> None:
        self.home, self.broker = home, home.broker
        self.source, self.listener = source, listener
        self.customers = [self.source.customers.register() for _ in range(5)]
        self._workers: dict[Worker, asyncio.Task[None]] = {}

    async def work(self, service: Service) -> Worker:
        worker = Worker(service, self.home.settings(service.NAME))
        self._workers[worker] = asyncio.create_task(worker.run())
        await wait_until(lambda: worker.port is not None)
        return worker

    async def stop(self) -> None:
        for worker, working in self._workers.items():
            worker.stop()
            await asyncio.wait_for(working, ENDS_WITHIN_SECONDS)
        self._workers.clear()


@asynccontextmanager
async def running_workers(home: Home) -> AsyncIterator[Workers]:
    source, listener = home.made(Source), home.made(Listener)
    with home.serving(source):
        workers = Workers(home, source, listener)
        try:
            yield workers
        finally:
            await workers.stop()


@pytest.fixture
async def workers(tmp_path: Path, broker: NatsServer) -> AsyncIterator[Workers]:
    async with running_workers(Home(tmp_path / "home", broker)) as workers:
        yield workers


@pytest.fixture
async def workers_on_postgresql(tmp_path: Path, broker: NatsServer, postgres_database: str) -> AsyncIterator[Workers]:
    async with running_workers(Home(tmp_path / "home", broker, postgres_database)) as workers:
        yield workers


@pytest.fixture
def relay_without_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the relay publish only when it is notified: it polls and announces far beyond the deadline of a test."""
    for name in ("POLL_SECONDS", "ANNOUNCE_SECONDS"):
        monkeypatch.setattr(f"shared.bus.outbox_relay.{name}", 100 * DEADLINE_SECONDS)


async def get(port: int | None, path: str, method: str = "GET") -> tuple[int, bytes]:
    def ask() -> tuple[int, bytes]:
        try:
            with urlopen(Request(f"http://127.0.0.1:{port}{path}", method=method), timeout=60) as answer:
                return answer.status, answer.read()
        except HTTPError as refused:
            return refused.code, refused.read()

    return await asyncio.to_thread(ask)


async def status(worker: Worker) -> dict[str, Any]:
    code, body = await get(worker.port, "/status")
    assert code == 200
    content: dict[str, Any] = json.loads(body)
    return content


async def test_two_workers_exchange_all_events(workers: Workers) -> None:
    workers.publish_changes(10, batch_size=3)
    await workers.work(workers.source)
    await workers.work(workers.listener)
    await workers.wait_until_settled()
    workers.publish_changes(10)
    await workers.wait_until_settled()


async def test_on_postgresql_two_workers_each_share_the_work(workers_on_postgresql: Workers) -> None:
    workers = workers_on_postgresql
    for kind in (Source, Listener):
        for _ in range(2):
            await workers.work(workers.home.made(kind))
    for _ in range(10):
        workers.publish_changes(10, batch_size=2)
    await workers.wait_until_settled()


async def test_on_postgresql_a_commit_of_another_process_is_published_at_once(
    workers_on_postgresql: Workers, relay_without_clock: None
) -> None:
    workers = workers_on_postgresql
    await wait_until_each_commit_is_published(workers, await workers.work(workers.home.made(Source)))


async def test_the_status_has_the_position_of_each_task(workers: Workers) -> None:
    workers.publish_changes(10)
    publishing, consuming = await workers.work(workers.source), await workers.work(workers.listener)
    await workers.wait_until_settled()
    head = workers.source.store.published_head()
    await wait_until(lambda: publishing.relayed_position == head)
    published, consumed = await status(publishing), await status(consuming)
    wanted = {"service": "crm", "epoch": workers.source.store.epoch, "head": 15, "published_head": 15, "relayed": 15}
    assert {name: published[name] for name in wanted} == wanted
    assert consumed["inbox_positions"] == {"crm": {"epoch": workers.source.store.epoch, "position": 15}}
    assert (consumed["parked"], consumed["timers_due"], consumed["alarms"], consumed["broker"]) == (
        0,
        0,
        {},
        "connected",
    )


async def test_the_status_server_answers_only_probes(workers: Workers) -> None:
    worker = await workers.work(workers.source)
    assert await get(worker.port, "/healthz") == (200, b'{"status":"ok"}')
    assert await get(worker.port, "/readyz") == (200, b'{"status":"ready"}')
    code, page = await get(worker.port, "/metrics")
    assert (code, b"sihe_worker_lag_events" in page) == (200, True)
    assert (await get(worker.port, "/events"))[0] == 404
    assert (await get(worker.port, "/status", "DELETE"))[0] == 405
    assert await raw_status_line(worker.port, b"GET /" + b"x" * 20_000) == b"HTTP/1.1 400 Bad Request"


async def raw_status_line(port: int | None, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.readline()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return answer.strip()


async def test_without_a_broker_the_worker_is_ready_and_reports_it(workers: Workers) -> None:
    workers.broker.stop()
    publishing, consuming = await workers.work(workers.source), await workers.work(workers.listener)
    workers.publish_changes(10)
    found = await status(publishing)
    assert (found["broker"], found["head"], found["relayed"]) == ("away", 15, 0)
    assert (await get(consuming.port, "/readyz"))[0] == 200
    workers.broker.start()
    await workers.wait_until_settled()


async def test_a_commit_of_another_process_is_published_at_once(workers: Workers, relay_without_clock: None) -> None:
    worker = await workers.work(workers.source)
    workers.source.store.on_commit = WakeupSender(wakeup_socket_path(workers.home.settings("crm")))
    await wait_until_each_commit_is_published(workers, worker)


async def wait_until_each_commit_is_published(workers: Workers, worker: Worker) -> None:
    for _ in range(6):
        workers.publish_changes(1)
        await wait_until(lambda: worker.relayed_position == workers.source.store.published_head())


async def test_the_newest_worker_receives_the_wakeups(tmp_path: Path) -> None:
    rung: list[str] = []
    older, newer = (
        WakeupReceiver(tmp_path / "crm.wakeup", {EVENTS_COMMITTED: partial(rung.append, name)})
        for name in ("older", "newer")
    )
    poke = WakeupSender(tmp_path / "crm.wakeup")
    older.start_listening()
    newer.start_listening()
    poke()
    await wait_until(lambda: rung == ["newer"])
    older.stop_listening()
    poke()
    await wait_until(lambda: rung == ["newer", "newer"])
    newer.stop_listening()
    poke()
    assert list(tmp_path.iterdir()) == []


async def test_a_failed_task_is_started_again() -> None:
    began = []

    async def failing_task() -> None:
        began.append(1)
        if len(began) < 3:
            raise ValueError("stumbled")
        await asyncio.Event().wait()

    part = Task("crm", "failing_task", failing_task)
    working = asyncio.create_task(part.run())
    await wait_until(lambda: part.error == "ValueError: stumbled")
    await wait_until(lambda: len(began) == 3)
    assert part.error is None
    working.cancel()
    await asyncio.wait([working])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("broker_is_there", [True, False])
def test_a_signal_ends_the_worker_in_time(
    tmp_path: Path, broker: NatsServer, number: signal.Signals, broker_is_there: bool
) -> None:
    home = Home(tmp_path / "home", broker)
    if not broker_is_there:
        broker.stop()
    environment = os.environ | home.environment("crm")
    subprocess.run([sys.executable, "-m", "services.crm.main", "migrate"], env=environment, check=True)
    with subprocess.Popen(
        [sys.executable, "-m", "services.crm.main", "work"], env=environment, stderr=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stderr is not None
        lines = iter(worker.stderr.readline, "")
        assert any('"event": "working"' in line for line in lines)
        began = time.monotonic()
        worker.send_signal(number)
        rest = list(lines)
        assert worker.wait(ENDS_WITHIN_SECONDS) == 0
    assert time.monotonic() - began < ENDS_WITHIN_SECONDS
    assert any('"event": "stopped"' in line for line in rest)
