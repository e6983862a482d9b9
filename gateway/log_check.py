"""Standing check of the gateway's own log, the access keys, in a thread: the gateway has no worker."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from gateway.access.roles import Role, patterns_of
from gateway.access_log_check import AccessLogCheck
from gateway.service_clients import ServiceClients
from shared.bus.blocking_calls import run_inline
from shared.chain import HashChain
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.config import SERVICES
from shared.identity import GATEWAY, Target
from shared.store.event_store import EventStore
from shared.worker.chain_task import ChainTask
from shared.worker.checkpoint_monitor_task import CheckpointMonitorTask, http_fetcher
from shared.worker.wal_task import WalTask

STOP_SECONDS = 5.0


class LogCheck:
    """Chains, signs and verifies the log of the access keys, and keeps the checkpoints of all services."""

    def __init__(
        self, store: EventStore, chain: HashChain, services: ServiceClients, access_log: AccessLogCheck
    ) -> None:
        self._store, self._services, self._access_log = store, services, access_log
        self.chain_task, self.monitor = ChainTask(chain, run_inline), CheckpointMonitor(chain.checkpoints)
        self._thread = threading.Thread(target=self._run, name="log check", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def alarms(self) -> dict[str, str]:
        """Alarms for an operator: `chain` for the own log, `access log`, and `log of crm` for that of a service."""
        own = {"chain": self.chain_task.failure, "access log": self._access_log.failure}
        of_services = {f"log of {service}": reason for service, reason in self.monitor.failures.items()}
        return {name: reason for name, reason in own.items() if reason} | of_services

    def start(self) -> None:
        """Verify the whole log, which is short, and start the thread."""
        self.chain_task.start()
        self.chain_task.verify_all()
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and copy the write-ahead log, if the check was started."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOP_SECONDS)
            self._access_log.check(is_last=True)
        self._store.checkpoint(is_last=True)

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        tasks = [self._loop.create_task(each) for each in self._tasks()]
        self._loop.run_forever()
        for each in tasks:
            each.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _tasks(self) -> list[Coroutine[Any, Any, None]]:
        fetch = http_fetcher(self._services.upstreams, self._issue_token)
        own = GATEWAY, self.chain_task
        return [
            self.chain_task.run(),
            CheckpointMonitorTask(self.monitor, SERVICES, fetch, own).run(),
            WalTask(self._store, run_inline).run(),
            self._access_log.run(),
        ]

    def _issue_token(self, target: Target) -> str:
        roles = (Role.AUDITOR,)
        patterns = patterns_of(frozenset(roles), target.audience)._asdict()
        return self._services.signer.issue_token(GATEWAY, roles, target, **patterns)
