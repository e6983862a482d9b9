"""The steps of a commit as one PostgreSQL statement, which fails as a whole if a step writes too few rows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from shared.store.commit_plan import SqlStep
from shared.store.log_end import SELECT_LOG_END, LogEndExpression
from shared.store.sql import Values

STEP_FAILED = "SH001"
"""The SQLSTATE of a step that wrote too few rows; the error's detail is the number of the step."""

CREATE_REQUIRE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION require(step INTEGER, placed BIGINT, wanted BIGINT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF placed <> wanted THEN
        RAISE EXCEPTION USING ERRCODE = '{STEP_FAILED}', MESSAGE = 'a row found no place', DETAIL = step;
    END IF;
END $$;
"""

_TYPES = {int: "bigint", UUID: "uuid", bytes: "bytea"}


def combine_steps(steps: Iterable[SqlStep]) -> tuple[str, list[Any]]:
    """Return one statement for all steps, with `?` for its values; it selects the end of the log before the commit."""
    parts, required, values = [f"newest AS MATERIALIZED ({SELECT_LOG_END})"], list[str](), list[Any]()
    for number, step in enumerate(steps):
        names = []
        for row, (statement, row_values) in enumerate(_step_statements(step)):
            names.append(f"step_{number}_{row}")
            parts.append(f"{names[-1]} AS ({statement}{'' if statement.startswith('SELECT') else ' RETURNING 1'})")
            values.extend(row_values)
        if step.on_failure:
            written = " + ".join(f"(SELECT count(*) FROM {name})" for name in names)  # noqa: S608 (names are the code's own)
            required.append(f", require({number}, {written}, {len(step.rows)})")
    return f"WITH {', '.join(parts)} SELECT newest.*{''.join(required)} FROM newest", values  # noqa: S608 (names are the code's own)


def _step_statements(step: SqlStep) -> Iterator[tuple[str, list[Any]]]:
    """Yield the statements of a step: one for all rows of an INSERT, otherwise one for each row."""
    before, keyword, after = step.statement.partition("VALUES ")
    if not keyword:
        yield from ((step.statement, list(row)) for row in step.rows)
        return
    _, _, rest = after.partition(")")
    rows = [_row_placeholders(row) for row in step.rows]
    placeholders = ", ".join(f"({each})" for each, _ in rows)
    yield f"{before}VALUES {placeholders}{rest}", [value for _, values in rows for value in values]


def _row_placeholders(row: Values) -> tuple[str, list[Any]]:
    """Return the placeholders of a row and their values; parts that depend on the end of the log are subqueries."""
    placeholders, values = list[str](), list[Any]()
    for value in row:
        is_placeholder = isinstance(value, LogEndExpression)
        placeholders.append(value.term if is_placeholder else "?")
        values.extend(value.values if is_placeholder else (value,))
    return ", ".join(placeholders), values


def prepare_statement_sql(name: str, types: str, statement: str) -> bytes:
    """Return the SQL that prepares a statement under this name."""
    first, *others = statement.split("?")
    numbered = first + "".join(f"${number}{text}" for number, text in enumerate(others, 1))
    return f"PREPARE {name} {types and f'({types})'} AS {numbered}".encode()


def sql_types(values: Sequence[Any]) -> str:
    """Return the PostgreSQL types of these values, as a list in SQL."""
    return ", ".join(_TYPES.get(type(each), "text") for each in values)
