"""The cost of ten times as many modules, policies and projections, all empty: the suite must not feel them."""

from collections.abc import Sequence
from statistics import median

from tests.bench.compare.rounds import Trees
from tests.bench.compare.trees import ROOT, get_tree
from tests.bench.compare.verdict import Comparison
from tests.bench.enlarged import TIMES, create_enlarged_tree
from tests.bench.measure import Effort, Figure, Goal, scratch

GOAL = Goal(1.10, 1.03, is_maximum=True)
COMPARED = ("cash", "fresh")
"""The rows whose first figures are compared: CPU of an order of one client, memory of a fresh suite."""


def measure_more_modules(effort: Effort) -> list[Figure]:
    """Measure an order and a fresh suite with ten times as many modules against the same without them."""
    with scratch() as folder:
        trees = Trees(base=get_tree(str(ROOT)), new=get_tree(str(create_enlarged_tree(folder))))
        return [_figure(trees.compare(row, effort.share, effort.rounds)[0]) for row in COMPARED]


def _figure(compared: Comparison) -> Figure:
    """Return the ratio of the costs in all rounds."""
    ratios = [new / base for base, new in zip(compared.base, compared.new, strict=True)]
    name = f"{compared.name}: {TIMES} × the modules"
    return Figure(name, _median(compared.new, compared.unit), _median(compared.base, compared.unit), ratios, GOAL)


def _median(values: Sequence[float], unit: str) -> str:
    return f"{median(values):.1f}{unit}"
