"""The table of a comparison: both medians, the ratio of costs with its interval, the verdict."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.bench.compare.verdict import Comparison, Verdict

WIDTH = 160
COLUMNS = ("base", "new", "cost ratio", "95 % interval", "verdict")
STYLES = {Verdict.WORSE: "bold red", Verdict.BETTER: "green", Verdict.NOT_WORSE: "", Verdict.UNDECIDED: "yellow"}
CAPTION = "medians; cost ratio new to base, above 1 is worse: geometric mean, Student's t on the logarithms"


def show(console: Console, comparisons: Sequence[Comparison]) -> None:
    """Print one line per figure and how many figures have each verdict."""
    console.width = max(console.width, WIDTH)
    table = Table(caption=CAPTION, box=SIMPLE_HEAD)
    for name in ("row", "figure"):
        table.add_column(name, no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for each in comparisons:
        table.add_row(each.row, Text(each.name), *_cells(each))
    console.print(table)
    verdicts = [each.interval.verdict for each in comparisons]
    console.print(", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in Verdict))


def _cells(comparison: Comparison) -> list[str | Text]:
    interval, verdict = comparison.interval, comparison.interval.verdict
    medians = [_number(value, comparison.unit) for value in comparison.medians]
    bounds = f"{interval.low:.3f} … {interval.high:.3f}"
    return [*medians, f"{interval.mean:.3f}", bounds, Text(verdict.value, STYLES[verdict])]


def _number(value: float, unit: str) -> str:
    return f"{value:,.3f}{unit}" if value < 10 else f"{value:,.1f}{unit}"
