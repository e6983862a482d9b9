"""The conclusion from the pairs of a figure: a mean ratio of costs, its 95 % interval and a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import exp, log, sqrt
from statistics import mean, median, stdev

FEWEST_PAIRS = 7
TOLERANCE = 1.05
T_VALUES = (
    2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101,
    2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t, two-sided 95 %, for 6 to 30 degrees of freedom. The last value serves more degrees: it is on the safe
side."""


class TooFewPairs(Exception):
    """Raised when an interval of so few pairs would mean little."""


class NotPositive(Exception):
    """Raised for a figure with a value that has no ratio."""


class Verdict(Enum):
    """The conclusion from the whole interval. Undecided = more pairs are needed."""

    WORSE = "worse"
    BETTER = "better"
    NOT_WORSE = "not worse"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Interval:
    """A mean ratio and the bounds of its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        if self.low > TOLERANCE:
            return Verdict.WORSE
        if self.high < 1 / TOLERANCE:
            return Verdict.BETTER
        return Verdict.NOT_WORSE if self.high <= TOLERANCE else Verdict.UNDECIDED


@dataclass(frozen=True)
class Comparison:
    """One figure in both trees; `base` and `new` hold its values pair by pair. Raises NotPositive."""

    row: str
    name: str
    unit: str
    is_cost: bool
    base: Sequence[float]
    new: Sequence[float]

    def __post_init__(self) -> None:
        if min(*self.base, *self.new) <= 0:
            raise NotPositive(f"{self.name!r} has a value that is not positive.")

    @property
    def medians(self) -> tuple[float, float]:
        return median(self.base), median(self.new)

    @property
    def interval(self) -> Interval:
        return interval_of([cost_ratio(*pair, self.is_cost) for pair in zip(self.base, self.new, strict=True)])


def cost_ratio(base: float, new: float, is_cost: bool) -> float:
    """Return how many times as much the new tree costs: above 1 is worse, for costs and for rates."""
    return new / base if is_cost else base / new


def interval_of(ratios: Sequence[float]) -> Interval:
    """Return the geometric mean with its interval by Student's t on the logarithms. Raises TooFewPairs."""
    if len(ratios) < FEWEST_PAIRS:
        raise TooFewPairs(f"{len(ratios)} pairs; at least {FEWEST_PAIRS} are needed.")
    logarithms = [log(ratio) for ratio in ratios]
    middle = mean(logarithms)
    half = t_value(len(ratios) - 1) * stdev(logarithms) / sqrt(len(ratios))
    return Interval(exp(middle), exp(middle - half), exp(middle + half))


def t_value(degrees: int) -> float:
    """Return Student's t for the degrees of freedom."""
    first = FEWEST_PAIRS - 1
    return T_VALUES[min(degrees - first, len(T_VALUES) - 1)]
