"""`make test-stress`: run the tests three times while other work keeps every core busy; every run has to pass."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = 3
LONGEST_SECONDS = 7200
BURNER = f"""
import os, time
parent, end = os.getppid(), time.monotonic() + {LONGEST_SECONDS}
while os.getppid() == parent and time.monotonic() < end:
    sum(range(100_000))
"""
"""Ends by itself with its parent."""


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy; the processes end with the block."""
    burners = [subprocess.Popen([sys.executable, "-c", BURNER]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def main(arguments: list[str]) -> int:
    """Print the outcome of each run; return 1 if one of them failed."""
    outcomes = []
    tests = ["make", "test", f"ARGS={shlex.join(arguments)}"]
    for number in range(1, RUNS + 1):
        with busy_cores():
            outcomes.append(subprocess.run(tests, cwd=ROOT, check=False).returncode)
        print(f"run {number} of {RUNS}: {'failed' if outcomes[-1] else 'passed'}", flush=True)
    print(f"{outcomes.count(0)} runs passed, {RUNS - outcomes.count(0)} runs failed")
    return int(any(outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
