"""Tables in plain text: aligned columns, numbers to the right, wide characters counted as they are shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

GAP = "  "
Line = Sequence[str]


@dataclass(frozen=True)
class Column:
    """A column with its title; the values of numbers are aligned to the right."""

    title: str
    is_number: bool = False


def table_lines(columns: Sequence[Column], rows: Sequence[Line], totals: Sequence[Line] = ()) -> Iterator[str]:
    """Yield the lines of a table: titles, a rule, the rows, and the totals below a second rule."""
    titles = [each.title for each in columns]
    widths = [max(map(cell_len, values)) for values in zip(titles, *rows, *totals, strict=True)]
    rule = GAP.join("─" * width for width in widths)
    yield from _aligned(columns, widths, [titles])
    yield rule
    yield from _aligned(columns, widths, rows)
    if totals:
        yield rule
        yield from _aligned(columns, widths, totals)


def _aligned(columns: Sequence[Column], widths: Sequence[int], lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        cells = zip(columns, line, widths, strict=True)
        yield GAP.join(_padded(text, width, right=column.is_number) for column, text, width in cells).rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks
