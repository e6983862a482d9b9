"""Table registry: the tables of all projections, with their positions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.projections.database import Database, Session, TableMissing
from shared.projections.definition import Projection
from shared.projections.row_table import RowTableSql
from shared.store import StoreError

CREATE_TABLES = (
    """CREATE TABLE IF NOT EXISTS projections (
        name TEXT PRIMARY KEY, projection TEXT NOT NULL, schema_key TEXT NOT NULL, position BIGINT,
        is_live INTEGER NOT NULL, error TEXT)""",
    """CREATE TABLE IF NOT EXISTS shared_position (
        id INTEGER PRIMARY KEY, position BIGINT NOT NULL, revision BIGINT NOT NULL)""",
)
SELECT_POSITION = "SELECT position, revision FROM shared_position"
SELECT = """SELECT name, projection, schema_key, coalesce(position, (SELECT position FROM shared_position)),
    position IS NULL, is_live, error FROM projections"""


class ProjectionPositionConflict(Exception):
    """Raised when another worker updated the rows first: their position is not the expected one."""


@dataclass(frozen=True, slots=True)
class TableState:
    """One table of a projection: the schema version and position of its rows, and whether it serves readers.

    `is_shared`: its position is the one that all complete tables share.
    """

    name: str
    projection: str
    schema_version: str
    position: int
    is_shared: bool
    is_live: bool
    error: str | None

    @property
    def generation(self) -> int:
        return int(self.name.rpartition("_")[2])

    @property
    def columns_digest(self) -> str:
        return self.schema_version.split("/")[1]


@dataclass(frozen=True, slots=True)
class SharedPosition:
    """The position that complete tables share, and the number of the last change to the list of tables."""

    position: int
    revision: int


class TableRegistry:
    """Registry of projection tables. A method that takes a session takes part in its transaction.

    Complete tables share one position, so that an event costs the same with many projections. A table has a position
    of its own (a value in `position`) while it is built, after it failed, and while other code does not update it.
    """

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service

    def list_all(self) -> list[TableState]:
        try:
            return _decode_rows(self._database.query(SELECT))
        except TableMissing as missing:
            raise StoreError(f"there are no read models of {self._service} yet: run migrate first") from missing

    def get_live(self, projection: type[Projection]) -> TableState | None:
        """Return the table that serves readers of a projection, or none."""
        found = _decode_rows(self._database.query(f"{SELECT} WHERE projection=? AND is_live=1", (projection.name,)))
        return found[0] if found else None

    def get_shared_position(self) -> SharedPosition:
        try:
            return SharedPosition(*self._database.query(SELECT_POSITION)[0])
        except TableMissing as missing:
            raise StoreError(f"there are no read models of {self._service} yet: run migrate first") from missing

    @staticmethod
    def list_for(session: Session, projection: str) -> list[TableState]:
        return _decode_rows(session.execute(f"{SELECT} WHERE projection=?", (projection,)).fetchall())

    @staticmethod
    def prepare(session: Session) -> None:
        """Record the shared position at the start of the log, unless there is one."""
        session.execute("INSERT INTO shared_position VALUES (1, 0, 0) ON CONFLICT (id) DO NOTHING")

    def create_table(self, session: Session, projection: type[Projection], form: str) -> None:
        """Create a new, empty table next to the existing ones."""
        generation = 1 + max((each.generation for each in self.list_for(session, projection.name)), default=0)
        table = projection.row_table(f"{projection.name}_{generation}")
        table.create(session)
        session.execute("INSERT INTO projections VALUES (?, ?, ?, 0, 0, NULL)", (table.name, projection.name, form))
        _count_change(session)

    def activate(self, projection: str, table: RowTableSql) -> None:
        """Let this table serve readers from now on, and drop those it replaces."""
        with self._database.transaction() as session:
            table.create_indexes(session)
            known = self.list_for(session, projection)
            generation = next(each.generation for each in known if each.name == table.name)
            session.execute("UPDATE projections SET is_live=1 WHERE name=?", (table.name,))
            for each in known:
                if each.generation < generation:
                    session.execute("DELETE FROM projections WHERE name=?", (each.name,))
                    table.drop(session, each.name)
            _count_change(session)

    def take_over(self, session: Session, is_ours: Callable[[TableState], bool]) -> tuple[list[TableState], int]:
        """Return our tables and the current revision; the shared position is then ours: other tables leave it."""
        tables = _decode_rows(session.execute(SELECT).fetchall())
        for each in tables:
            if each.is_shared and not is_ours(each):
                session.execute("UPDATE projections SET position=? WHERE name=?", (each.position, each.name))
                _count_change(session)
        return [each for each in tables if is_ours(each)], session.execute(SELECT_POSITION).fetchone()[1]

    def share(self, session: Session, names: Sequence[str], shared: SharedPosition) -> None:
        """Let tables that have reached the shared position share it. Raises ProjectionPositionConflict."""
        self.advance_shared(session, shared, shared.position)
        _update_all(session, "SET position=NULL", names, shared.position)
        _count_change(session)

    @staticmethod
    def advance_shared(session: Session, shared: SharedPosition, reached: int) -> None:
        """Advance all tables that share the position. Raises ProjectionPositionConflict if anything has changed."""
        statement = "UPDATE shared_position SET position=? WHERE position=? AND revision=?"
        if session.execute(statement, (reached, shared.position, shared.revision)).rowcount != 1:
            raise ProjectionPositionConflict

    @staticmethod
    def advance(session: Session, names: Sequence[str], after: int, reached: int) -> None:
        """Advance tables with a position of their own. Raises ProjectionPositionConflict if one has moved."""
        _update_all(session, "SET position=?, error=NULL", names, after, reached)

    @staticmethod
    def record_failure(session: Session, name: str, position: int, error: str) -> None:
        """Keep the table at this position, with the error that stopped it."""
        session.execute("UPDATE projections SET position=?, error=? WHERE name=?", (position, error, name))
        _count_change(session)


def _update_all(session: Session, change: str, names: Sequence[str], after: int, *values: int) -> None:
    marks = ", ".join("?" * len(names))
    statement = f"UPDATE projections {change} WHERE position=? AND name IN ({marks})"
    if session.execute(statement, (*values, after, *names)).rowcount != len(names):
        raise ProjectionPositionConflict


def _count_change(session: Session) -> None:
    session.execute("UPDATE shared_position SET revision=revision+1")


def _decode_rows(rows: Sequence[tuple[Any, ...]]) -> list[TableState]:
    return [
        TableState(name, projection, key, at, bool(is_shared), bool(is_live), error)
        for name, projection, key, at, is_shared, is_live, error in rows
    ]
