"""How a figure is taken: the suite and the raw limit in turns, several rounds, medians with their spread."""

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROUNDS = 5
CALIBRATION_LOOPS = 300_000


@dataclass
class Figure:
    """One row of the table. `ratio` none = the figure stands for itself."""

    name: str
    ours: str
    limit: str
    ratio: float | None
    least: str
    aim: str
    holds: bool
    spread: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rate:
    """Things done a second, and the CPU one took (this process and its ended children)."""

    per_second: float
    cpu_micros: float


def rate(work: Callable[[int], None], count: int) -> Rate:
    """Do `count` things and say how fast that went."""
    used, began = cpu(), time.perf_counter()
    work(count)
    seconds = time.perf_counter() - began
    return Rate(count / seconds, (cpu() - used) / count * 1e6)


def cpu() -> float:
    """Seconds of CPU this process and its ended children have used."""
    used = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        spent = resource.getrusage(who)
        used += spent.ru_utime + spent.ru_stime
    return used


def in_turns(ours: Callable[[], Rate], limit: Callable[[], Rate], rounds: int = ROUNDS) -> list[tuple[Rate, Rate]]:
    """Both, alternating, so that a change of the machine's speed meets both."""
    return [(ours(), limit()) for _ in range(rounds)]


def ratio_row(name: str, pairs: Sequence[tuple[Rate, Rate]], unit: str, least: float, aim: float) -> Figure:
    """The median of the rounds' ratios, and their range."""
    ratios = sorted(ours.per_second / limit.per_second for ours, limit in pairs)
    middle = median(ratios)
    return Figure(
        name,
        f"{median(ours.per_second for ours, _ in pairs):,.0f} {unit}",
        f"{median(limit.per_second for _, limit in pairs):,.0f} {unit}",
        middle,
        f"{least:g}",
        f"{aim:g}",
        middle >= least,
        f"{ratios[0]:.2f}–{ratios[-1]:.2f}",
        [f"CPU {median(ours.cpu_micros for ours, _ in pairs):,.0f} µs against "
         f"{median(limit.cpu_micros for _, limit in pairs):,.0f} µs"],
    )  # fmt: skip


def calibration() -> float:
    """Milliseconds for a fixed piece of work: tells when the machine changed its speed."""
    began = time.perf_counter()
    total = 0
    for each in range(CALIBRATION_LOOPS):
        total += each * each
    return (time.perf_counter() - began) * 1000


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory(prefix="sihe-bench-") as folder:
        yield Path(folder)
