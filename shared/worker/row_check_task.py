"""Worker task that compares the rows of resources with their events, slowly and without end."""

import asyncio

from structlog import get_logger

from shared.bus.blocking_calls import BlockingCallRunner
from shared.projections.row_check import RowCheck

log = get_logger()

POLL_SECONDS = 1.0
ROWS, SECONDS = 20, 0.002
MAX_FINDINGS = 10
"""Findings that the alarm lists; the log of the process has all."""


class RowCheckTask:
    """Compares some rows every second; `failure` lists the first rows that differ."""

    def __init__(self, check: RowCheck, run: BlockingCallRunner) -> None:
        self._check, self._execute = check, run
        self._findings: list[str] = []

    @property
    def failure(self) -> str | None:
        return "; ".join(self._findings[:MAX_FINDINGS]) or None

    async def run(self) -> None:
        """Run without end."""
        while True:
            await self._execute(self.step)
            await asyncio.sleep(POLL_SECONDS)

    def step(self) -> None:
        """Compare the next rows and raise the alarm for those that differ."""
        for finding in self._check.check_next(ROWS, SECONDS):
            if finding not in self._findings:
                log.error("a view was changed", reason=finding)
                self._findings.append(finding)
