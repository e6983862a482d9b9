"""Memory use of a suite: proportional set size (PSS), shared pages counted once."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

MEGABYTE = 1_000_000
SAMPLE_SECONDS = 0.5


def with_descendants(pids: Iterable[int]) -> set[int]:
    """Return the running processes among these and all their descendants."""
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found and is_running(pid):
            found.add(pid)
            waiting.extend(_children(pid))
    return found


def is_running(pid: int) -> bool:
    """Return whether the process exists and has not ended; one that ended may wait for its parent to notice it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def megabytes(pids: Iterable[int]) -> float:
    """Return the total PSS of the processes and their descendants in MB. Linux only; elsewhere 0."""
    return sum(map(_proportional_set_size, with_descendants(pids))) * 1024 / MEGABYTE


class PeakMemory:
    """Peak of the memory use, sampled twice a second."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.megabytes = 0.0

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self.megabytes = max(self.megabytes, megabytes(self._pids()))


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def _proportional_set_size(pid: int) -> int:
    """Return the PSS of the process in KiB; 0 if unknown."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
