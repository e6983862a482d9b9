"""State tables in the READMEs of modules: which command is allowed in which state, as the aggregates declare it.

The table of an aggregate is between two marks, `<!-- states: SalesOrder -->` and `<!-- /states -->`; without marks it
is added at the end of the page.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from shared.domain import TYPES_BY_NAME, Aggregate, MasterRecord, StateTable, state_table

END = "<!-- /states -->"
END_STATES = "(end): no command is allowed any more; an event may still change the status."


def readmes(root: Path, services: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield the README of each module that has aggregates with declared states, with their current tables."""
    texts: dict[Path, str] = {}
    for each in aggregates_with_states(services):
        path = root.joinpath(*each.__module__.split(".")[:3], "README.md")
        text = texts[path] if path in texts else path.read_text(encoding="utf-8")
        texts[path] = with_table(text, each.__name__, state_table(each))
    yield from texts.items()


def aggregates_with_states(services: Collection[str]) -> Iterator[type[Aggregate]]:
    """Yield every aggregate class of these services that declares in which states its commands are allowed.

    Master data is left out: all of it has the same states, in which no command is refused.
    """
    for name, kind in TYPES_BY_NAME.items():
        is_listed = issubclass(kind, Aggregate) and not issubclass(kind, MasterRecord)
        if is_listed and name.split(".")[0] in services and state_table(kind).commands:
            yield kind


def with_table(page: str, name: str, table: StateTable) -> str:
    """Return the page with the current table of the aggregate with this name between its marks."""
    begin = f"<!-- states: {name} -->"
    before, found, rest = page.partition(begin)
    after = rest.partition(END)[2] if found else "\n"
    return "".join((before, "" if found else "\n", begin, "\n", "\n".join(_lines(table)), "\n", END, after))


def _lines(table: StateTable) -> Iterator[str]:
    yield f"| status | {' | '.join(each.replace('_', ' ') for each in table.commands)} |"
    yield "|---" * (len(table.commands) + 1) + "|"
    for state in table.states:
        cells = ("allowed" if table.allows(each, state) else "–" for each in table.commands)
        yield f"| {state}{' (end)' if state in table.end_states else ''} | {' | '.join(cells)} |"
    if table.end_states:
        yield f"\n{END_STATES}"
