"""Worker process of a service: publishes and consumes events, updates projections, fires timers, chains the log.

The event store works without the worker. Without the broker, projections and timers go on; the rest
waits and catches up.
"""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from structlog import get_logger

from shared.bus.blocking_calls import BlockingCallRunner, run_in_thread, run_inline
from shared.bus.connection import BrokerClient
from shared.bus.event_feed import HttpEventFeed
from shared.bus.outbox_relay import OutboxRelay
from shared.bus.streams import StreamLimits
from shared.bus.subscriber import Subscriber
from shared.bus.wakeup_event import WakeupSignal
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.config import Settings
from shared.http_client import HttpClient
from shared.projections.figures import Figures
from shared.projections.row_check import RowCheck
from shared.service import Service
from shared.telemetry import configure_logging, prometheus_metrics
from shared.wiring import SQLITE, sources_of, token_issuer, wakeup_socket_path
from shared.worker.chain_task import ChainTask
from shared.worker.checkpoint_monitor_task import CheckpointMonitorTask, http_fetcher
from shared.worker.figure_check import FigureCheck, FigureCheckTask, Received
from shared.worker.row_check_task import RowCheckTask
from shared.worker.status import WorkerStatus
from shared.worker.status_server import JSON, PageResponse, StatusServer
from shared.worker.task import Task
from shared.worker.wakeup_receiver import WakeupReceiver
from shared.worker.wakeup_sender import EVENTS_COMMITTED, PROJECTION_REQUESTED
from shared.worker.wal_task import WalTask

log = get_logger()

POLL_SECONDS = 1.0
PROJECTION_BATCH_SIZE = 100
WAKEUP_DELAY_SECONDS = 0.05
"""How long an update of projections, for which no request waits, is delayed to join more events."""
STOP_SECONDS = 4.0
MAX_CANCEL_ATTEMPTS = 16
"""The client of the broker sometimes swallows a cancellation."""


class Worker:
    """Worker process of a service: `asyncio.run(Worker(service, settings).run())`; ends on SIGTERM or SIGINT."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service, self._settings = service, settings
        service.store.check()
        service.read_models.check()
        self._execute: BlockingCallRunner = run_inline if settings.database_url.startswith(SQLITE) else run_in_thread
        seed = settings.nats_seed_file.read_text().strip()
        self._bus = BrokerClient(settings.nats_url, name=service.NAME, inbox_prefix=settings.inbox_prefix, seed=seed)
        limits = StreamLimits(settings.stream_bytes, settings.stream_replicas)
        self._relay = OutboxRelay(service.store, self._bus, limits, self._execute)
        self._issue_token = token_issuer(settings)
        self._peers = {name: HttpClient(name, address) for name, address in settings.peers.items()}
        self._subscribers = [
            Subscriber(service.inbox(source), self._bus, HttpEventFeed(peer, self._issue_token), self._execute)
            for source, peer in sources_of(service, self._peers).items()
        ]
        chain_task, monitor = ChainTask(service.chain, self._execute), CheckpointMonitor(service.chain.checkpoints)
        self._row_check = RowCheckTask(RowCheck(service.store, service.read_models), self._execute)
        self._fetch = http_fetcher(self._peers, self._issue_token)
        self._figure_check = FigureCheckTask([*self._figure_checks()])
        self._worker_status = WorkerStatus(
            service, self._relay, self._subscribers, chain_task, monitor, self._row_check, self._figure_check.checks
        )
        self._projection_wakeup = WakeupSignal()
        self._stopping = asyncio.Event()
        self._tasks = [Task(service.NAME, name, function) for name, function in self._task_functions()]
        pages = {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics, "/status": self._status}
        self._status_server = StatusServer(settings.listen_host, settings.status_port, pages)

    async def run(self) -> None:
        """Run until stopped."""
        configure_logging(self._service.NAME, self._settings.log_level)
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, self.stop)
        callbacks = {EVENTS_COMMITTED: self._on_commit, PROJECTION_REQUESTED: self._projection_wakeup.notify}
        receiver = WakeupReceiver(wakeup_socket_path(self._settings), callbacks)
        receiver.start_listening()
        if not self._service.store.notifies_of_commits:
            self._service.store.on_commit = self._threadsafe(self._on_commit)
        await self._status_server.open()
        working = [asyncio.create_task(each.run(), name=each.name) for each in self._tasks]
        log.info("working", tasks=[each.name for each in self._tasks])
        await self._stopping.wait()
        receiver.stop_listening()
        await self._stop(working)

    @property
    def port(self) -> int | None:
        """Port of the status server; none before it is open."""
        return self._status_server.port

    @property
    def relayed_position(self) -> int:
        """Position of the newest published event known to be in the stream."""
        return self._relay.relayed_position

    def stop(self) -> None:
        """End `run`."""
        self._stopping.set()

    async def _stop(self, working: list["asyncio.Task[None]"]) -> None:
        late = set(working)
        for _ in range(MAX_CANCEL_ATTEMPTS):
            for each in late:
                each.cancel()
            _, late = await asyncio.wait(late, timeout=STOP_SECONDS / MAX_CANCEL_ATTEMPTS)
            if not late:
                break
        else:
            log.warning("stopped before all tasks had ended", tasks=[each.get_name() for each in late])
        await self._execute(partial(self._service.store.checkpoint, is_last=True))
        await self._status_server.close()
        await self._bus.close()
        for peer in self._peers.values():
            peer.close()
        log.info("stopped")

    def _task_functions(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        status = self._worker_status
        others = tuple(each for each in self._peers if each != self._service.NAME)
        own = self._service.NAME, status.chain_task
        yield "projections", self._run_projections
        yield "timers", self._run_timers
        yield "outbox relay", self._relay.run
        yield "newest position", self._relay.announce_newest_position
        yield from ((f"subscriber {each.source}", each.run) for each in self._subscribers)
        yield "hash chain", status.chain_task.run
        yield "checkpoint monitor", CheckpointMonitorTask(status.checkpoint_monitor, others, self._fetch, own).run
        yield "write-ahead log", WalTask(self._service.store, self._execute).run
        yield "row check", self._row_check.run
        yield "figure check", self._figure_check.run
        yield "status", self._update_status
        if self._service.store.notifies_of_commits:
            yield "commit listener", self._listen_for_commits

    def _figure_checks(self) -> Iterator[FigureCheck]:
        for each in self._service.projections:
            if issubclass(each, Figures) and each.source is not None:
                yield FigureCheck(self._service, each, self._received, self._fetch)

    def _received(self) -> dict[str, Received]:
        return {
            each.source: Received(each.inbox.position.epoch, each.inbox.position.sequence, each.source_head)
            for each in self._subscribers
        }

    def _on_commit(self) -> None:
        """Wake relay and projections after a commit, here or in another process."""
        self._relay.notify()
        self._projection_wakeup.notify_within(WAKEUP_DELAY_SECONDS)

    async def _run_projections(self) -> None:
        while True:
            while await self._execute(self._service.read_models.process_batch, PROJECTION_BATCH_SIZE):
                await asyncio.sleep(0)
            await self._projection_wakeup.wait(POLL_SECONDS)

    async def _run_timers(self) -> None:
        """Fire due timers. They are rare, so that commits do not wake this task: it looks for new ones each second."""
        while True:
            due = await self._execute(self._service.store.next_timer_at)
            left = (due - datetime.now(UTC)).total_seconds() if due else POLL_SECONDS
            if left > 0:
                await asyncio.sleep(min(POLL_SECONDS, left))
            elif not await self._execute(self._service.timers.fire_due, datetime.now(UTC)):
                await asyncio.sleep(POLL_SECONDS)

    async def _update_status(self) -> None:
        while True:
            await self._execute(self._worker_status.update)
            await asyncio.sleep(POLL_SECONDS)

    async def _listen_for_commits(self) -> None:
        """Receive notifications of commits in other processes, where the database sends them."""
        store: Any = self._service.store
        await run_in_thread(store.listen, self._threadsafe(self._on_commit), self._stopping.is_set)

    def _threadsafe(self, callback: Callable[[], None]) -> Callable[[], object]:
        return partial(asyncio.get_running_loop().call_soon_threadsafe, callback)

    async def _healthz(self) -> PageResponse:
        return 200, JSON, b'{"status":"ok"}'

    async def _readyz(self) -> PageResponse:
        await self._execute(self._service.store.require_writable)
        return 200, JSON, b'{"status":"ready"}'

    async def _metrics(self) -> PageResponse:
        await self._execute(self._worker_status.measure)
        page, kind = prometheus_metrics()
        return 200, kind, page

    async def _status(self) -> PageResponse:
        status = await self._execute(self._worker_status.snapshot)
        status["broker"] = "connected" if self._bus.is_connected else "away"
        status["parts"] = {each.name: each.error for each in self._tasks if each.error}
        return 200, JSON, json.dumps(status).encode()
