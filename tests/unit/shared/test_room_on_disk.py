"""Almost no room on the disk: nothing is stored any more, and what was stored still reaches the read models."""

import os
from pathlib import Path
from uuid import uuid4

import pytest

from shared.store import Commit, NewEvent, StoreError
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import MIN_FREE_BYTES, SqliteEventStore

pytestmark = pytest.mark.case("X1", "X14")
BLOCK = 4096


@pytest.fixture
def store(tmp_path: Path) -> SqliteEventStore:
    store = SqliteEventStore("shop", tmp_path / "events.db", IntegrityKey(tmp_path / "integrity"))
    store.migrate()
    return store


def leave_free(monkeypatch: pytest.MonkeyPatch, free_bytes: int) -> None:
    """Let every disk have this much room; the flows with a disk that is really full are in tests/faults."""
    parts = [BLOCK, BLOCK, 1_000_000, 0, free_bytes // BLOCK, 1_000, 1_000, 1_000, 0, 255]
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(parts))


def append(store: SqliteEventStore) -> None:
    store.commit(Commit(events=[NewEvent(uuid4(), 1, "shop.Jar.Filled", b"x")]))


def test_nothing_is_stored_with_less_than_a_mebibyte_of_room(
    store: SqliteEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(store)
    leave_free(monkeypatch, MIN_FREE_BYTES - BLOCK)
    with pytest.raises(StoreError, match="less than 1048576 bytes are free for the event store of shop"):
        append(store)
    with pytest.raises(StoreError, match="less than 1048576 bytes are free"):
        store.require_writable()
    assert store.head() == 1


def test_it_is_stored_as_soon_as_there_is_room(store: SqliteEventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_free(monkeypatch, 0)
    with pytest.raises(StoreError):
        append(store)
    leave_free(monkeypatch, MIN_FREE_BYTES)
    append(store)
    store.require_writable()
    assert store.head() == 1
