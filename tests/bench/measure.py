"""Figures: the suite and the raw limit are measured in turns, in several rounds, with medians and spread."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.processes import cpu_seconds

CALIBRATION_LOOPS, CALIBRATION_TRIES = 100_000, 5
MICROS = 1e6


class Skipped(Exception):
    """Raised when this machine cannot take the figure; the message has the reason."""


@dataclass(frozen=True)
class Effort:
    """The number of rounds of a figure, and the share of the usual work in each."""

    rounds: int = 5
    share: float = 1.0

    def scale(self, count: int) -> int:
        return max(1, round(count * self.share))


@dataclass(frozen=True)
class Goal:
    """The bound and the target of a figure; none = it is only shown. `most` = they are upper bounds."""

    minimum: float | None
    target: float | None
    number: str = "{:.2f}"
    unit: str = ""
    is_maximum: bool = False

    def text(self, *values: float) -> str:
        return " … ".join(map(self.number.format, values)) + self.unit

    def is_reached(self, value: float, bound: float | None) -> bool:
        if bound is None:
            return True
        return value <= bound if self.is_maximum else value >= bound


def no_goal(number: str, unit: str) -> Goal:
    """Return the goal of a figure that is only compared with earlier ones."""
    return Goal(None, None, number, unit)


@dataclass
class Figure:
    """One row of the table: the value of each round, and the measurements behind it."""

    name: str
    ours: str
    limit: str
    values: Sequence[float]
    goal: Goal
    notes: list[str] = field(default_factory=list)

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def is_reached(self) -> bool:
        return self.goal.is_reached(self.value, self.goal.minimum)

    @property
    def reaches_target(self) -> bool:
        return self.goal.is_reached(self.value, self.goal.target)


@dataclass(frozen=True)
class Rate:
    """Operations per second, and the CPU time of one in all processes involved."""

    per_second: float
    cpu_micros: float


def measure_rate(work: Callable[[int], None], count: int, pids: Sequence[int] = ()) -> Rate:
    """Return the speed of `count` operations. CPU of the processes `pids`, by default of this one."""
    with Meter(pids) as meter:
        work(count)
    return meter.rate(count)


class Meter:
    """Measures seconds and CPU of the `with` block."""

    def __init__(self, by: Sequence[int] = ()) -> None:
        self._by = by or (os.getpid(),)
        self.seconds = self.cpu = 0.0

    def __enter__(self) -> "Meter":
        self._used, self._began = cpu_seconds(self._by), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
        self.cpu = cpu_seconds(self._by) - self._used

    def rate(self, count: int) -> Rate:
        return Rate(count / self.seconds, self.cpu / count * MICROS)


def alternate(ours: Callable[[], Rate], limit: Callable[[], Rate], rounds: int) -> list[tuple[Rate, Rate]]:
    """Measure both in turns, so that a change of the machine's speed affects both."""
    return [(ours(), limit()) for _ in range(rounds)]


def ratio_row(name: str, pairs: Sequence[tuple[Rate, Rate]], unit: str, least: float, aim: float) -> Figure:
    """Return the row of the share of the raw limit that is reached."""
    mine, raw = [ours for ours, _ in pairs], [limit for _, limit in pairs]
    return Figure(
        name,
        f"{median(each.per_second for each in mine):,.0f} {unit}",
        f"{median(each.per_second for each in raw):,.0f} {unit}",
        [ours.per_second / limit.per_second for ours, limit in pairs],
        Goal(least, aim),
        [f"CPU of one: {_micros(mine)} against {_micros(raw)}"],
    )


def _micros(rates: Sequence[Rate]) -> str:
    return f"{median(each.cpu_micros for each in rates):,.0f} µs"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def calibration() -> float:
    """Return the shortest milliseconds of a fixed piece of work, which shows the speed of the machine."""
    return min(_time_fixed_work() for _ in range(CALIBRATION_TRIES))


def _time_fixed_work() -> float:
    began = time.perf_counter()
    total = 0
    for each in range(CALIBRATION_LOOPS):
        total += each * each
    return (time.perf_counter() - began) * 1000


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder that is deleted afterwards."""
    with TemporaryDirectory(prefix="sihe-bench-") as folder:
        yield Path(folder)
