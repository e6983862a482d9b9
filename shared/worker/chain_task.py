"""Worker task that extends, signs and verifies the chain of the service's own log."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from uuid import UUID

from structlog import get_logger

from shared.bus.blocking_calls import BlockingCallRunner
from shared.chain import ChainBroken, Checkpoint, HashChain
from shared.store.integrity import WHOLE_STORE, IntegrityFailure
from shared.store.suspension import StoreNotCompared

log = get_logger()

POLL_SECONDS = 1.0
BATCH_SIZE = 100
"""Events chained or verified before other tasks have their turn."""
CHECKPOINT_SECONDS = 60.0
MAX_REASONS = 10
"""Findings that the alarm lists; the log of the process has all."""


class ChainTask:
    """Worker task: chains new events, signs a checkpoint once a minute while the log grows, verifies old events."""

    def __init__(self, chain: HashChain, run: BlockingCallRunner) -> None:
        self._chain, self._execute = chain, run
        self.comparison = chain.comparison
        self._verified_position = 0
        self._changed: dict[UUID, str] = {}
        self._reasons: list[str] = []
        self._contradictions: dict[str, str] = {}
        self._tables = chain.table_check()
        self._sign_at = 0.0
        self.position = 0

    @property
    def failure(self) -> str | None:
        """The alarm: why the store is not used yet, and what was found."""
        pending = self.comparison.pending
        return "; ".join([*filter(None, [pending]), *self._reasons[:MAX_REASONS]]) or None

    async def run(self) -> None:
        """Run in small steps, without end."""
        await self._execute(self.start)
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

    def start(self) -> None:
        """Go on with a suspension of the whole store, and check that the store is the service's."""
        self.comparison.await_others_if_suspended()
        self.check_continuity()

    def check_continuity(self) -> None:
        """Suspend the whole store if it is not the one of which the last own checkpoint was signed."""
        self._compare("itself", self._chain.comparison.own_contradiction())

    def compare_with(self, holder: str, held: Checkpoint) -> None:
        """Suspend the whole store if another service holds a checkpoint that contradicts it."""
        self._compare(holder, self._chain.comparison.contradiction(held))

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

    def _sign(self) -> int:
        """Sign what the chain has; not while the store is not used, or not the service's."""
        if monotonic() >= self._sign_at:
            with suppress(IntegrityFailure, StoreNotCompared):
                self._chain.create_checkpoint()
                self._sign_at = monotonic() + CHECKPOINT_SECONDS
        return 0

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
        for finding in (*self._tables.finish(), *self._tables.verify_seals(BATCH_SIZE)):
            self._add_reason(finding)
        contradictions = dict.fromkeys([WHOLE_STORE], next(iter(self._contradictions.values()), ""))
        found = self._changed | (contradictions if self._contradictions else {})
        self._chain.suspend(found, only=not self.comparison.pending)
        self._verified_position, self._changed = 0, {}
