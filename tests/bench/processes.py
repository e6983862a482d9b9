"""CPU time of processes and their descendants, from /proc."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cli.memory import with_descendants
from tests.running_suite import RunningSuite

TICKS = os.sysconf("SC_CLK_TCK")
PARENT_FIELD, TIME_FIELDS = 1, slice(11, 15)


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return user and system time of these processes and all descendants, including those that have ended."""
    return sum(map(_ticks, with_descendants(roots))) / TICKS


def root_pid(suite: RunningSuite) -> int:
    """Return the id of the process that started all others of a suite."""
    return parent_of(suite.pid("nats"))


def parent_of(pid: int) -> int:
    return int(_stat(pid)[PARENT_FIELD])


def _ticks(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return sum(map(int, _stat(pid)[TIME_FIELDS]))
    return 0


def _stat(pid: int) -> list[str]:
    """Return the fields after the command's name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
