"""The exclusive section of one thread on PostgreSQL: a connection, and whose turn it takes."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.pq import TransactionStatus

from shared.store import VersionClash
from shared.store.sql import NEWEST, Newest, Step, Values

Connection = psycopg.Connection[Any]

PATIENCE_MS = (50, 250)
"""Who holds a turn waits so long for another, by chance: of two who wait for each other one gives way soon."""

LOCK = b"SET LOCAL lock_timeout TO DEFAULT; LOCK TABLE events IN EXCLUSIVE MODE; " + NEWEST.encode()


class Section:
    """Turns are taken on the way to the next statement, which saves a round trip for each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._due: list[int] = []
        self._holding = False

    def take_turns(self, about: bytes) -> None:
        """Nobody else who takes turns about this (16 bytes or more) goes on until the transaction ends."""
        self._due.append(int.from_bytes(about[:8], signed=True) ^ int.from_bytes(about[8:16], signed=True))

    def ask(self, question: str, values: Values) -> list[Any]:
        """The answer as of now, when all turns due are taken. Raises VersionClash if that takes too long."""
        if not self._due:
            return ask(self._connection, question, values)
        cursor = psycopg.ClientCursor(self._connection)
        with self._giving_way():
            return _last_answer(cursor.execute(self._turns() + marked(question), values))

    def lock_the_log(self) -> Newest:
        """Nobody else writes until the transaction ends. Where the log ends."""
        with self._giving_way():
            end = _last_answer(self._connection.execute(self._turns() + LOCK))
        return Newest(*end[0]) if end else Newest()

    def take(self, steps: list[Step]) -> None:
        """All of them in one statement. Raises what the first step with a row too few means."""
        statement, values = _together(steps)
        ((*placed,),) = ask(self._connection, statement, values)
        for step, rows in zip(steps, placed, strict=True):
            if step.otherwise and rows != len(step.rows):
                raise step.otherwise()

    def end(self, statement: sql.SQL | sql.Composed) -> None:
        """Commit. What becomes of it when this raises is unknown."""
        self._connection.execute(statement)
        self._holding = False

    def leave(self) -> None:
        """Whatever was not committed is undone, and nobody waits for it any longer."""
        self._due.clear()
        self._holding = False
        with suppress(psycopg.Error):
            if self._connection.info.transaction_status != TransactionStatus.IDLE:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _giving_way(self) -> Iterator[None]:
        impatient = self._holding or len(self._due) > 1
        try:
            yield
        except errors.LockNotAvailable as waited:
            if impatient:
                raise VersionClash(str(waited)) from waited
            raise

    def _turns(self) -> bytes:
        """What begins the transaction, if there is none yet, and takes the turns that are due."""
        statements = []
        if self._connection.info.transaction_status == TransactionStatus.IDLE:
            statements.append(b"BEGIN; ")
        for each in self._due:
            if self._holding:
                statements.append(b"SET LOCAL lock_timeout TO %d; " % random.randint(*PATIENCE_MS))  # noqa: S311
            statements.append(b"SELECT pg_advisory_xact_lock(%d); " % each)
            self._holding = True
        self._due.clear()
        return b"".join(statements)


def ask(connection: Connection, question: str, values: Values) -> list[Any]:
    """The rows of an answer."""
    return connection.execute(marked(question), values, binary=True).fetchall()


@lru_cache(maxsize=256)
def marked(statement: str) -> bytes:
    """With psycopg's marks for values."""
    return statement.replace("?", "%s").encode()


def _last_answer(cursor: psycopg.Cursor[Any]) -> list[Any]:
    """Of several statements sent together."""
    while cursor.nextset():
        pass
    return cursor.fetchall()


def _together(steps: list[Step]) -> tuple[str, list[Any]]:
    """One statement that takes these steps and gives the number of rows that found a place in each."""
    parts: list[str] = []
    counts: list[str] = []
    values: list[Any] = []
    for number, step in enumerate(steps):
        names = []
        for row_number, (statement, row) in enumerate(_rows_together(step)):
            names.append(f"step_{number}_{row_number}")
            parts.append(f"{names[-1]} AS ({statement}{'' if statement.startswith('SELECT') else ' RETURNING 1'})")
            values.extend(row)
        counts.append(" + ".join(f"(SELECT count(*) FROM {name})" for name in names))  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}", values


def _rows_together(step: Step) -> Iterator[tuple[str, Values]]:
    """An insertion takes all its rows at once, another statement one by one."""
    before, values, after = step.statement.partition("VALUES ")
    if not values:
        yield from ((step.statement, row) for row in step.rows)
        return
    marks, close, rest = after.partition(")")
    rows = ", ".join([f"{marks}{close}"] * len(step.rows))
    yield f"{before}VALUES {rows}{rest}", [value for row in step.rows for value in row]
