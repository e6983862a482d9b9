"""Check of the rows of resources in the background: each is compared with its aggregate, a few at a time."""

from collections.abc import Iterator
from math import inf
from time import monotonic
from uuid import UUID

from shared.domain import Aggregate
from shared.event_codec import replay
from shared.projections.definition import ResourceProjection
from shared.projections.read_models import ReadModels
from shared.projections.row_table import Entry, RowTableSql
from shared.store import StoreError
from shared.store.event_store import EventStore


class RowCheck:
    """Compares live rows with the events; finds those that another program changed, added or removed."""

    def __init__(self, store: EventStore, read_models: ReadModels) -> None:
        self._store, self._read_models = store, read_models
        self._sweep = self._rows_of_all()
        self._encoders: dict[type[ResourceProjection], RowTableSql] = {}

    def check_next(self, rows: int, seconds: float = inf) -> list[str]:
        """Compare the next rows, for so long at most, but one; after the last, start at the first.

        Return what differs.
        """
        findings, until = list[str](), monotonic() + seconds
        for _ in range(rows):
            finding = next(self._sweep, None)
            if finding is None:
                self._sweep = self._rows_of_all()
                break
            findings += finding
            if monotonic() >= until:
                break
        return findings

    def _rows_of_all(self) -> Iterator[list[str]]:
        """Yield for each row of each resource what is wrong with it."""
        for projection in self._read_models.projections.values():
            if issubclass(projection, ResourceProjection):
                yield from self._rows_of(projection)

    def _rows_of(self, projection: type[ResourceProjection]) -> Iterator[list[str]]:
        key, page = "", self._read_models.live_page(projection, "")
        while page is not None and page.entries:
            for entry in page.entries:
                yield self._compare(projection, entry, page.position)
                key = str(entry[0])
            page = self._read_models.live_page(projection, key)
        if page is not None:
            yield self._compare_count(projection)

    def _compare(self, projection: type[ResourceProjection], entry: Entry, position: int) -> list[str]:
        key = str(entry[0])
        try:
            aggregate = replay(Aggregate, self._store.events(UUID(key), until_position=position))
        except StoreError:
            return []  # an alarm of its own
        except ValueError:
            aggregate = None
        if aggregate is not None and isinstance(aggregate, projection.aggregate_class):
            since = int(entry[-1]) if projection.has_history else 0
            expected = self._encoder_of(projection).encode_row(key, projection.stored_row(aggregate), since)
            if tuple(entry) == expected:
                return []
        return [f"row {key} of {projection.name} differs from its events"]

    def _encoder_of(self, projection: type[ResourceProjection]) -> RowTableSql:
        """Return what encodes the rows of a projection, whatever the name of their table is."""
        if projection not in self._encoders:
            self._encoders[projection] = projection.row_table("")
        return self._encoders[projection]

    def _compare_count(self, projection: type[ResourceProjection]) -> list[str]:
        counted = self._read_models.live_count(projection)
        if counted is None:
            return []
        rows, position = counted
        expected = self._store.count_aggregates(projection.event_names(), position)
        return [] if rows == expected else [f"{projection.name} has {rows} rows, but {expected} by the events"]
