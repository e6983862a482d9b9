"""Worker tasks for tamper evidence: extend, sign and verify the chain, and monitor other services' checkpoints."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from uuid import UUID

from structlog import get_logger

from shared.bus.blocking_calls import BlockingCallRunner, run_in_thread
from shared.bus.event_feed import FeedUnavailable, IssueToken, get_service_response
from shared.chain import ChainBroken, Checkpoint, HashChain
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.codec import DecodeError, decode
from shared.http_client import HttpClient
from shared.identity import GATEWAY
from shared.store.integrity import WHOLE_STORE

log = get_logger()

POLL_SECONDS = 1.0
BATCH_SIZE = 100
"""Events chained or verified before other tasks have their turn."""
CHECKPOINT_SECONDS = 60.0
RETRY_SECONDS = 5.0
MAX_REASONS = 10
"""Findings that the alarm lists; the log of the process has all."""

FetchFromPeer = Callable[[str, str], bytes]
"""Returns the response of a service (by name) to a path. Raises FeedUnavailable."""


class ChainTask:
    """Worker task: chains new events, signs a checkpoint once a minute while the log grows, verifies old events."""

    def __init__(self, chain: HashChain, run: BlockingCallRunner) -> None:
        self._chain, self._execute = chain, run
        self._verified_position = 0
        self._changed: dict[UUID, str] = {}
        self._reasons: list[str] = []
        self._contradictions: dict[str, str] = {}
        self._tables = chain.table_check()
        self._sign_at = 0.0
        self.position = 0
        self.failure: str | None = None

    async def run(self) -> None:
        """Run in small steps, without end."""
        await self._execute(self.check_continuity)
        while True:
            while await self._execute(self._recording_failure, partial(self._chain.extend, BATCH_SIZE)):
                await asyncio.sleep(0)
            self.position = (await self._execute(self._chain.head)).position
            await self._execute(self._recording_failure, self._sign)
            await self._execute(self._recording_failure, self._verify_next)
            await asyncio.sleep(POLL_SECONDS)

    def verify_all(self) -> None:
        """Chain all events, and verify the whole log once."""
        self._verified_position, self._changed = 0, {}
        self.check_continuity()
        while self._recording_failure(partial(self._chain.extend, BATCH_SIZE)):
            pass
        while self._verify_next() and self._verified_position:
            pass

    def _recording_failure(self, step: Callable[[], int]) -> int:
        """Run a step; a changed log raises an alarm that stays, and chaining continues."""
        try:
            return step()
        except ChainBroken as broken:
            self._raise_alarm(broken)
            return 0

    def check_continuity(self) -> None:
        """Suspend the whole store if it is not the one of which the last own checkpoint was signed."""
        self._compare("itself", self._chain.own_contradiction())

    def compare_with(self, holder: str, held: Checkpoint) -> None:
        """Suspend the whole store if another service holds a checkpoint that contradicts it."""
        self._compare(holder, self._chain.contradiction(held))

    def _compare(self, holder: str, contradiction: str | None) -> None:
        if contradiction is None:
            self._contradictions.pop(holder, None)
            return
        self._contradictions[holder] = contradiction
        self._add_reason(contradiction)
        self._chain.suspend({WHOLE_STORE: contradiction})

    def _raise_alarm(self, broken: ChainBroken) -> None:
        """Raise the alarm; suspend the aggregate of the changed event, or all if events are missing."""
        self._add_reason(str(broken))
        self._changed[broken.at.aggregate if broken.at else WHOLE_STORE] = str(broken)
        self._chain.suspend(self._changed)

    def _add_reason(self, reason: str) -> None:
        if reason not in self._reasons:
            log.error("the log was changed", reason=reason)
            self._reasons.append(reason)
            self.failure = "; ".join(self._reasons[:MAX_REASONS])

    def _sign(self) -> int:
        if monotonic() < self._sign_at:
            return 0
        self._sign_at = monotonic() + CHECKPOINT_SECONDS
        return self._chain.create_checkpoint().position

    def _verify_next(self) -> int:
        """Verify the next batch of old events; after the last, start at the beginning."""
        try:
            reached = self._chain.verify_range(self._verified_position, BATCH_SIZE, self._tables.read)
        except ChainBroken as broken:
            self._raise_alarm(broken)
            reached = max(self._verified_position + 1, broken.at.position if broken.at else 0)
        if reached > self._verified_position:
            self._verified_position = reached
        else:
            self._start_again()
        return reached

    def _start_again(self) -> None:
        """End a pass over the log: aggregates whose events were all found unchanged are suspended no longer."""
        for finding in (*self._tables.finish(), *self._tables.verify_values(BATCH_SIZE)):
            self._add_reason(finding)
        contradictions = dict.fromkeys([WHOLE_STORE], next(iter(self._contradictions.values()), ""))
        self._chain.suspend(self._changed | (contradictions if self._contradictions else {}), only=True)
        self._verified_position, self._changed = 0, {}


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
        while True:
            checked = [await run_in_thread(self._check, each) for each in self._peers]
            await asyncio.sleep(CHECKPOINT_SECONDS if all(checked) else RETRY_SECONDS)

    def _check(self, peer: str) -> bool:
        return self.check_peer(peer) and self.check_own(peer)

    def check_own(self, peer: str) -> bool:
        """Compare the own log with the checkpoint that a service holds of it; false if it does not answer."""
        if self._own is None or peer == GATEWAY:
            return True
        service, chain_task = self._own
        try:
            held = decode(self._fetch(peer, f"/audit/checkpoints/{service}/newest"), Checkpoint | None)  # type: ignore[arg-type]
        except (FeedUnavailable, DecodeError) as error:
            log.debug("no held checkpoint", of=peer, reason=str(error))
            return False
        if held is not None:
            chain_task.compare_with(peer, held)
        return True

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
