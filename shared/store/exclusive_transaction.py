"""The exclusive section of one thread on PostgreSQL: its connection and the locks it needs."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from shared.store import ConcurrencyConflict, postgres_connection
from shared.store.combined_statement import STEP_FAILED, combine_steps, prepare_statement_sql, sql_types
from shared.store.commit_plan import CommitPlan, SqlStep
from shared.store.log_end import SELECT_LOG_END, KnownLogEnd, LogEndInSql
from shared.store.postgres_pool import Connection, query, with_placeholders
from shared.store.sql import Values

LOCK_WAIT_MS = (50, 250)
"""Range of the random time that a holder of a lock waits for the next one: one side of a deadlock soon gives up."""

MAX_PREPARED_VALUES = 130
"""Commits with at most this many values use prepared statements, because their statements recur."""

LOCK = b"SET LOCAL lock_timeout TO DEFAULT; LOCK TABLE events IN EXCLUSIVE MODE; "

_prepared_statements: WeakKeyDictionary[Connection, set[str]] = WeakKeyDictionary()


class ExclusiveTransaction:
    """A transaction that holds exclusive locks; statements are sent together, so that locks span no round trips."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.backend_pid = connection.info.backend_pid
        self._pending_locks: list[int] = []
        self._holds_lock = False

    def request_lock(self, lock_key: bytes) -> None:
        """Request a lock on a key of 16 bytes or more: taken with the next query, held until the transaction ends."""
        first, second = lock_key[:8], lock_key[8:16]
        self._pending_locks.append(int.from_bytes(first, signed=True) ^ int.from_bytes(second, signed=True))

    def query(self, statement: str, values: Values) -> list[Any]:
        """Take the requested locks and return the current rows. Raises ConcurrencyConflict if that takes too long."""
        if not self._pending_locks:
            return query(self.connection, statement, values)
        with self._translating_lock_timeouts():
            return self._execute(self._lock_statements() + with_placeholders(statement), values)

    def write(self, plan: CommitPlan, notify_statement: bytes) -> KnownLogEnd:
        """Run all steps, commit and return the previous end of the log. Raises the error of the first step that fails.

        If the connection breaks, it is closed and the outcome of the commit is unknown. Raises OutcomeUnknown if it
        does not return in time, or no standby confirmed it.
        """
        steps = [*plan.steps(LogEndInSql())]
        first = [(step.statement, row) for step in steps if step.runs_first for row in step.rows]
        combined = [step for step in steps if not step.runs_first]
        before = b"".join(with_placeholders(f"{statement}; ") for statement, _ in first)
        statement, values = combine_steps(combined)
        with self._translating_lock_timeouts(), _translating_step_errors(combined):
            if len(values) > MAX_PREPARED_VALUES:
                statement, values = combine_steps(each for each in plan.steps(self._log_end()) if not each.runs_first)
            else:
                before, statement = self._lock_statements() + LOCK + before, self._prepare(statement, values)
            script = before + with_placeholders(statement) + b"; " + notify_statement + b"COMMIT"
            first_values = [value for _, row in first for value in row]
            with self.connection.limited_to(postgres_connection.COMMIT_SECONDS):
                rows = self._execute(script, [*first_values, *values], 3 if notify_statement else 2)
        self._holds_lock = False
        return KnownLogEnd(*rows[0][:3])

    def _log_end(self) -> KnownLogEnd:
        """Return the end of the log, which keeps the statement of a large commit simple; takes all locks."""
        return KnownLogEnd(*self._execute(self._lock_statements() + LOCK + SELECT_LOG_END.encode(), ())[0])

    def _prepare(self, statement: str, values: Values) -> str:
        """Prepare the statement once per connection; return the statement that executes it."""
        types = sql_types(values)
        name = f"taking_{sha256(f'{types} {statement}'.encode()).hexdigest()[:24]}"
        prepared = _prepared_statements.setdefault(self.connection, set())
        if name not in prepared:
            self.connection.execute(prepare_statement_sql(name, types, statement))
            prepared.add(name)
        return f"EXECUTE {name}" + (f"({', '.join('?' * len(values))})" if values else "")

    def rollback(self) -> None:
        """Undo what is not committed and release all locks."""
        self._pending_locks.clear()
        self._holds_lock = False
        with suppress(psycopg.Error):
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                self.connection.pgconn.exec_(b"ROLLBACK")  # psycopg's own method may drop prepared statements

    @contextmanager
    def _translating_lock_timeouts(self) -> Iterator[None]:
        has_short_timeout = self._holds_lock or len(self._pending_locks) > 1
        try:
            yield
        except errors.LockNotAvailable as error:
            if has_short_timeout:
                raise ConcurrencyConflict(str(error)) from error
            raise

    def _lock_statements(self) -> bytes:
        """Return the statements that begin a transaction, if there is none, and take the requested locks."""
        statements = []
        if self.connection.info.transaction_status == TransactionStatus.IDLE:
            statements.append(b"BEGIN; ")
        for each in self._pending_locks:
            if self._holds_lock:
                statements.append(b"SET LOCAL lock_timeout TO %d; " % random.randint(*LOCK_WAIT_MS))  # noqa: S311 (no secret)
            statements.append(b"SELECT pg_advisory_xact_lock(%d); " % each)
            self._holds_lock = True
        self._pending_locks.clear()
        return b"".join(statements)

    def _execute(self, script: bytes, values: Values, counted_back: int = 1) -> list[Any]:
        """Run several statements at once; return the rows of one of them, counted from the last."""
        cursor = psycopg.ClientCursor(self.connection).execute(script, values or None)
        return cursor.set_result(-counted_back).fetchall()


@contextmanager
def _translating_step_errors(steps: Sequence[SqlStep]) -> Iterator[None]:
    try:
        yield
    except psycopg.DatabaseError as error:
        if error.sqlstate != STEP_FAILED:
            raise
        on_failure = steps[int(error.diag.message_detail or 0)].on_failure
        assert on_failure is not None
        raise on_failure() from None
