"""Table registry: the tables of all projections, with their positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.projections.database import Database, Session, TableMissing
from shared.projections.definition import Projection
from shared.projections.row_table import RowTableSql
from shared.store import StoreError

CREATE_TABLE = """CREATE TABLE IF NOT EXISTS projections (
    name TEXT PRIMARY KEY, projection TEXT NOT NULL, schema_key TEXT NOT NULL, position BIGINT NOT NULL,
    is_live INTEGER NOT NULL, error TEXT)"""
SELECT = "SELECT name, projection, schema_key, position, is_live, error FROM projections"


class ProjectionPositionConflict(Exception):
    """Raised when another worker updated the rows first: their position is not the expected one."""


@dataclass(frozen=True, slots=True)
class TableState:
    """One table of a projection: the schema version and position of its rows, and whether it serves readers."""

    name: str
    projection: str
    schema_version: str
    position: int
    is_live: bool
    error: str | None

    @property
    def generation(self) -> int:
        return int(self.name.rpartition("_")[2])

    @property
    def columns_digest(self) -> str:
        return self.schema_version.split("/")[1]


class TableRegistry:
    """Registry of projection tables. A method that takes a session takes part in its transaction."""

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

    @staticmethod
    def list_for(session: Session, projection: str) -> list[TableState]:
        return _decode_rows(session.execute(f"{SELECT} WHERE projection=?", (projection,)).fetchall())

    def create_table(self, session: Session, projection: type[Projection], form: str) -> None:
        """Create a new, empty table next to the existing ones."""
        generation = 1 + max((each.generation for each in self.list_for(session, projection.name)), default=0)
        table = projection.row_table(f"{projection.name}_{generation}")
        table.create(session)
        session.execute("INSERT INTO projections VALUES (?, ?, ?, 0, 0, NULL)", (table.name, projection.name, form))

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

    @staticmethod
    def advance(session: Session, names: Sequence[str], after: int, reached: int) -> None:
        """Advance all tables from one position to another. Raises ProjectionPositionConflict if one has moved."""
        marks = ", ".join("?" * len(names))
        statement = f"UPDATE projections SET position=?, error=NULL WHERE position=? AND name IN ({marks})"  # noqa: S608 (names are the code's own)
        if session.execute(statement, (reached, after, *names)).rowcount != len(names):
            raise ProjectionPositionConflict

    def record_failure(self, name: str, trouble: str) -> None:
        with self._database.transaction() as session:
            session.execute("UPDATE projections SET error=? WHERE name=?", (trouble, name))


def _decode_rows(rows: Sequence[tuple[Any, ...]]) -> list[TableState]:
    return [TableState(name, projection, key, at, bool(live), error) for name, projection, key, at, live, error in rows]
