"""What the driver reports of a figure of either bench."""

from types import SimpleNamespace

import pytest

from tests.bench.compare.driver import cpu_costs, describe, is_cost


def goal(least: float | None, unit: str, *, most: bool = False, number: str = "{:.2f}") -> SimpleNamespace:
    return SimpleNamespace(least=least, unit=unit, most=most, number=number)


@pytest.mark.parametrize(
    ("judged_by", "expected"),
    [
        (goal(0.3, ""), False),
        (goal(60, " CPU ms", most=True), True),
        (goal(None, " ms"), True),
        (goal(None, " µs"), True),
        (goal(None, " /s"), False),
    ],
)
def test_costs_and_rates_are_distinguished(judged_by: SimpleNamespace, expected: bool) -> None:
    assert is_cost(judged_by) is expected


def test_a_figure_is_reported_with_its_median() -> None:
    figure = SimpleNamespace(name="trial balance", judged=[3.0, 1.0, 2.0], ours="2.0 ms", goal=goal(None, " ms"))
    assert describe(figure) == {"name": "trial balance", "value": 2.0, "unit": " ms", "is_cost": True}


def test_of_a_difference_the_own_value_is_reported() -> None:
    difference = goal(2, " ms", most=True, number="{:+.2f}")
    figure = SimpleNamespace(name="read", judged=[-0.02], ours="1,006.98 ms", goal=difference)
    assert describe(figure)["value"] == 1006.98


def test_the_cpu_time_of_a_note_is_a_figure_of_its_own() -> None:
    notes = ["CPU of one: 1,234 µs against 56 µs", "14,000 bytes an event"]
    [cost] = cpu_costs(SimpleNamespace(name="relay", notes=notes))
    assert cost == {"name": "relay, CPU", "value": 1234.0, "unit": " µs", "is_cost": True}
