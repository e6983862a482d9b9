"""A small evaluator of the expressions in the alert rules, over two pages of metrics taken one after the other."""

import re
from collections.abc import Callable, Mapping
from operator import eq, gt, lt

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Page = Mapping[str, Vector]

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[a-zA-Z_]\w*)|(?P<mark>==|[<>/(),\[\]{}]|=~|=)|(?P<text>\"[^\"]*\"))"
)
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {">": gt, "<": lt, "==": eq}
RANGES = frozenset({"increase", "rate"})
AGGREGATIONS: Mapping[str, Callable[[list[float]], float]] = {"sum": sum, "max": max, "count": lambda each: len(each)}


def read_page(text: str) -> dict[str, Vector]:
    """Return the samples of a page by their names; a family without samples by the name of the family."""
    page: dict[str, Vector] = {}
    for family in text_string_to_metric_families(text):
        page.setdefault(family.name, {})
        page.setdefault(f"{family.name}_total", {}) if family.type == "counter" else None
        for sample in family.samples:
            page.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return page


def metrics_of(expression: str) -> set[str]:
    """Return the names of all metrics in an expression."""
    without_labels = re.sub(r"\{[^}]*\}|\bby\s*\([^)]*\)|\[[^\]]*\]", "", expression)
    return set(re.findall(r"\bsihe_\w+", without_labels))


def evaluate(expression: str, earlier: Page, now: Page) -> Vector:
    """Return the samples for which the expression holds: an alert fires if there is one."""
    parser = _Parser(expression, earlier, now)
    result = parser.comparison()
    assert parser.is_at_end, f"not understood: {expression}"
    return result


class _Parser:
    """Parses and evaluates at once; each method consumes what it evaluates."""

    def __init__(self, expression: str, earlier: Page, now: Page) -> None:
        self._tokens = [match[match.lastgroup] for match in TOKEN.finditer(expression) if match.lastgroup]
        self._earlier, self._now = earlier, now

    @property
    def is_at_end(self) -> bool:
        return not self._tokens

    def comparison(self) -> Vector:
        values = self._quotient()
        if self.is_at_end:
            return values
        holds, limit = COMPARISONS[self._take()], float(self._take())
        return {labels: value for labels, value in values.items() if holds(value, limit)}

    def _quotient(self) -> Vector:
        left = self._term()
        if not self._tokens or self._tokens[0] != "/":
            return left
        self._take("/")
        right = self._term()
        return {labels: value / right[labels] for labels, value in left.items() if right.get(labels)}

    def _term(self) -> Vector:
        name = self._take()
        if name in AGGREGATIONS:
            return self._aggregated(AGGREGATIONS[name])
        if name in RANGES:
            self._take("(")
            metric = self._take()
            matches = self._matcher()
            while self._take() != ")":
                pass
            return self._increase(metric, matches)
        matches = self._matcher()
        return {labels: value for labels, value in self._now.get(name, {}).items() if matches(dict(labels))}

    def _aggregated(self, combine: Callable[[list[float]], float]) -> Vector:
        kept: list[str] = []
        if self._tokens[0] == "by":
            self._take("by")
            kept = self._names_in_brackets()
        self._take("(")
        values = self._quotient()
        self._take(")")
        groups: dict[Labels, list[float]] = {}
        for labels, value in values.items():
            groups.setdefault(frozenset(each for each in labels if each[0] in kept), []).append(value)
        return {labels: combine(each) for labels, each in groups.items()}

    def _increase(self, metric: str, matches: Callable[[Mapping[str, str]], bool]) -> Vector:
        before = self._earlier.get(metric, {})
        found = {labels: value for labels, value in self._now.get(metric, {}).items() if matches(dict(labels))}
        return {labels: value - before.get(labels, 0.0) for labels, value in found.items()}

    def _names_in_brackets(self) -> list[str]:
        self._take("(")
        names = []
        while (token := self._take()) != ")":
            names += [token] if token != "," else []
        return names

    def _matcher(self) -> Callable[[Mapping[str, str]], bool]:
        wanted = []
        if self._tokens and self._tokens[0] == "{":
            self._take("{")
            while (label := self._take()) != "}":
                if label != ",":
                    is_pattern, value = self._take() == "=~", self._take().strip('"')
                    wanted.append((label, value if is_pattern else re.escape(value)))
        return lambda labels: all(re.fullmatch(value, labels.get(label, "")) for label, value in wanted)

    def _take(self, expected: str | None = None) -> str:
        token = self._tokens.pop(0)
        assert expected in (None, token), f"{expected} expected, not {token}"
        return token
