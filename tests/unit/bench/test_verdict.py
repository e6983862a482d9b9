"""What the values of pairs allow to conclude. Intervals and t values are those of printed tables."""

import math

import pytest

from tests.bench.compare.verdict import Comparison, Interval, NotPositive, TooFewPairs, Verdict, interval_of, t_value

LOGARITHMS = (1, 2, 3, 4, 5, 6, 7)
"""Mean 4, standard deviation 2.1602, t of 6 degrees 2.447: the half width is 2.447 · 2.1602 / √7 = 1.998."""


def compare(base: list[float], new: list[float], *, is_cost: bool) -> Comparison:
    return Comparison("row", "figure", "", is_cost, base, new)


@pytest.mark.parametrize(
    ("degrees", "printed"), [(6, 2.447), (9, 2.262), (12, 2.179), (20, 2.086), (25, 2.060), (30, 2.042)]
)
def test_t_values_are_those_of_the_printed_table(degrees: int, printed: float) -> None:
    assert t_value(degrees) == printed


def test_more_than_thirty_degrees_use_the_wider_value_of_thirty() -> None:
    assert t_value(200) == 2.042


def test_the_interval_is_students_on_the_logarithms() -> None:
    interval = interval_of([math.exp(each / 100) for each in LOGARITHMS])
    assert math.log(interval.mean) == pytest.approx(0.04)
    assert math.log(interval.low) == pytest.approx(0.04 - 0.01998, abs=1e-5)
    assert math.log(interval.high) == pytest.approx(0.04 + 0.01998, abs=1e-5)


def test_ratios_that_cancel_out_have_the_mean_one() -> None:
    assert interval_of([2, 0.5, 4, 0.25, 1, 1, 1]).mean == pytest.approx(1)


def test_fewer_than_seven_pairs_are_refused() -> None:
    with pytest.raises(TooFewPairs):
        interval_of([1.0] * 6)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.06, 1.30, Verdict.WORSE),
        (1.04, 1.30, Verdict.UNDECIDED),
        (0.90, 1.20, Verdict.UNDECIDED),
        (0.97, 1.04, Verdict.NOT_WORSE),
        (0.80, 1.00, Verdict.NOT_WORSE),
        (0.80, 0.94, Verdict.BETTER),
    ],
)
def test_the_whole_interval_decides(low: float, high: float, verdict: Verdict) -> None:
    assert Interval(1.0, low, high).verdict is verdict


def test_a_cost_that_rises_is_worse() -> None:
    assert compare([10.0] * 7, [12.0] * 7, is_cost=True).interval == Interval(*[pytest.approx(1.2)] * 3)


def test_a_rate_that_falls_is_worse() -> None:
    assert compare([12.0] * 7, [10.0] * 7, is_cost=False).interval == Interval(*[pytest.approx(1.2)] * 3)


def test_a_rate_that_rises_is_better() -> None:
    assert compare([10.0] * 7, [12.0] * 7, is_cost=False).interval.verdict is Verdict.BETTER


def test_a_change_of_pace_that_meets_both_halves_of_a_pair_does_not_count() -> None:
    slow_and_fast = [10.0, 20.0, 10.0, 20.0, 20.0, 10.0, 20.0]
    assert compare(slow_and_fast, slow_and_fast, is_cost=True).interval.verdict is Verdict.NOT_WORSE


def test_noise_as_large_as_the_difference_decides_nothing() -> None:
    base, new = [10.0] * 7, [8.0, 14.0, 9.0, 13.0, 10.0, 15.0, 8.0]
    assert compare(base, new, is_cost=True).interval.verdict is Verdict.UNDECIDED


def test_a_value_that_is_not_positive_is_refused() -> None:
    with pytest.raises(NotPositive):
        compare([1.0] * 7, [0.0] * 7, is_cost=True)
