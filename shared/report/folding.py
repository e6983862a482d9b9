"""Bringing one table of rows forward, event by event."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

import structlog

from shared.domain import Aggregate
from shared.events import apply, decode_event, fold
from shared.report.database import Database
from shared.report.definition import Collection, Report
from shared.report.rows import Rows
from shared.report.table import Table, place
from shared.store import Recorded, Store, StoreError

REMEMBERED_AGGREGATES = 2_000

log = structlog.get_logger()


class Unshowable(Exception):
    """An aggregate has no row."""


class Happened:
    """A stored event, decoded at most once for all reports that read it."""

    __slots__ = ("_event", "recorded")

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self._event: Any = None

    @property
    def event(self) -> Any:
        if self._event is None:
            self._event = decode_event(self.recorded)
        return self._event


class _Fold(Protocol):
    """How events become rows that stand at the position `until`."""

    def take(self, happened: Happened, rows: Rows, until: int) -> None: ...

    def finish(self, rows: Rows) -> None:
        """All events of this part of the log were taken."""

    def forget(self) -> None:
        """What was taken may not have been kept."""


class _ByMethods:
    """A report's own methods."""

    def __init__(self, report: type[Report]) -> None:
        self._report = report()
        self._folds = report.folds()

    def take(self, happened: Happened, rows: Rows, until: int) -> None:
        del until
        for each in self._folds[happened.recorded.type]:
            each(self._report, happened.event, rows)

    def finish(self, rows: Rows) -> None:
        """Every event has done its part."""

    def forget(self) -> None:
        """A report keeps nothing but its rows."""


class _ByAggregates:
    """A row per aggregate, as it stands after the last of its events. Aggregates in use are remembered."""

    def __init__(self, collection: type[Collection], store: Store, remembered: int = REMEMBERED_AGGREGATES) -> None:
        self._collection = collection
        self._store = store
        self._remembered = remembered
        self._kept: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._touched: dict[UUID, Aggregate] = {}

    def take(self, happened: Happened, rows: Rows, until: int) -> None:
        recorded = happened.recorded
        known = self._touched.get(recorded.aggregate) or self._kept.get(recorded.aggregate)
        if known is None and recorded.version > 1:
            known = fold(self._collection.of, self._store.events(recorded.aggregate, until_position=until))
        elif known is None or known.version < recorded.version:
            known = apply(happened.event, known)
        assert known is not None
        self._touched[recorded.aggregate] = known

    def finish(self, rows: Rows) -> None:
        for key, aggregate in self._touched.items():
            self._show(aggregate, rows)
            self._kept[key] = aggregate
            self._kept.move_to_end(key)
        self._touched.clear()
        while len(self._kept) > self._remembered:
            self._kept.popitem(last=False)

    def _show(self, aggregate: Aggregate, rows: Rows) -> None:
        try:
            rows[aggregate.id] = self._collection.row_of(aggregate)
        except Exception as broken:
            raise Unshowable(f"{type(aggregate).__name__} {aggregate.id}: {broken!r}") from broken

    def forget(self) -> None:
        self._kept.clear()
        self._touched.clear()


class Model:
    """One table of one report: where it stands, and what brings it forward."""

    def __init__(self, report: type[Report], table: Table, database: Database, store: Store) -> None:
        self.report = report
        self.table = table
        self.types = frozenset(report.reads())
        self.rows = Rows(database, table)
        self.position = 0
        self.live = False
        self.trouble: str | None = None
        self._fold: _Fold = _ByAggregates(report, store) if issubclass(report, Collection) else _ByMethods(report)

    def standing_at(self, position: int, live: bool) -> "Model":
        """As the database has it: if another worker went on, what is remembered here is outdated."""
        if position != self.position:
            self.forget()
        self.position, self.live = position, live
        return self

    def fold(self, happened: Iterable[Happened], until: int) -> bool:
        """Take these events; whether all went well. If not, `trouble` says what, and nothing is kept."""
        each, types, take = None, self.types, self._fold.take
        try:
            for each in happened:
                if each.recorded.type in types:
                    self.rows.at = place(each.recorded.position)
                    take(each, self.rows, until)
            each = None
            self._fold.finish(self.rows)
        except StoreError:
            raise
        except Exception as broken:
            self._stop(each, broken)
            return False
        return True

    def _stop(self, at: Happened | None, broken: Exception) -> None:
        where = f"{at.recorded.type} at position {at.recorded.position}: " if at else ""
        self.trouble = f"{where}{broken!r}"[:500]
        self.forget()
        log.exception("report_stopped", report=self.report.name, trouble=self.trouble)

    def forget(self) -> None:
        self.rows.forget()
        self._fold.forget()
