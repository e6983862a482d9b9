"""How the steps of an import are done: by a few callers at once or day by day, and when the suite is ready for them."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Protocol, Self

from cli.client import Client, Unwilling

AT_ONCE = 6
PATIENCE_SECONDS = 60.0

Step = Callable[[], object]
Found = Mapping[str, Any]


class Progress(Protocol):
    """Whoever shows how far it is."""

    def phase(self, name: str, steps: int) -> None: ...

    def step(self) -> None: ...


class Steps:
    """A few callers of one suite. The first trouble is raised when all that go at once have ended."""

    def __init__(self, client: Client, progress: Progress) -> None:
        self._client = client
        self._progress = progress

    def __enter__(self) -> Self:
        self._callers = ThreadPoolExecutor(AT_ONCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._callers.shutdown()

    def at_once(self, name: str, steps: Iterable[Step]) -> None:
        """All of them, in whatever order."""
        all_steps = list(steps)
        self._progress.phase(name, len(all_steps))
        self._do(all_steps)

    def by_day(self, name: str, steps: Iterable[tuple[date, Step]]) -> None:
        """Those of one day at once; a day begins when the one before is done."""
        days: dict[date, list[Step]] = defaultdict(list)
        for day, step in steps:
            days[day].append(step)
        self._progress.phase(name, sum(len(of_day) for of_day in days.values()))
        for day in sorted(days):
            self._do(days[day])

    def awaited(self, path: str, complete: Callable[[Found], bool], **query: str) -> Found:
        """The one thing another service makes of what was done, as soon as it is complete. Raises Unwilling."""
        until, pause = time.monotonic() + PATIENCE_SECONDS, 0.01
        while True:
            found = self._client.get(path, **query)["data"]
            if len(found) == 1 and complete(found[0]):
                first: Found = found[0]
                return first
            if time.monotonic() > until:
                raise Unwilling(f"{path} of {query} are not what they should be: {found}")
            time.sleep(pause)
            pause = min(0.5, pause * 2)

    def _do(self, steps: Iterable[Step]) -> None:
        for done in [self._callers.submit(step) for step in steps]:
            done.result()
            self._progress.step()
