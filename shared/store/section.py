"""The exclusive section of one thread on PostgreSQL: a connection, and whose turn it takes."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from shared.store import VersionClash
from shared.store.sql import Values
from shared.store.together import UNPLACED, kinds_of, prepared, together
from shared.store.writing import NEWEST, Newest, Step

Connection = psycopg.Connection[Any]

PATIENCE_MS = (50, 250)
"""Who holds a turn waits so long for another, by chance: of two who wait for each other one gives way soon."""

FEW_VALUES = 100
"""Commits with so few values are statements that come again and again: worth remembering."""

LOCK = b"SET LOCAL lock_timeout TO DEFAULT; LOCK TABLE events IN EXCLUSIVE MODE; "

_remembered: WeakKeyDictionary[Connection, set[str]] = WeakKeyDictionary()


class Section:
    """Everything for one purpose is sent at once: locks are held while the database works, not while words travel."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.session = connection.info.backend_pid
        self._due: list[int] = []
        self._holding = False

    def take_turns(self, about: bytes) -> None:
        """Nobody else who takes turns about this (16 bytes or more) goes on until the transaction ends."""
        self._due.append(int.from_bytes(about[:8], signed=True) ^ int.from_bytes(about[8:16], signed=True))

    def ask(self, question: str, values: Values) -> list[Any]:
        """The answer as of now, when all turns due are taken. Raises VersionClash if that takes too long."""
        if not self._due:
            return ask(self._connection, question, values)
        with self._giving_way():
            return self._send(self._turns() + marked(question), values)

    def write(self, steps: Sequence[Step], telling: bytes) -> Newest:
        """Take all steps and commit; where the log ended before. Raises what the first step without a place means.

        What becomes of the commit when the connection breaks is unknown; then `broken` says so.
        """
        alone = [(step.statement, row) for step in steps if step.before for row in step.rows]
        joined = [step for step in steps if not step.before]
        before = b"".join(marked(f"{statement}; ") for statement, _ in alone)
        statement, values = together(joined)
        with self._giving_way(), _meaning(joined):
            if len(values) > FEW_VALUES:
                before, statement, values = self._known_end(before, joined)
            else:
                before, statement = self._turns() + LOCK + before, self._remember(statement, values)
            words = before + marked(statement) + b"; " + telling + b"COMMIT"
            answer = self._send(words, [*(value for _, row in alone for value in row), *values], 3 if telling else 2)
        self._holding = False
        return Newest(*answer[0][:3])

    def _known_end(self, before: bytes, steps: Sequence[Step]) -> tuple[bytes, str, list[Any]]:
        """For much to write: look at the end of the log first, which keeps the statement simple."""
        end = self._send(self._turns() + LOCK + NEWEST.encode(), ())
        newest = Newest(*end[0]) if end else Newest()
        placed = [Step(each.statement, [newest.place(row) for row in each.rows], each.otherwise) for each in steps]
        return before, *together(placed)

    def _remember(self, statement: str, values: Values) -> str:
        """The call of the statement as the database remembers it."""
        kinds = kinds_of(values)
        name = f"taking_{sha256(f'{kinds} {statement}'.encode()).hexdigest()[:24]}"
        remembered = _remembered.setdefault(self._connection, set())
        if name not in remembered:
            self._connection.execute(prepared(name, kinds, statement))
            remembered.add(name)
        return f"EXECUTE {name}" + (f"({', '.join('?' * len(values))})" if values else "")

    @property
    def broken(self) -> bool:
        """Nobody is at the other end any more."""
        return self._connection.closed

    def leave(self) -> None:
        """Whatever was not committed is undone, and nobody waits for it any longer."""
        self._due.clear()
        self._holding = False
        with suppress(psycopg.Error):
            if self._connection.info.transaction_status != TransactionStatus.IDLE:
                self._connection.pgconn.exec_(b"ROLLBACK")  # psycopg's own may forget what is remembered here

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
                statements.append(b"SET LOCAL lock_timeout TO %d; " % random.randint(*PATIENCE_MS))  # noqa: S311 (no secret)
            statements.append(b"SELECT pg_advisory_xact_lock(%d); " % each)
            self._holding = True
        self._due.clear()
        return b"".join(statements)

    def _send(self, words: bytes, values: Values, counted_back: int = 1) -> list[Any]:
        """Several statements at once; the answer of one of them, counted from the last."""
        cursor = psycopg.ClientCursor(self._connection).execute(words, values or None)
        return cursor.set_result(-counted_back).fetchall()


@contextmanager
def _meaning(steps: Sequence[Step]) -> Iterator[None]:
    try:
        yield
    except psycopg.DatabaseError as refused:
        if refused.sqlstate != UNPLACED:
            raise
        otherwise = steps[int(refused.diag.message_detail or 0)].otherwise
        assert otherwise is not None
        raise otherwise() from None


def ask(connection: Connection, question: str, values: Values) -> list[Any]:
    """The rows of an answer."""
    return connection.execute(marked(question), values, binary=True).fetchall()


@lru_cache(maxsize=512)
def marked(statement: str) -> bytes:
    """With psycopg's marks for values."""
    return statement.replace("?", "%s").encode()
