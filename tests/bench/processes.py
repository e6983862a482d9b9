"""CPU of processes and of all they started, from /proc."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cli.memory import with_descendants
from tests.running_suite import RunningSuite

TICKS = os.sysconf("SC_CLK_TCK")
PARENT_FIELD, TIME_FIELDS = 1, slice(11, 15)


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time so far of these processes and all below them, those that have ended included."""
    return sum(map(_ticks, with_descendants(roots))) / TICKS


def root_pid(suite: RunningSuite) -> int:
    """The process that started all others of a suite and counts with them."""
    return parent_of(suite.pid("nats"))


def parent_of(pid: int) -> int:
    return int(_stat(pid)[PARENT_FIELD])


def _ticks(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return sum(map(int, _stat(pid)[TIME_FIELDS]))
    return 0


def _stat(pid: int) -> list[str]:
    """The fields after the command's name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
