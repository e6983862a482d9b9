"""The steps of a commit as one statement of PostgreSQL, which fails as a whole where a step finds no place."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from shared.store.sql import Values
from shared.store.writing import LastPublished, NotBefore, Placed, Step

UNPLACED = "SH001"
"""The SQLSTATE of a step that found no place; the error's detail is the number of the step."""

REQUIRE = f"""
CREATE OR REPLACE FUNCTION require(step INTEGER, placed BIGINT, wanted BIGINT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF placed <> wanted THEN
        RAISE EXCEPTION USING ERRCODE = '{UNPLACED}', MESSAGE = 'a row found no place', DETAIL = step;
    END IF;
END $$;
"""

NEWEST = """newest AS MATERIALIZED (
    SELECT coalesce(position, 0) AS position, coalesce(recorded_at, 0) AS recorded_at, published
    FROM (SELECT coalesce(max(position), 0) AS published FROM outbox) AS said
    LEFT JOIN (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1) AS happened ON true)"""

_TYPES = {int: "bigint", UUID: "uuid", bytes: "bytea"}


def together(steps: Iterable[Step]) -> tuple[str, list[Any]]:
    """One statement for all steps, with `?` for its values; it answers where the log ended before."""
    parts, required = [NEWEST], []
    values: list[Any] = []
    for number, step in enumerate(steps):
        names = []
        for row, (statement, own) in enumerate(_statements(step)):
            names.append(f"step_{number}_{row}")
            parts.append(f"{names[-1]} AS ({statement}{'' if statement.startswith('SELECT') else ' RETURNING 1'})")
            values.extend(own)
        if step.otherwise:
            placed = " + ".join(f"(SELECT count(*) FROM {name})" for name in names)  # noqa: S608
            required.append(f", require({number}, {placed}, {len(step.rows)})")
    return f"WITH {', '.join(parts)} SELECT newest.*{''.join(required)} FROM newest", values  # noqa: S608


def _statements(step: Step) -> Iterator[tuple[str, list[Any]]]:
    """An insertion takes all its rows at once, another statement one by one."""
    before, word, after = step.statement.partition("VALUES ")
    if not word:
        yield from ((step.statement, list(row)) for row in step.rows)
        return
    _, _, rest = after.partition(")")
    rows = [_row(row) for row in step.rows]
    marks = ", ".join(f"({mark})" for mark, _ in rows)
    yield f"{before}VALUES {marks}{rest}", [value for _, values in rows for value in values]


def _row(row: Values) -> tuple[str, list[Any]]:
    """The marks of a row and the values they stand for; what depends on the end of the log is looked up there."""
    marks, values = [], []
    for value in row:
        match value:
            case Placed(nth):
                marks.append(f"(SELECT position FROM newest) + {nth}")  # noqa: S608
            case LastPublished():
                marks.append("(SELECT published FROM newest)")
            case NotBefore(micros):
                marks.append("greatest((SELECT recorded_at FROM newest), ?)")
                values.append(micros)
            case _:
                marks.append("?")
                values.append(value)
    return ", ".join(marks), values


def prepared(name: str, kinds: str, statement: str) -> bytes:
    """What makes the database remember the statement under this name."""
    first, *others = statement.split("?")
    numbered = first + "".join(f"${number}{text}" for number, text in enumerate(others, 1))
    return f"PREPARE {name} ({kinds}) AS {numbered}".encode() if kinds else f"PREPARE {name} AS {numbered}".encode()


def kinds_of(values: Sequence[Any]) -> str:
    """The types of these values in the database's words."""
    return ", ".join(_TYPES.get(type(each), "text") for each in values)
