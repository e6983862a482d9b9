"""The same commands on PostgreSQL: four writers at once, and a follower that must not miss an event."""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import psycopg

from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityKey
from tests.bench.commands import WARM_UP, command_size, run_commands
from tests.bench.example import Notes, migrate, open_notes
from tests.bench.measure import Effort, Figure, Skipped, alternate, measure_rate, ratio_row, scratch
from tests.bench.processes import parent_of

COMMANDS = 1_600
WRITERS = 4
PAGE = 500
POLL_SECONDS = 0.005
TABLE = "CREATE TABLE raw (position bigserial PRIMARY KEY, content bytea)"


class EventMissed(Exception):
    """Raised when a reader that follows the log missed an event."""


def measure_postgres_commands(effort: Effort) -> list[Figure]:
    """Measure four writers against raw commits on four connections."""
    times = effort.scale(COMMANDS)
    with run_server() as url, scratch() as folder:
        service, raw = open_notes(_store(url), folder), psycopg.connect(url, autocommit=True)
        migrate(service)
        run_commands(service, count(), WARM_UP)
        raw.execute(TABLE)
        content, by = b"x" * command_size(service), (os.getpid(), parent_of(raw.info.backend_pid))
        with (
            _writers(partial(_perform, url, folder)) as ours,
            _writers(partial(_commit, url, content)) as limit,
            LogReader(_store(url)) as follower,
        ):
            pairs = alternate(
                lambda: measure_rate(ours, times, by), lambda: measure_rate(limit, times, by), effort.rounds
            )
        if follower.seen != service.store.head():
            raise EventMissed(f"{service.store.head()} events, {follower.seen} seen")
        raw.close()
        service.store.close()
    row = ratio_row(f"command committed, PostgreSQL, {WRITERS} writers", pairs, "/s", 0.1, 0.3)
    row.notes.append(f"a follower saw all {follower.seen:,} events")
    return [row]


class LogReader:
    """Counts the events of a log as it grows."""

    def __init__(self, store: EventStore) -> None:
        self.seen = 0
        self._store = store
        self._position = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> "LogReader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the last event."""
        self._stopped.set()
        self._thread.join()
        self._store.close()

    def _follow(self) -> None:
        while self._read() or not self._stopped.wait(POLL_SECONDS):
            continue

    def _read(self) -> bool:
        page = self._store.log(self._position, PAGE)
        if page:
            self.seen += len(page)
            self._position = page[-1].position
        return bool(page)


@contextmanager
def run_server() -> Iterator[str]:
    """Run a server of the bench. Raises Skipped if the machine has no server or no driver."""
    try:
        import shared.store.postgres  # noqa: F401 (is the driver installed?)
        from shared.testing.postgres import Postgres, PostgresNotFound
    except ImportError as missing:
        raise Skipped(str(missing)) from None
    try:
        server = Postgres(Path(tempfile.gettempdir()))  # on a disk, as in production
    except PostgresNotFound as missing:
        raise Skipped(str(missing)) from None
    try:
        yield server.url()
    finally:
        server.delete()


def _store(url: str) -> EventStore:
    from shared.store.postgres import PostgresEventStore

    return PostgresEventStore(Notes.NAME, url, IntegrityKey(Path(tempfile.gettempdir()) / "sihe-bench.integrity"))


@contextmanager
def _writers(write: Callable[[int], None]) -> Iterator[Callable[[int], None]]:
    """Yield a function that shares the work among processes that are ready."""
    with ProcessPoolExecutor(WRITERS, get_context("spawn")) as processes:

        def share(times: int) -> None:
            for done in [processes.submit(write, times // WRITERS) for _ in range(WRITERS)]:
                done.result()

        share(WARM_UP * WRITERS)
        yield share


def _perform(url: str, folder: Path, times: int) -> None:
    run_commands(*_service(url, folder), times, f"writer {os.getpid()}")


@cache
def _service(url: str, folder: Path) -> tuple[Notes, "count[int]"]:
    return open_notes(_store(url), folder), count()


def _commit(url: str, content: bytes, times: int) -> None:
    database = _database(url)
    for _ in range(times):
        database.execute("INSERT INTO raw (content) VALUES (%s)", (content,))


@cache
def _database(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url, autocommit=True)
