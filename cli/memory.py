"""How much memory a suite takes: proportional set size, shared pages counted once."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

MEGABYTE = 1_000_000
SAMPLE_SECONDS = 0.5


def with_children(pids: Iterable[int]) -> set[int]:
    """These processes and all that descend from them, as far as they still live."""
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found and Path(f"/proc/{pid}").exists():
            found.add(pid)
            waiting.extend(_children(pid))
    return found


def megabytes(pids: Iterable[int]) -> float:
    """PSS of the processes and their children together. Linux only; elsewhere 0."""
    return sum(map(_proportional, with_children(pids))) * 1024 / MEGABYTE


class Peak:
    """The most that was seen while it watched, looking twice a second."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.megabytes = 0.0

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.megabytes = max(self.megabytes, megabytes(self._pids()))


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def _proportional(pid: int) -> int:
    """In KiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
