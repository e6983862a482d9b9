"""Takes one round of one row in the current folder's tree and prints its figures as one line of JSON.

The script runs in a process of its own and imports the bench of that tree, which may be older than this file.
Without a row it prints the names of all default rows.
"""

import json
import re
import sys
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

PACKAGES = ("tests.bench", "gateway.cli.bench")
COST_UNITS = {"s", "ms", "µs"}
GOAL_FIELDS = (("is_maximum", "most"), ("minimum", "least"))
"""Names of today and names of older revisions."""
CPU_NOTE = re.compile(r"^CPU [^:]*: ([\d,]+) µs")


def bench_package(tree: Path) -> str:
    """Return the package that holds the rows of a tree. Raises FileNotFoundError if the tree has no bench."""
    for package in PACKAGES:
        if tree.joinpath(*package.split("."), "command.py").exists():
            return package
    raise FileNotFoundError(f"{tree} has no bench.")


def take_round(package: str, name: str, share: float) -> dict[str, Any]:
    """Return the figures of one round, or the reason why this machine cannot take them."""
    command, measure = import_module(f"{package}.command"), import_module(f"{package}.measure")
    telemetry = import_module("shared.telemetry")
    configure = getattr(telemetry, "configure_logging", None) or telemetry.set_up
    configure("bench", "WARNING")
    long_rows = getattr(command, "LONG_ROWS", None) or command.LONG
    row = {**command.ROWS, **long_rows}[name]
    try:
        figures = row(measure.Effort(rounds=1, share=share))
    except measure.Skipped as reason:
        return {"skipped": str(reason)}
    return {"figures": [described for figure in figures for described in (describe(figure), *cpu_costs(figure))]}


def cpu_costs(figure: Any) -> list[dict[str, Any]]:
    """Return the CPU time of one operation where a note states it: other load on the machine disturbs it less."""
    found = [CPU_NOTE.search(note) for note in figure.notes]
    times = [float(match[1].replace(",", "")) for match in found if match]
    return [{"name": f"{figure.name}, CPU", "value": time, "unit": " µs", "is_cost": True} for time in times]


def describe(figure: Any) -> dict[str, Any]:
    """Return the attributes of a figure that the comparison needs."""
    unit = figure.goal.unit
    return {"name": figure.name, "value": value_of(figure), "unit": unit, "is_cost": is_cost(figure.goal)}


def value_of(figure: Any) -> float:
    """Return the median of the values; of a difference, which may be zero and has no ratio, the suite's own value."""
    if figure.goal.number.startswith("{:+"):
        return float(figure.ours.split()[0].replace(",", ""))
    known = vars(figure)
    return float(median(known.get("values", known.get("judged"))))


def is_cost(goal: Any) -> bool:
    """Return whether more is worse: the goal is an upper bound, or it is missing and the unit is a time."""
    known = vars(goal)
    is_maximum, minimum = (known.get(new, known.get(old)) for new, old in GOAL_FIELDS)
    return bool(is_maximum) or (minimum is None and goal.unit.strip() in COST_UNITS)


def main(arguments: list[str]) -> None:
    package = bench_package(Path.cwd())
    if not arguments:
        print(json.dumps(list(import_module(f"{package}.command").ROWS)))
        return
    name, share = arguments
    print(json.dumps(take_round(package, name, float(share))))


if __name__ == "__main__":
    main(sys.argv[1:])
