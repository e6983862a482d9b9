"""Which tables there are and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.report.database import Database, Missing, Session
from shared.report.definition import Report
from shared.report.table import Table
from shared.store import StoreError

TABLE = """CREATE TABLE IF NOT EXISTS projections (
    name TEXT PRIMARY KEY, projection TEXT NOT NULL, schema_key TEXT NOT NULL, position BIGINT NOT NULL,
    is_live INTEGER NOT NULL, error TEXT)"""
SELECT = "SELECT name, projection, schema_key, position, is_live, error FROM projections"


class Overtaken(Exception):
    """Another worker brought the rows forward first."""


@dataclass(frozen=True, slots=True)
class Position:
    """One table of a report: in which form its rows are, up to where they tell, whether it answers readers."""

    name: str
    report: str
    form: str
    position: int
    live: bool
    trouble: str | None

    @property
    def generation(self) -> int:
        return int(self.name.rpartition("_")[2])

    @property
    def shape(self) -> str:
        return self.form.split("/")[1]


def form_of(report: type[Report], epoch: str) -> str:
    """What rows depend on: the report's version, its columns, and the log's incarnation."""
    return f"{report.version}/{report.shape()}/{epoch}"


class Positions:
    """The table of tables. Where a transaction is given, the change belongs to it."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service

    def all(self) -> list[Position]:
        try:
            return _read(self._database.query(SELECT))
        except Missing as missing:
            raise StoreError(f"there are no read models of {self._service} yet: run migrate first") from missing

    def live(self, report: type[Report]) -> Position | None:
        """The table that answers for a report."""
        found = _read(self._database.query(f"{SELECT} WHERE projection=? AND is_live=1", (report.name,)))
        return found[0] if found else None

    @staticmethod
    def within(session: Session, report: str) -> list[Position]:
        return _read(session.execute(f"{SELECT} WHERE projection=?", (report,)).fetchall())

    def begin(self, session: Session, report: type[Report], form: str) -> None:
        """A new table from zero, beside whatever there is."""
        generation = 1 + max((each.generation for each in self.within(session, report.name)), default=0)
        table = Table(report, f"{report.name}_{generation}")
        table.make(session)
        session.execute("INSERT INTO projections VALUES (?, ?, ?, 0, 0, NULL)", (table.name, report.name, form))

    def exchange(self, table: Table) -> None:
        """From now on this table answers; those it replaces go."""
        with self._database.writing() as session:
            table.index(session)
            known = self.within(session, table.report)
            generation = next(each.generation for each in known if each.name == table.name)
            session.execute("UPDATE projections SET is_live=1 WHERE name=?", (table.name,))
            for each in known:
                if each.generation < generation:
                    session.execute("DELETE FROM projections WHERE name=?", (each.name,))
                    table.drop(session, each.name)

    @staticmethod
    def move(session: Session, names: Sequence[str], after: int, reached: int) -> None:
        """All of them, if they still stand where they stood. Raises Overtaken."""
        marks = ", ".join("?" * len(names))
        statement = f"UPDATE projections SET position=?, error=NULL WHERE position=? AND name IN ({marks})"  # noqa: S608
        if session.execute(statement, (reached, after, *names)).rowcount != len(names):
            raise Overtaken

    def stop(self, name: str, trouble: str) -> None:
        """Say what keeps a table from going on."""
        with self._database.writing() as session:
            session.execute("UPDATE projections SET error=? WHERE name=?", (trouble, name))


def _read(rows: Sequence[tuple[Any, ...]]) -> list[Position]:
    return [Position(name, report, form, at, bool(live), trouble) for name, report, form, at, live, trouble in rows]
