"""Live rows against rows folded from zero."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.report.table import Entry, Table, row_in

EXAMPLES = 20


@dataclass
class Comparison:
    """How a report's live rows compare with those folded anew, both as of `position`.

    `examples` names the first rows that differ, each with how: `missing` (the live rows lack it),
    `extra` (only the live rows have it), or the fields in which the two differ.
    `trouble` is what kept the new rows from reaching that position.
    """

    report: str
    position: int
    equal: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trouble: str | None = None

    @property
    def same(self) -> bool:
        return not (self.missing or self.extra or self.different or self.trouble)

    def add(self, past: "Comparison") -> None:
        """Those of the past, under the position until which they stood and their key."""
        for kind in ("equal", "missing", "extra", "different"):
            setattr(self, kind, getattr(self, kind) + getattr(past, kind))
        for key, how in past.examples.items():
            self.differs(f"until {key}", *how)

    def differs(self, key: str, *how: str) -> None:
        if len(self.examples) < EXAMPLES:
            self.examples[key] = how


def compared(table: Table, position: int, live: Iterable[Entry], anew: Iterable[Entry]) -> Comparison:
    """Row by row; both come in order of their keys."""
    comparison = Comparison(table.report, position)
    for one, other in _paired(iter(live), iter(anew)):
        if one is None:
            assert other is not None
            comparison.missing += 1
            comparison.differs(other[0], "missing")
        elif other is None:
            comparison.extra += 1
            comparison.differs(one[0], "extra")
        elif one == other:
            comparison.equal += 1
        else:
            comparison.different += 1
            comparison.differs(one[0], *_fields(table, one, other))
    return comparison


def _paired(live: Iterator[Entry], anew: Iterator[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    one, other = next(live, None), next(anew, None)
    while one or other:
        if other is None or (one is not None and one[0] < other[0]):
            yield one, None
            one = next(live, None)
        elif one is None or other[0] < one[0]:
            yield None, other
            other = next(anew, None)
        else:
            yield one, other
            one, other = next(live, None), next(anew, None)


def _fields(table: Table, one: Entry, other: Entry) -> tuple[str, ...]:
    """The fields that differ; failing that, the columns whose texts do not belong to their row."""
    mine, theirs = row_in(one), row_in(other)
    fields = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
    columns = [f"column {name}" for place, name in enumerate(table.texts, 2) if one[place] != other[place]]
    return tuple(fields or columns or ["order of fields, or when they changed"])
