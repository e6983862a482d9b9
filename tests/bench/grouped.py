"""Sums of many rows in groups, by a reader of a projection, against the same sums of a bare table."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from shared.money import Money
from shared.projections import Projection, ReadModels, RowReader
from shared.projections.database import Database
from shared.projections.database_url import open_database
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from tests.bench.measure import Effort, Figure, Goal, scratch
from tests.bench.postgres import run_server

ROWS, REGIONS, DAYS, CHUNK = 400_000, 20, 300, 5_000
FIRST_DAY = date(2026, 1, 1)
SERVICE = "bench"
COLUMNS = "c_region, c_amount_currency, c_amount, c_pieces"
BARE_SUMS = """SELECT c_region, c_amount_currency, count(*), sum(c_amount), sum(c_pieces) FROM bare
    WHERE c_amount_currency='USD' GROUP BY 1, 2 ORDER BY 1, 2"""
GOAL = Goal(3, 1.5, is_maximum=True)


class DifferentSums(Exception):
    """Raised when the sums of the reader differ from those of the bare table."""


class BenchSales(Projection):
    """Sales of a region on a day."""

    columns = {"region": str, "sold_on": date, "currency": str, "amount": Money, "pieces": int}
    indexes = (("sold_on",),)


def measure_grouped_sums(effort: Effort) -> list[Figure]:
    """Measure a grouped sum on SQLite."""
    with scratch() as folder:
        return [_measure("SQLite", f"sqlite:///{folder / 'reports.db'}", folder, effort)]


def measure_grouped_sums_on_postgres(effort: Effort) -> list[Figure]:
    """Measure a grouped sum on PostgreSQL."""
    with run_server() as url, scratch() as folder:
        return [_measure("PostgreSQL", url, folder, effort)]


def _measure(name: str, url: str, folder: Path, effort: Effort) -> Figure:
    rows, store = (
        effort.scale(ROWS),
        SqliteEventStore(SERVICE, folder / "events.db", IntegrityKey(folder / "integrity")),
    )
    store.migrate()
    models, database = ReadModels(SERVICE, store, (BenchSales,), url), open_database(url, SERVICE)
    models.migrate()
    _fill(database, rows)
    reader = models.reader_for(BenchSales)
    _require_equal_sums(reader, database)
    pairs = [
        (_milliseconds(lambda: _sums(reader)), _milliseconds(lambda: database.query(BARE_SUMS)))
        for _ in range(effort.rounds)
    ]
    for each in (models, database, store):
        each.close()
    return _figure(f"grouped sum over {rows:,} rows, {name}", pairs)


def _fill(database: Database, rows: int) -> None:
    """Fill the table of the projection, and a bare one with the columns that are summed."""
    table = BenchSales.row_table(f"{BenchSales.name}_1")
    with database.transaction() as session:
        for start in range(0, rows, CHUNK):
            numbers = range(start, min(start + CHUNK, rows))
            session.insert(table.name, table.columns, [table.encode_row(f"{n:08}", _sale(n), 0) for n in numbers])
        session.execute(f"CREATE TABLE bare AS SELECT {COLUMNS} FROM {table.name}")
        session.execute("ANALYZE")  # a PostgreSQL server does so by itself, within a minute


def _sale(number: int) -> dict[str, Any]:
    return {
        "region": f"R{number * 7 % REGIONS:02}",
        "sold_on": FIRST_DAY + timedelta(number % DAYS),
        "currency": "USD",
        "amount": Money(f"{number % 9973}.50", "USD"),
        "pieces": number % 97,
    }


def _sums(reader: RowReader) -> list[dict[str, Any]]:
    return reader.summarize(("region",), ("amount", "pieces"), {"currency": "USD"})


def _require_equal_sums(reader: RowReader, database: Database) -> None:
    """Require the same sums of both. Raises DifferentSums."""
    ours = [(each["region"], "USD", each["count"], *_numbers(each["sums"])) for each in _sums(reader)]
    limit = [(region, currency, *map(int, numbers)) for region, currency, *numbers in database.query(BARE_SUMS)]
    if ours != limit:
        raise DifferentSums(f"{ours} against {limit}")


def _numbers(sums: dict[str, Any]) -> Iterator[int]:
    yield from (int(Money.sum(sums["amount"]).amount * 1000), sums["pieces"])


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _figure(name: str, pairs: Sequence[tuple[float, float]]) -> Figure:
    """Return how many times as long as the sums of the bare table those of the reader take."""
    ours, limit = (median(each) for each in zip(*pairs, strict=True))
    return Figure(name, f"{ours:.0f} ms", f"{limit:.0f} ms", [mine / bare for mine, bare in pairs], GOAL)
