"""Comparison of live rows with rebuilt rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.projections.row_table import Entry, RowTable, decode_row

MAX_EXAMPLES = 20


@dataclass
class Comparison:
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

    def add(self, past: "Comparison") -> None:
        """Add the differences of past rows; their keys start with the position until which they were valid."""
        for kind in ("equal", "missing", "extra", "different"):
            setattr(self, kind, getattr(self, kind) + getattr(past, kind))
        for key, how in past.examples.items():
            self.add_example(f"until {key}", *how)

    def add_example(self, key: str, *differences: str) -> None:
        if len(self.examples) < MAX_EXAMPLES:
            self.examples[key] = differences


def compare(table: RowTable, position: int, live: Iterable[Entry], rebuilt: Iterable[Entry]) -> Comparison:
    """Compare row by row; both must be in order of their keys."""
    comparison = Comparison(table.projection, position)
    for one, other in _pair(iter(live), iter(rebuilt)):
        if one is None:
            assert other is not None
            comparison.missing += 1
            comparison.add_example(other[0], "missing")
        elif other is None:
            comparison.extra += 1
            comparison.add_example(one[0], "extra")
        elif one == other:
            comparison.equal += 1
        else:
            comparison.different += 1
            comparison.add_example(one[0], *_differing_fields(table, one, other))
    return comparison


def _pair(live: Iterator[Entry], rebuilt: Iterator[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    one, other = next(live, None), next(rebuilt, None)
    while one or other:
        if other is None or (one is not None and one[0] < other[0]):
            yield one, None
            one = next(live, None)
        elif one is None or other[0] < one[0]:
            yield None, other
            other = next(rebuilt, None)
        else:
            yield one, other
            one, other = next(live, None), next(rebuilt, None)


def _differing_fields(table: RowTable, one: Entry, other: Entry) -> tuple[str, ...]:
    """Return the fields that differ; failing that, the columns whose texts do not match their row."""
    live, rebuilt = decode_row(one), decode_row(other)
    fields = sorted(name for name in live.keys() | rebuilt.keys() if live.get(name) != rebuilt.get(name))
    columns = [f"column {name}" for place, name in enumerate(table.text_columns, 2) if one[place] != other[place]]
    return tuple(fields or columns or ["order of fields, or when they changed"])
