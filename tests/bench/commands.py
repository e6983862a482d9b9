"""Complete commands against raw commits of the same bytes."""

import sqlite3
from functools import partial
from itertools import count
from pathlib import Path
from uuid import uuid4

from shared.command_context import Caller
from shared.command_runner import StoredResponse
from tests.bench.example import Notes, open_sqlite_notes
from tests.bench.measure import Effort, Figure, alternate, measure_rate, ratio_row, scratch

COMMANDS = 1_500
WARM_UP = 50
STORED_RESPONSE = b'{"id":"6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000","version":1}' * 4
PER_ROW = 300
"""Approximate bytes of keys, ids, types and times in the columns of one command."""


def run_commands(service: Notes, keys: "count[int]", times: int, caller: str = "bench") -> None:
    """Run commands, each with its own key, response, unique value and number."""

    def work() -> StoredResponse:
        service.notes.write(uuid4())
        return StoredResponse(201, {"ETag": '"1"'}, STORED_RESPONSE)

    for _ in range(times):
        service.runner.execute(work, caller=Caller(caller), key=f"key-{next(keys)}", request_digest="digest")


def command_size(service: Notes) -> int:
    """Return the bytes of event, published payload, metadata and response of one command."""
    [event] = service.store.log(0, 1)
    [message] = service.store.published_events(0, 1)
    return len(event.state) + len(message.data) + len(STORED_RESPONSE) + PER_ROW


class RawSqlite:
    """Commits one row of the same bytes each time, WAL, synchronous=FULL."""

    def __init__(self, folder: Path, size: int) -> None:
        self._db = sqlite3.connect(folder / "raw.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE raw (position INTEGER PRIMARY KEY, content BLOB)")
        self._content = b"x" * size

    def commit(self, times: int) -> None:
        for _ in range(times):
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT INTO raw (content) VALUES (?)", (self._content,))
            self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()


def measure_sqlite_commands(effort: Effort) -> list[Figure]:
    """Measure a command on SQLite against a raw commit."""
    times = effort.scale(COMMANDS)
    with scratch() as folder:
        service, keys = open_sqlite_notes(folder), count()
        run_commands(service, keys, WARM_UP)
        raw = RawSqlite(folder, command_size(service))

        ours = partial(run_commands, service, keys)
        pairs = alternate(lambda: measure_rate(ours, times), lambda: measure_rate(raw.commit, times), effort.rounds)
        raw.close()
        service.store.close()
    return [ratio_row("command committed, SQLite FULL", pairs, "/s", 0.3, 0.5)]
