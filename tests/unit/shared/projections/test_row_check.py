"""Rows of resources that another program rewrote are found and named."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.bus.blocking_calls import run_inline
from shared.projections.row_check import RowCheck
from shared.testing.services import catch_up
from shared.worker.row_check_task import RowCheckTask
from tests.unit.shared.web.shop import Notes, Shop, a_note, create_caller, open_shop

pytestmark = pytest.mark.case("X22")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = open_shop(tmp_path)
    caller = create_caller(shop)
    for code in ("N-1", "N-2", "N-3"):
        taken = caller.post("/notes", json=a_note(code=code, name="Ann", email="ann@example.com"))
        caller.patch(f"/notes/{taken.json['id']}", json={"name": "Zoe"}, headers={"If-Match": '"1"'})
    yield catch_up(shop)
    shop.store.close()


def finding(shop: Shop) -> str | None:
    task = RowCheckTask(RowCheck(shop.store, shop.read_models), run_inline)
    for _ in range(3):
        task.step()
    return task.failure


def change(tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(tmp_path / "shop" / "reports.db")) as db, db:
        [table] = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name GLOB 'notes_[0-9]*'")
                   if name.removeprefix("notes_").isdecimal()]  # fmt: skip
        assert db.execute(statement.format(table=table)).rowcount == 1


def test_rows_that_follow_from_their_events_raise_no_alarm(shop: Shop) -> None:
    assert finding(shop) is None
    create_caller(shop).post("/notes", json=a_note(code="N-4"))
    assert finding(shop) is None, "the rows may be behind the log"


CHANGES = {
    "a value shown": "UPDATE {table} SET row=replace(row, 'Zoe', 'Eve') WHERE key=(SELECT min(key) FROM {table})",
    "a value that is filtered by": "UPDATE {table} SET c_code='N-9' WHERE key=(SELECT min(key) FROM {table})",
    "a row removed": "DELETE FROM {table} WHERE key=(SELECT min(key) FROM {table})",
    "the key": "UPDATE {table} SET key='x' WHERE key=(SELECT min(key) FROM {table})",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_a_changed_row_is_named(shop: Shop, tmp_path: Path, statement: str) -> None:
    change(tmp_path, statement)
    found = finding(shop)
    if statement.startswith("DELETE"):
        assert found == "notes has 2 rows, but 3 by the events"
    else:
        assert found is not None
        assert found.endswith(f"of {Notes.name} differs from its events")
