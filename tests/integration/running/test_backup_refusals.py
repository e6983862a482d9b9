"""Backups that are not taken, and backups that are not restored: the reason is stated, and nothing is changed."""

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cli.backups.layout import Layout
from cli.backups.snapshots import Snapshots
from tests.backups import sihe
from tests.small_backed_up_firm import Firm

pytestmark = pytest.mark.xdist_group("backup of a small firm")


def test_a_folder_that_is_not_empty_is_not_written_to(firm: Firm) -> None:
    code, printed = sihe(firm.suite.home, "backup", firm.backup)
    stated = f"Error: No backup was written: {firm.backup} exists and is not empty: choose another folder."
    assert (code, printed) == (1, stated)


def test_a_home_that_is_not_empty_is_not_restored_to(firm: Firm) -> None:
    before = sorted(firm.suite.home.rglob("*"))
    code, printed = sihe(firm.suite.home, "restore", firm.backup)
    assert code == 1
    assert f"{firm.suite.home} is not empty: add --replace to set it aside" in printed
    assert sorted(firm.suite.home.rglob("*")) == before


@pytest.mark.parametrize("name", ["crm/events.db", "secrets/keys/scm.integrity", "erp/chain.db", "gateway/readings.db"])
def test_a_changed_file_of_a_backup_is_named_and_nothing_is_restored(firm: Firm, tmp_path: Path, name: str) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(firm.backup, changed)
    content = bytearray((changed / name).read_bytes())
    content[-1] ^= 1
    (changed / name).write_bytes(content)
    code, printed = sihe(tmp_path / "home", "restore", changed)
    assert (code, printed.startswith(f"Error: Nothing was restored: {changed / name} is not what was backed up")) == (
        1,
        True,
    )
    assert [each.name for each in tmp_path.iterdir()] == ["changed"]


def test_a_backup_without_one_of_its_files_is_refused(firm: Firm, tmp_path: Path) -> None:
    shutil.copytree(firm.backup, tmp_path / "part")
    missing = tmp_path / "part" / "secrets" / "crm" / "keys.db"
    missing.unlink()
    code, printed = sihe(tmp_path / "home", "restore", tmp_path / "part")
    assert (code, printed) == (1, f"Error: Nothing was restored: {missing} is missing: the backup is not complete.")


def test_an_event_forged_in_a_home_prevents_a_backup_and_is_named(firm: Firm, tmp_path: Path) -> None:
    shutil.copytree(firm.suite.home, tmp_path / "home")
    with closing(sqlite3.connect(tmp_path / "home" / "crm" / "events.db")) as db, db:
        db.execute("UPDATE events SET state=CAST(replace(CAST(state AS TEXT), 'ATLAS', 'ATLES') AS BLOB)")
    code, printed = sihe(tmp_path / "home", "backup", tmp_path / "backup")
    assert (code, "of crm was changed after it was chained" in printed) == (1, True), printed
    assert [each.name for each in tmp_path.iterdir()] == ["home"]


def cut_last_message(home: Path) -> int:
    """Remove the newest published event of CRM, which others have consumed, and what follows; return its position."""
    with closing(sqlite3.connect(home / "crm" / "events.db")) as db, db:
        [(newest,)] = db.execute("SELECT max(position) FROM outbox").fetchall()
        for table in ("events", "outbox"):
            db.execute(f"DELETE FROM {table} WHERE position>=?", (newest,))
    return int(newest)


def test_event_stores_of_different_moments_are_not_backed_up(firm: Firm, tmp_path: Path) -> None:
    shutil.copytree(firm.suite.home, tmp_path / "home")
    newest = cut_last_message(tmp_path / "home")
    code, printed = sihe(tmp_path / "home", "backup", tmp_path / "backup")
    assert code == 1
    assert printed.startswith("Error: No backup was written: The event stores do not fit together: ")
    assert f"has consumed crm up to {newest}, which ends with {newest - 1}." in printed


class OpenedInBetween(Snapshots):
    """Transactions of which that on CRM begins the first time before the newest event, the others after it."""

    attempts = 0
    whole_home: Path

    def _begin(self) -> None:
        self.attempts += 1
        if self.attempts == 2:
            restore_events(self.whole_home, self._home.folder)
        super()._begin()


def restore_events(whole: Path, home: Path) -> None:
    """Add the events of CRM that a home lacks."""
    with closing(sqlite3.connect(home / "crm" / "events.db", isolation_level=None, timeout=30)) as db:
        db.execute("ATTACH ? AS whole", (str(whole / "crm" / "events.db"),))
        for table in ("events", "outbox"):
            db.execute(f"INSERT INTO {table} SELECT * FROM whole.{table} EXCEPT SELECT * FROM {table}")


def test_transactions_that_do_not_fit_together_are_opened_again(firm: Firm, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(firm.suite.home, home)
    newest = cut_last_message(home)
    with closing(OpenedInBetween(Layout.of_home(home))) as snapshots:
        snapshots.whole_home = firm.suite.home
        snapshots.open()
        assert snapshots.attempts == 2
        assert snapshots.states["crm"].head >= newest


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Yield a file system of its own of so many bytes."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "sihe-test", folder]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize(("more", "stated"), [(-65_536, "free space, or choose"), (16_384, "full|space")])
def test_a_disk_without_room_for_the_backup_is_stated(firm: Firm, tmp_path: Path, more: int, stated: str) -> None:
    needed = sum(each.stat().st_size for each in firm.suite.home.glob("*/*.db") if each.name != "reports.db")
    with small_disk(tmp_path / "disk", needed + more) as disk:
        code, printed = sihe(firm.suite.home, "backup", disk / "backup")
        assert code == 1
        assert printed.startswith("Error: No backup was written: ")
        assert re.search(stated, printed), printed
        assert list(disk.iterdir()) == []


def test_a_home_on_postgresql_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "home" / "crm").mkdir(parents=True)
    (tmp_path / "home" / "crm" / "store.json").write_text('{"kind":"PostgreSQL","epoch":"0123456789abcdef"}')
    code, printed = sihe(tmp_path / "home", "backup", tmp_path / "backup")
    assert code == 1
    assert "save the database with pg_dump, and copy the home folder (docs/operations.md, PostgreSQL)." in printed


def test_a_folder_that_is_no_home_is_refused(tmp_path: Path) -> None:
    code, printed = sihe(tmp_path, "backup", tmp_path / "backup")
    stated = f"{tmp_path} is not the home of a suite: set SIHE_HOME to the folder with its data."
    assert (code, printed) == (1, f"Error: No backup was written: {stated}")


def test_a_folder_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    code, printed = sihe(tmp_path / "home", "restore", tmp_path)
    stated = f"{tmp_path} is no complete backup: it has no backup.json."
    assert (code, printed) == (1, f"Error: Nothing was restored: {stated}")
