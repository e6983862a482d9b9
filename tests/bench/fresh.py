"""The cost of a suite before its first request."""

import time
from statistics import median

from cli.memory import megabytes
from tests.bench.measure import Effort, Figure, Goal, scratch
from tests.bench.processes import root_pid
from tests.running_suite import RunningSuite

MEMORY = Goal(600, 450, "{:.0f}", " MB", is_maximum=True)
READY = Goal(6, 3, "{:.1f}", " s", is_maximum=True)


def measure_fresh_suite(effort: Effort) -> list[Figure]:
    """Measure the start from an empty folder until ready, and the memory after it."""
    taken = [_start() for _ in range(effort.rounds)]
    memory, ready = [each[0] for each in taken], [each[1] for each in taken]
    return [
        Figure("ten processes, memory (PSS)", f"{median(memory):.0f} MB", "", memory, MEMORY),
        Figure("ten processes, ready", f"{median(ready):.1f} s", "", ready, READY),
    ]


def _start() -> tuple[float, float]:
    with scratch() as home:
        began = time.perf_counter()
        with RunningSuite(home / "suite") as suite:
            seconds = time.perf_counter() - began
            return megabytes([root_pid(suite)]), seconds
