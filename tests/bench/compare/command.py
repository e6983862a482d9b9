"""`make bench-compare`: whether the work tree is slower than a base revision, row by row."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console

from tests.bench.compare.plan import Plan, plan_of
from tests.bench.compare.rounds import RowBroken, RowSkipped, Trees, row_names
from tests.bench.compare.table import show
from tests.bench.compare.trees import ROOT, UnknownTree, default_base, get_tree
from tests.bench.compare.verdict import FEWEST_PAIRS, Comparison, NotPositive, Verdict

SIDES = 2


@click.command("bench-compare", epilog="Ends with 1 if a figure is worse or a row breaks in either tree.")
@click.option("--base", help="Revision or folder to compare with; by default the one in tests/same_answers/base.")
@click.option("--other", "--tree", "other", default=str(ROOT), help="Revision or folder compared; default: this tree.")
@click.option("--only", multiple=True, help="Only this row; may be given again.")
@click.option("--pairs", type=click.IntRange(min=FEWEST_PAIRS), default=FEWEST_PAIRS, show_default=True)
@click.option("--share", type=click.FloatRange(0, 1, min_open=True), help="Share of each row's usual work.")
def command(base: str | None, other: str, only: Sequence[str], pairs: int, share: float | None) -> None:
    """Take the rows of two trees in turns and compare their costs."""
    trees = _trees(base or default_base(), other)
    names = only or _row_names(trees.base)
    comparing = Comparing(Console(highlight=False), trees, pairs, {name: plan_of(name, share) for name in names})
    comparing.compare_all()
    if comparing.comparisons:
        show(comparing.console, comparing.comparisons)
    if comparing.broken:
        raise click.ClickException(f"broken: {', '.join(comparing.broken)}")
    if any(each.interval.verdict is Verdict.WORSE for each in comparing.comparisons):
        raise click.exceptions.Exit(1)


def _trees(base: str | None, other: str) -> Trees:
    if base is None:
        raise click.UsageError("Name the revision to compare with: --base.")
    try:
        return Trees(get_tree(base), get_tree(other))
    except UnknownTree as unknown:
        raise click.UsageError(str(unknown)) from None


def _row_names(tree: Path) -> list[str]:
    try:
        return row_names(tree)
    except RowBroken as broken:
        raise click.ClickException(str(broken)) from None


class Comparing:
    """Compares rows one after the other and prints how long the rest will take."""

    def __init__(self, console: Console, trees: Trees, pairs: int, plans: Mapping[str, Plan]) -> None:
        self.console = console
        self.comparisons: list[Comparison] = []
        self.broken: list[str] = []
        self._trees, self._pairs, self._plans = trees, pairs, plans
        self._began = time.monotonic()

    def compare_all(self) -> None:
        rounds = SIDES * self._pairs
        self._print(f"base {self._trees.base}\nnew  {self._trees.new}")
        self._print(f"{rounds} rounds of each row, about {self._planned_seconds() / 60:.1f} min")
        for done, name in enumerate(self._plans, start=1):
            outcome = self._compare(name)
            seconds = time.monotonic() - self._began
            self._print(f"[{done}/{len(self._plans)}] {name:<9} {outcome}, {seconds:.0f} s{self._rest(done, seconds)}")

    def _compare(self, name: str) -> str:
        """Return how the row ended."""
        try:
            with self.console.status(f"{name} …"):
                self.comparisons += self._trees.compare(name, self._plans[name].share, self._pairs)
        except RowSkipped as skipped:
            return f"skipped: {skipped}"
        except (RowBroken, NotPositive) as broken:
            self.broken.append(name)
            return f"broken: {broken}"
        return "done"

    def _rest(self, done: int, seconds: float) -> str:
        """Return the time the remaining rows will take, at the pace of the rows done."""
        planned, all_planned = self._planned_seconds(done), self._planned_seconds()
        return f", about {(all_planned - planned) * seconds / planned / 60:.1f} min left"

    def _planned_seconds(self, rows: int | None = None) -> float:
        return SIDES * self._pairs * sum(plan.seconds for plan in list(self._plans.values())[:rows])

    def _print(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)


if __name__ == "__main__":
    command(prog_name="bench-compare")
