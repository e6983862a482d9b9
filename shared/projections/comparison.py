"""Comparison of live rows with rebuilt rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby, repeat

from shared.projections.row_table import Entry, RowTableSql, decode_row

MAX_EXAMPLES = 20


@dataclass
class ProjectionComparison:
    """Differences between a projection's live rows and rebuilt rows, both as of `position`.

    `examples` gives the first rows that differ: `missing` (not among the live rows), `extra` (only
    among the live rows), or the fields in which the two differ.
    `error` is the reason why the rebuild did not reach that position.
    """

    projection: str
    position: int
    equal: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    error: str | None = None

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.extra or self.different or self.error)

    def add(self, table: RowTableSql, live: Iterable[Entry], rebuilt: Iterable[Entry]) -> None:
        """Compare row by row and add the differences; both must be in order of their keys."""
        tagged = merge(zip(live, repeat("extra")), zip(rebuilt, repeat("missing")), key=_key_of)
        for key, entries in groupby(tagged, key=_key_of):
            (one, kind), *others = entries
            if not others:
                setattr(self, kind, getattr(self, kind) + 1)
                self._add_example(key, kind)
            elif one == others[0][0]:
                self.equal += 1
            else:
                self.different += 1
                self._add_example(key, *_differing_fields(table, one, others[0][0]))

    def _add_example(self, key: str, *differences: str) -> None:
        if len(self.examples) < MAX_EXAMPLES:
            self.examples[key] = differences


def _key_of(tagged: tuple[Entry, str]) -> str:
    return str(tagged[0][0])


def _differing_fields(table: RowTableSql, one: Entry, other: Entry) -> tuple[str, ...]:
    """Return the fields that differ; failing that, the columns whose values do not match their row."""
    live, rebuilt = decode_row(one), decode_row(other)
    fields = sorted(name for name in live.keys() | rebuilt.keys() if live.get(name) != rebuilt.get(name))
    columns = [
        f"column {name.removeprefix('c_')}"
        for place, name in enumerate(table.names)
        if place > 1 and one[place] != other[place]
    ]
    return tuple(fields or columns or ["order of fields, or when they changed"])
