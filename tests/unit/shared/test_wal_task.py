"""The worker copies the write-ahead log to the database file: a lost log then loses nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock
from uuid import uuid4

import pytest

from shared.bus.blocking_calls import run_inline
from shared.store import Commit, NewEvent
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from shared.worker.wal_task import WalTask

pytestmark = pytest.mark.case("X15")


@pytest.fixture
def store(tmp_path: Path) -> SqliteEventStore:
    store = SqliteEventStore("shop", tmp_path / "events.db", IntegrityKey(tmp_path / "integrity"))
    store.migrate()
    return store


def append(store: SqliteEventStore, events: int, size: int = 10) -> None:
    store.commit(Commit(events=[NewEvent(uuid4(), 1, "shop.Jar.Filled", b"x" * size) for _ in range(events)]))


def events_without_the_log(store: SqliteEventStore, folder: Path) -> int:
    """Return the number of events in a copy of the database file alone."""
    folder.mkdir()
    shutil.copy(store.path, folder / "events.db")
    copy = SqliteEventStore("shop", folder / "events.db", store.integrity_key)
    head = copy.head()
    copy.close()
    return head


def test_what_was_written_is_copied_a_second_later_at_the_latest(store: SqliteEventStore, tmp_path: Path) -> None:
    task = WalTask(store, run_inline)
    for second in range(1, 4):
        append(store, 40)
        task.step()
        assert events_without_the_log(store, tmp_path / str(second)) == 40 * second


def test_a_write_at_the_very_time_of_another_is_copied_too(store: SqliteEventStore, tmp_path: Path) -> None:
    task, log = WalTask(store, run_inline), Path(f"{store.path}-wal")
    append(store, 3)
    task.step()
    written_at = log.stat().st_mtime_ns
    append(store, 4)
    os.utime(log, ns=(written_at, written_at))
    task.step()
    assert events_without_the_log(store, tmp_path / "copy") == 7


def test_a_log_at_rest_is_left_alone(store: SqliteEventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    task, copied = WalTask(store, run_inline), Mock(wraps=store.checkpoint)
    monkeypatch.setattr(store, "checkpoint", copied)
    append(store, 3)
    for _ in range(5):
        task.step()
    assert copied.call_count == 2


def test_a_log_that_a_reader_holds_back_is_copied_once_it_ends(store: SqliteEventStore, tmp_path: Path) -> None:
    task = WalTask(store, run_inline)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM events").fetchone()
        append(store, 6)
        for _ in range(3):
            task.step()
        assert not store.checkpoint()
    task.step()
    assert events_without_the_log(store, tmp_path / "copy") == 6


SQLITE_IS_CONNECTED = 128
"""The byte of the index that each process locks that has it open (WAL_DMS in SQLite's os_unix.c)."""


def test_the_process_keeps_its_locks_so_that_no_other_cuts_off_what_it_has_mapped(store: SqliteEventStore) -> None:
    task = WalTask(store, run_inline)
    append(store, 3)
    for _ in range(3):
        task.step()
    lock = f"lockf(open(argv[1], 'r+b'), LOCK_EX | LOCK_NB, 1, {SQLITE_IS_CONNECTED})"
    code = f"from fcntl import *; from sys import argv; {lock}"
    other = subprocess.run([sys.executable, "-c", code, f"{store.path}-shm"], capture_output=True, check=False)
    assert b"BlockingIOError" in other.stderr


def test_the_log_is_empty_after_a_clean_stop(store: SqliteEventStore, tmp_path: Path) -> None:
    append(store, 5)
    store.checkpoint(is_last=True)
    assert Path(f"{store.path}-wal").stat().st_size == 0
    assert events_without_the_log(store, tmp_path / "copy") == 5


def test_there_is_no_log_before_the_first_commit_of_any_process(store: SqliteEventStore) -> None:
    store.checkpoint(is_last=True)
    store.close()
    assert store.write_ahead_log_written_at == 0
