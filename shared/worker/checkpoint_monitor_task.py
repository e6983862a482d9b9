"""Worker task that compares logs: those of the others with what they signed before, the own with what they hold."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic

from structlog import get_logger

from shared.bus.blocking_calls import run_in_thread
from shared.bus.event_feed import FeedUnavailable, IssueToken, get_service_response
from shared.chain import Checkpoint
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.codec import DecodeError, decode
from shared.http_client import HttpClient
from shared.identity import GATEWAY
from shared.worker.chain_task import CHECKPOINT_SECONDS, ChainTask

log = get_logger()

RETRY_SECONDS = 5.0
PENDING_SECONDS = 0.1
"""Pause while the own store waits for the answers of the others."""
MAX_WAIT_SECONDS = 60.0
"""How long it waits for those that do not answer: then it is used. A contradiction found later suspends it."""

FetchFromPeer = Callable[[str, str], bytes]
"""Returns the response of a service (by name) to a path. Raises FeedUnavailable."""


class CheckpointMonitorTask:
    """Worker task of the monitor, once a minute: verifies the checkpoint of every other service, and compares the own
    log with the checkpoint that the other holds."""

    def __init__(
        self,
        monitor: CheckpointMonitor,
        peers: tuple[str, ...],
        fetch: FetchFromPeer,
        own: tuple[str, ChainTask] | None = None,
    ) -> None:
        self._monitor, self._peers, self._fetch, self._own = monitor, peers, fetch, own

    async def run(self) -> None:
        """Run without end; a service that does not answer is requested again soon."""
        deadline = monotonic() + MAX_WAIT_SECONDS
        while True:
            unanswered = [each for each in self._peers if not await run_in_thread(self.check_own, each)]
            is_late = monotonic() >= deadline
            await run_in_thread(partial(self._end_wait, unanswered, is_late=is_late))
            if self._is_waiting and not is_late:
                await asyncio.sleep(PENDING_SECONDS)
                continue
            checked = [await run_in_thread(self.check_peer, each) for each in self._peers]
            await asyncio.sleep(RETRY_SECONDS if unanswered or not all(checked) else CHECKPOINT_SECONDS)

    @property
    def _is_waiting(self) -> bool:
        return self._own is not None and self._own[1].comparison.pending is not None

    def _end_wait(self, unanswered: Sequence[str], *, is_late: bool) -> None:
        """Use the own store once all services have answered, or when it is late, unless it was contradicted before."""
        if self._own is None or not self._is_waiting:
            return
        comparison = self._own[1].comparison
        if unanswered and (comparison.is_contradicted or not is_late):
            return
        if unanswered:
            log.warning("the store is used without an answer of all services", unanswered=unanswered)
        comparison.end()

    def check_own(self, peer: str) -> bool:
        """Compare the own log with the checkpoint that a service holds of it; false if it does not answer."""
        if self._own is None or peer == GATEWAY:
            return True
        service, chain_task = self._own
        try:
            held = decode(self._fetch(peer, f"/audit/checkpoints/{service}/newest"), Checkpoint | None)  # type: ignore[arg-type]  # a union is no class
        except (FeedUnavailable, DecodeError) as error:
            log.debug("no held checkpoint", of=peer, reason=str(error))
            return False
        if held is not None:
            chain_task.compare_with(peer, held)
        return True

    def check_peer(self, peer: str) -> bool:
        """Verify the checkpoint of a service; false if there is none that can be decoded."""
        try:
            return self._monitor.verify_response(peer, self._fetch(peer, self._monitor.checkpoint_path(peer)))
        except (FeedUnavailable, DecodeError) as error:
            log.debug("no checkpoint", of=peer, reason=str(error))
            return False


def http_fetcher(services: Mapping[str, HttpClient], token: IssueToken) -> FetchFromPeer:
    """Return a function that sends GET requests to these services, with a token for each."""
    return lambda service, path: get_service_response(services[service], path, token)
