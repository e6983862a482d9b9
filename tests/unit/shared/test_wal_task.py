"""The worker copies the write-ahead log to the database file: a lost log then loses nothing."""

import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from shared.bus.blocking_calls import run_inline
from shared.store import Commit, NewEvent
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore
from shared.worker import wal_task
from shared.worker.wal_task import MAX_PAGES, WalTask

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


def test_a_log_of_a_thousand_pages_is_copied_at_once(store: SqliteEventStore, tmp_path: Path) -> None:
    task = WalTask(store, run_inline)
    append(store, 40)
    task.step()
    pages = store.pages_to_checkpoint
    assert 0 < pages < MAX_PAGES
    append(store, 1_200, size=4_000)
    assert store.pages_to_checkpoint >= MAX_PAGES
    task.step()
    assert store.pages_to_checkpoint == 0
    assert events_without_the_log(store, tmp_path / "copy") == 1_240


def test_a_log_that_does_not_grow_is_copied(
    store: SqliteEventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = WalTask(store, run_inline)
    append(store, 3)
    task.step()
    assert store.pages_to_checkpoint > 0
    monkeypatch.setattr(wal_task, "QUIET_SECONDS", 0.0)
    task.step()
    assert store.pages_to_checkpoint == 0
    assert events_without_the_log(store, tmp_path / "copy") == 3


def test_the_log_is_empty_after_a_clean_stop(store: SqliteEventStore, tmp_path: Path) -> None:
    append(store, 5)
    store.checkpoint(is_last=True)
    assert Path(f"{store.path}-wal").stat().st_size == 0
    assert events_without_the_log(store, tmp_path / "copy") == 5


def test_the_number_of_pages_is_none_before_the_first_commit_of_any_process(store: SqliteEventStore) -> None:
    store.checkpoint(is_last=True)
    store.close()
    assert store.pages_to_checkpoint == 0
