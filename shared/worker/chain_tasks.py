"""Worker tasks for tamper evidence: extend, sign and verify the chain, and monitor other services' checkpoints."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic

from structlog import get_logger

from shared.bus.blocking_calls import BlockingCallRunner, run_in_thread
from shared.bus.event_feed import FeedUnavailable, IssueToken, get_service_response
from shared.chain import ChainBroken, HashChain
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.codec import DecodeError
from shared.http_client import HttpClient

log = get_logger()

POLL_SECONDS = 1.0
BATCH_SIZE = 100
"""Events chained or verified before other tasks have their turn."""
CHECKPOINT_SECONDS = 60.0
RETRY_SECONDS = 5.0

FetchFromPeer = Callable[[str, str], bytes]
"""Returns the response of a service (by name) to a path. Raises FeedUnavailable."""


class ChainTask:
    """Worker task: chains new events, signs a checkpoint once a minute while the log grows, verifies old events."""

    def __init__(self, chain: HashChain, run: BlockingCallRunner) -> None:
        self._chain, self._execute = chain, run
        self._verified_position = 0
        self._sign_at = 0.0
        self.position = 0
        self.failure: str | None = None

    async def run(self) -> None:
        """Run in small steps, without end."""
        while True:
            while await self._execute(self._recording_failure, partial(self._chain.extend, BATCH_SIZE)):
                await asyncio.sleep(0)
            self.position = (await self._execute(self._chain.head)).position
            await self._execute(self._recording_failure, self._sign)
            await self._execute(self._recording_failure, self._verify_next)
            await asyncio.sleep(POLL_SECONDS)

    def _recording_failure(self, step: Callable[[], int]) -> int:
        """Run a step; a changed log raises an alarm that stays, and chaining continues."""
        try:
            return step()
        except ChainBroken as broken:
            if self.failure is None:
                log.error("the log was changed", reason=str(broken))
            self.failure = str(broken)
            return 0

    def _sign(self) -> int:
        if monotonic() < self._sign_at:
            return 0
        self._sign_at = monotonic() + CHECKPOINT_SECONDS
        return self._chain.create_checkpoint().position

    def _verify_next(self) -> int:
        """Verify the next batch of old events; after the last, start at the beginning."""
        reached = self._chain.verify_range(self._verified_position, BATCH_SIZE)
        self._verified_position = reached if reached > self._verified_position else 0
        return reached


class CheckpointMonitorTask:
    """Worker task of the monitor: requests and verifies the checkpoint of every other service, once a minute."""

    def __init__(self, monitor: CheckpointMonitor, peers: tuple[str, ...], fetch: FetchFromPeer) -> None:
        self._monitor, self._peers, self._fetch = monitor, peers, fetch

    async def run(self) -> None:
        """Run without end; a service that does not answer is requested again soon."""
        while True:
            checked = [await run_in_thread(self.check_peer, each) for each in self._peers]
            await asyncio.sleep(CHECKPOINT_SECONDS if all(checked) else RETRY_SECONDS)

    def check_peer(self, peer: str) -> bool:
        """Verify the checkpoint of a service; false if there is none that can be decoded."""
        try:
            self._monitor.verify_response(peer, self._fetch(peer, self._monitor.checkpoint_path(peer)))
        except (FeedUnavailable, DecodeError) as error:
            log.debug("no checkpoint", of=peer, reason=str(error))
            return False
        return True


def http_fetcher(services: Mapping[str, HttpClient], token: IssueToken) -> FetchFromPeer:
    """Return a function that sends GET requests to these services, with a token for each."""
    return lambda service, path: get_service_response(services[service], path, token)
