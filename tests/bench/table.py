"""The table of measures: each figure next to the raw limit, and the figures below their target."""

import os
import platform
import sqlite3
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.bench.measure import Figure, Goal

WIDTH = 200
COLUMNS = ("ours", "limit", "ratio", "at least", "aim", "holds", "spread")


def show(console: Console, figures: Sequence[Figure]) -> None:
    """Print the whole table, as wide as needed: figures are never cut."""
    console.width = max(console.width, WIDTH)
    if figures:
        console.print(_table(figures))
    for figure in figures:
        for note in figure.notes:
            console.print(f"[dim]{figure.name}: {note}[/]", soft_wrap=True)
    short = [figure for figure in figures if not figure.is_reached]
    for figure in short:
        bound, reached = _bound(figure.goal, figure.goal.minimum), figure.goal.text(figure.value)
        console.print(f"[bold red]falls short[/]: {figure.name}: {reached}, to be {bound}", soft_wrap=True)
    if figures and not short:
        console.print("[green]nothing falls short[/]")


def _table(figures: Sequence[Figure]) -> Table:
    title = "Compared with the raw limits of this machine, measured in the same run"
    table = Table(title=title, caption=_machine(), box=SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for figure in figures:
        table.add_row(figure.name, *_cells(figure))
    return table


def _cells(figure: Figure) -> list[str]:
    goal = figure.goal
    spread = goal.text(min(figure.values), max(figure.values))
    bounds = _bound(goal, goal.minimum), _bound(goal, goal.target)
    return [figure.ours, figure.limit, goal.text(figure.value), *bounds, _verdict(figure), spread]


def _bound(goal: Goal, bound: float | None) -> str:
    return "–" if bound is None else f"{'≤' if goal.is_maximum else '≥'} {goal.text(bound)}"


def _verdict(figure: Figure) -> str:
    if figure.goal.minimum is None:
        return ""
    if not figure.is_reached:
        return "[bold red]no[/]"
    return "[green]aim[/]" if figure.reaches_target else "[green]yes[/]"


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
