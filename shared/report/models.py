"""All read models of one service: made by `migrate`, brought forward by the worker, read by the API."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path

from shared.report.comparison import Comparison, compared
from shared.report.database import Database, Missing, open_database
from shared.report.definition import Report
from shared.report.folding import Happened, Model
from shared.report.positions import TABLE, Overtaken, Position, Positions, form_of
from shared.report.reader import Reader, Serving
from shared.report.table import Table
from shared.store import Store, StoreError

BATCH = 500
SHORTEST_WAIT, LONGEST_WAIT = 0.0003, 0.005

Progress = Callable[[str, int, int], None]
"""Told a report's name, the position its rows have reached and the one they are to reach."""


def nobody(report: str, position: int, of: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a report is; `building` is the position of rows being built beside those that answer."""

    position: int
    building: int | None = None
    trouble: str | None = None


class ReadModels:
    """The reports of one service in a database of their own; all of it can be built again from the log."""

    def __init__(
        self, service: str, store: Store, reports: Sequence[type[Report]], database: str | Path | Database
    ) -> None:
        self.service = service
        self.reports: Mapping[str, type[Report]] = {report.name: report for report in reports}
        if len(self.reports) < len(reports):
            raise TypeError(f"two reports of {service} have the same name")
        self._store = store
        self._database = database if isinstance(database, Database) else open_database(database, service)
        self._positions = Positions(self._database, service)
        self._models: dict[str, Model] = {}
        self._stopped: set[str] = set()
        self._folding = threading.Lock()
        self._serving: dict[str, Serving] = {}
        self._reached: dict[str, int] = {}
        self.on_wanted: Callable[[], None] = lambda: None

    def close(self) -> None:
        self._database.close()

    # -- being prepared

    def migrate(self) -> None:
        """Make the tables that are missing; those of a report that changed are built beside the old ones."""
        self._database.prepare()
        with self._database.writing() as session:
            session.execute(TABLE)
            for report in self.reports.values():
                form = self._form(report)
                if form not in {each.form for each in self._positions.within(session, report.name)}:
                    self._positions.begin(session, report, form)
        self._exchange(self._standing(), self._store.head())

    def check(self) -> None:
        """Raises StoreError unless `migrate` has made the tables of this version of the code."""
        known = {(each.report, each.form) for each in self._positions.all()}
        for report in self.reports.values():
            if (report.name, self._form(report)) not in known:
                raise StoreError(f"the read model {report.name} of {self.service} is not prepared: run migrate first")

    def _form(self, report: type[Report]) -> str:
        return form_of(report, self._store.epoch)

    # -- being brought forward

    def advance(self, limit: int = BATCH, progress: Progress = nobody) -> bool:
        """Fold the next part of the log into all reports; whether more of it is waiting.

        A report whose method raises stops, is shown as such in `status`, and is tried again by
        the next process; the others go on.
        """
        with self._folding:
            head = self._store.head()
            try:
                going = self._step(head, limit, progress)
            except Overtaken:
                return True
            self._exchange(going, head)
        return any(model.position < head for model in going)

    def build(self, until: int, progress: Progress = nobody) -> None:
        """Fold all reports up to a position and not beyond."""
        while any(model.position < until for model in self._step(until, BATCH, progress)):
            pass

    def _step(self, until: int, limit: int, progress: Progress) -> list[Model]:
        """One part of the log for every report that goes; those in front first, so that the others can join them."""
        going = [model for model in self._standing() if model.table.name not in self._stopped]
        reached = until
        for position in sorted({model.position for model in going if model.position < until}, reverse=True):
            together = [model for model in going if model.position == position]
            reached = self._fold(together, reached, limit)
            for model in together:
                progress(model.report.name, model.position, until)
        return [model for model in going if not model.trouble]

    def _fold(self, models: list[Model], until: int, limit: int) -> int:
        """Bring models that stand at one position forward together, reading the log once; where they stand then."""
        after = models[0].position
        types = sorted(frozenset[str]().union(*(model.types for model in models)))
        recorded = self._store.log(after, limit, types, until) if types else []
        reached = recorded[-1].position if len(recorded) == limit else until
        happened = [Happened(each) for each in recorded]
        sound = [model for model in models if model.fold(happened, reached)]
        try:
            self._keep(sound, after, reached)
        except BaseException:
            for model in sound:
                model.forget()
            raise
        self._stop([model for model in models if model.trouble])
        return reached

    def _keep(self, models: list[Model], after: int, reached: int) -> None:
        """Rows and position in one transaction. Raises Overtaken."""
        if not models:
            return
        with self._database.writing() as session:
            self._positions.move(session, [model.table.name for model in models], after, reached)
            for model in models:
                model.rows.write(session)
        for model in models:
            model.position = reached
            model.rows.written()

    def _stop(self, models: list[Model]) -> None:
        for model in models:
            self._stopped.add(model.table.name)
            self._positions.stop(model.table.name, model.trouble or "")

    def _exchange(self, models: list[Model], head: int) -> None:
        """Let those answer that have been built."""
        for model in models:
            if not model.live and model.position >= head:
                self._positions.exchange(model.table)

    def _standing(self) -> list[Model]:
        """The tables of this version of the code, as the database has them."""
        found = []
        for each in self._positions.all():
            report = self.reports.get(each.report)
            if report is not None and each.form == self._form(report):
                found.append(self._model(report, each).standing_at(each.position, each.live))
        self._models = {model.table.name: model for model in found}
        return found

    def _model(self, report: type[Report], each: Position) -> Model:
        known = self._models.get(each.name)
        return known or Model(report, Table(report, each.name), self._database, self._store)

    # -- being read

    def rows_of(self, report: type[Report]) -> Reader:
        """Asks the report's rows, as far as they are."""
        return Reader(report, self._database, self._table_of)

    def _table_of(self, report: type[Report], again: bool) -> Serving:
        serving = self._serving.get(report.name)
        if serving is None or again:
            live = self._positions.live(report)
            if live is None:
                raise Missing(f"the read model {report.name} of {self.service} is not built yet")
            serving = self._serving[report.name] = Serving(live.name, live.shape == report.shape())
        return serving

    def position(self, report: type[Report]) -> int:
        """Up to where in the log the report's rows tell; 0 while it is built for the first time."""
        live = self._positions.live(report)
        return live.position if live else 0

    def positions(self) -> dict[str, int]:
        """The position of every report."""
        return {name: standing.position for name, standing in self.status().items()}

    def status(self) -> dict[str, Standing]:
        """How far every report is, whether it is being built anew, and what stopped it if something did."""
        found = dict.fromkeys(self.reports, Standing(0))
        for each in self._positions.all():
            report = self.reports.get(each.report)
            if report and (each.live or each.form == self._form(report)):
                at = {"position" if each.live else "building": each.position}
                before = found[each.report]
                found[each.report] = changed(before, **at, trouble=each.trouble or before.trouble)
        return found

    def wait_for(self, report: type[Report], position: int, timeout: float = 2.0) -> bool:
        """Whether the report's rows tell of this position within `timeout` seconds."""
        if self._reached.get(report.name, 0) >= position:
            return True
        deadline = time.monotonic() + timeout
        pause = 0.0
        while (reached := self.position(report)) < position:
            if time.monotonic() >= deadline:
                return False
            if not pause:
                self.on_wanted()
            pause = min(max(pause * 1.5, SHORTEST_WAIT), LONGEST_WAIT)
            time.sleep(pause)
        self._reached[report.name] = reached
        return True

    # -- being checked

    @contextmanager
    def replayed(self) -> Iterator["ReadModels"]:
        """The same reports, to be folded from zero in a database that is thrown away: `fold(until)`."""
        with self._database.scratch() as scratch:
            beside = ReadModels(self.service, self._store, tuple(self.reports.values()), scratch)
            beside.migrate()
            yield beside

    def fold(self, until: int) -> None:
        """Bring all reports up to a position and not beyond, and let them answer."""
        self.build(until)
        self._exchange(self._standing(), until)

    def rebuild(self, progress: Progress = nobody, replace: bool = False) -> dict[str, Comparison]:
        """Fold every report from zero, beside the live rows, and compare the two row by row.

        With `replace`, a report whose rows differ is built anew and exchanged.
        """
        reports = tuple(self.reports.values())
        with self._database.scratch() as scratch:
            beside = ReadModels(self.service, self._store, reports, scratch)
            beside.migrate()
            beside.build(min(self.positions().values(), default=0), progress)
            found = {report.name: self._compare(report, scratch, progress) for report in reports}
        if replace:
            self._replace([report for report in reports if not found[report.name].same], progress)
        return found

    def _compare(self, report: type[Report], scratch: Database, progress: Progress) -> Comparison:
        """Held still at one moment while the rows beside are brought to that moment's position."""
        with self._database.snapshot() as still:
            live = next((each for each in self._positions.within(still, report.name) if each.live), None)
            if live is None or live.form != self._form(report):
                raise StoreError(f"the read model {report.name} of {self.service} is being built")
            beside = ReadModels(self.service, self._store, (report,), scratch)
            beside.build(live.position, progress)
            (anew,) = beside._standing()
            known = Table(report, live.name)
            with scratch.snapshot() as other:
                rows = known.everything(still), anew.table.everything(other)
                past = known.everything_past(still), anew.table.everything_past(other)
                comparison = compared(anew.table, live.position, *rows)
                comparison.add(compared(anew.table, live.position, *past))
        comparison.trouble = anew.trouble
        return comparison

    def _replace(self, reports: Sequence[type[Report]], progress: Progress) -> None:
        with self._database.writing() as session:
            for report in reports:
                self._positions.begin(session, report, self._form(report))
        while self.advance(progress=progress):
            pass
