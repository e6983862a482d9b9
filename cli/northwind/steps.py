"""Execution of the steps of an import: concurrently or day by day, with waits for results of other services."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Protocol, Self

from cli.client import Client, RequestFailed

CONCURRENT_CALLERS = 6
TIMEOUT_SECONDS = 60.0

Step = Callable[[], object]
Resource = Mapping[str, Any]


class Progress(Protocol):
    """Receives the progress of an import."""

    def phase(self, name: str, steps: int) -> None: ...

    def step(self) -> None: ...


class StepRunner:
    """Runs steps with a few concurrent callers; the first error is raised when all concurrent steps have ended."""

    def __init__(self, client: Client, progress: Progress) -> None:
        self._client = client
        self._progress = progress

    def __enter__(self) -> Self:
        self._callers = ThreadPoolExecutor(CONCURRENT_CALLERS)
        return self

    def __exit__(self, *_: object) -> None:
        self._callers.shutdown()

    def run_concurrently(self, name: str, steps: Iterable[Step]) -> None:
        """Run all steps in any order."""
        all_steps = list(steps)
        self._progress.phase(name, len(all_steps))
        self._run(all_steps)

    def run_by_day(self, name: str, steps: Iterable[tuple[date, Step]]) -> None:
        """Run the steps of each day concurrently; a day starts when the previous day is complete."""
        days: dict[date, list[Step]] = defaultdict(list)
        for day, step in steps:
            days[day].append(step)
        self._progress.phase(name, sum(len(of_day) for of_day in days.values()))
        for day in sorted(days):
            self._run(days[day])

    def wait_for(self, path: str, is_complete: Callable[[Resource], bool], **query: str) -> Resource:
        """Return the one resource that another service creates, when it is complete. Raises RequestFailed."""
        until, pause = time.monotonic() + TIMEOUT_SECONDS, 0.01
        while True:
            found = self._client.get(path, **query)["data"]
            if len(found) == 1 and is_complete(found[0]):
                first: Resource = found[0]
                return first
            if time.monotonic() > until:
                raise RequestFailed(f"{path} of {query}: expected one complete resource, found {found}")
            time.sleep(pause)
            pause = min(0.5, pause * 2)

    def _run(self, steps: Iterable[Step]) -> None:
        for done in [self._callers.submit(step) for step in steps]:
            done.result()
            self._progress.step()
