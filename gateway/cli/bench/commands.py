"""Commands committed with everything that belongs to them, against raw commits of the same bytes."""

import sqlite3
from itertools import count
from pathlib import Path
from uuid import uuid4

from gateway.cli.bench.example import Notes, sqlite_notes
from gateway.cli.bench.measure import Figure, Rate, in_turns, rate, ratio_row, scratch
from shared.service import Caller, Outcome

COMMANDS = 1500
ANSWER = b'{"id":"6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000","version":1}' * 4


def perform(service: Notes, times: int, keys: "count[int]") -> None:
    """So many commands, each with its own key, answer, claim and number."""

    def work() -> Outcome:
        service.write(uuid4())
        return Outcome(201, {"ETag": '"1"'}, ANSWER)

    for _ in range(times):
        service.perform(work, caller=Caller("bench"), key=f"key-{next(keys)}", request="digest")


def bytes_of_a_command(service: Notes) -> int:
    """Event, published payload, metadata and answer of one command."""
    [event] = service.store.log(0, 1)
    [message] = service.store.published(0, 1)
    return len(event.state) + len(message.data) + len(ANSWER) + 300


class RawSqlite:
    """One row of the same bytes a commit, WAL, synchronous=FULL."""

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


def sqlite_commands() -> Figure:
    """A command on SQLite against a raw commit."""
    with scratch() as folder:
        service, keys = sqlite_notes(folder), count()
        perform(service, 50, keys)
        raw = RawSqlite(folder, bytes_of_a_command(service))

        def ours() -> Rate:
            return rate(lambda times: perform(service, times, keys), COMMANDS)

        pairs = in_turns(ours, lambda: rate(raw.commit, COMMANDS))
        service.store.close()
    return ratio_row("command committed, SQLite FULL", pairs, "/s", 0.3, 0.5)
