"""Backups of a firm with two persons: what is refused, and what a restore to an earlier moment brings back."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.home import PROCESSES
from tests.backups import sihe
from tests.faults.invariants import check_history
from tests.running_suite import RunningSuite

pytestmark = pytest.mark.xdist_group("backup of a small firm")

ERASED, KEPT = "Wilhelmina Quastenflosser", "Bodo Kept"


@dataclass
class Firm:
    """A stopped suite, a backup of it, and its customer, one of whose contacts was erased after the backup."""

    suite: RunningSuite
    backup: Path
    customer: str


def post(suite: RunningSuite, path: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    with suite.client as client:
        answer = client.post(path, json=body or {}, headers={"Idempotency-Key": key})
        assert answer.status_code < 300, answer.text
        answered: dict[str, Any] = answer.json()
    return answered


def names_of_contacts(suite: RunningSuite, customer: str) -> set[str | None]:
    with suite.client as client:
        return {each["name"] for each in client.get(f"/crm/customers/{customer}").json()["contacts"]}


def register(suite: RunningSuite, code: str, *persons: str) -> dict[str, Any]:
    contacts = [{"name": each} for each in persons]
    return post(suite, "/crm/customers", code, {"code": code, "name": code, "currency": "USD", "contacts": contacts})


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("firm")
    suite, backup = RunningSuite(folder / "home"), folder / "backup"
    with suite:
        customer = register(suite, "ATLAS", ERASED, KEPT)
        suite.wait_until_idle()
        code, printed = sihe(suite.home, "backup", backup)
        assert code == 0, printed
        [contact] = [each["id"] for each in customer["contacts"] if each["name"] == ERASED]
        post(suite, f"/crm/customers/{customer['id']}/contacts/{contact}/erase", "erase")
        register(suite, "LOST")
        suite.wait_until_idle()
        code, printed = sihe(suite.home, "restore", backup, "--replace")
        assert (code, "A suite runs on" in printed) == (1, True)
    yield Firm(suite, backup, customer["id"])
    suite.stop()


def test_all_keys_are_in_a_folder_of_their_own_for_the_owner_only(firm: Firm) -> None:
    manifest = json.loads((firm.backup / "backup.json").read_text())
    secret = {each.relative_to(firm.backup / "secrets").as_posix() for each in firm.backup.rglob("secrets/**/*.*")}
    assert {f"{each}/keys.db" for each in PROCESSES} < secret
    assert {f"keys/{each}.integrity" for each in PROCESSES} < secret
    open_to_others = [each for each in firm.backup.rglob("*") if each.stat().st_mode & 0o077]
    assert open_to_others == []
    assert {each["name"] for each in manifest["files"]} - secret == {
        *(f"{each}/{name}" for each in PROCESSES for name in ("events.db", "chain.db", "store.json")),
        "gateway/readings.db",
    }


def test_the_doctor_states_the_age_of_the_backup(firm: Firm) -> None:
    assert "the newest backup is 0.0 hours old" in sihe(firm.suite.home, "doctor")[1]


def test_a_folder_that_is_not_empty_is_not_written_to(firm: Firm) -> None:
    code, printed = sihe(firm.suite.home, "backup", firm.backup)
    stated = f"Error: No backup was written: {firm.backup} exists and is not empty: choose another folder."
    assert (code, printed) == (1, stated)


def test_a_stopped_suite_is_backed_up_too(firm: Firm, tmp_path: Path) -> None:
    code, printed = sihe(firm.suite.home, "backup", tmp_path / "deep" / "backup")
    assert code == 0, printed
    assert [each.name for each in (tmp_path / "deep").iterdir()] == ["backup"]
    assert list((tmp_path / "deep").rglob("*-wal")) == []


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


def test_a_disk_without_room_for_the_backup_is_stated(firm: Firm, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "sihe-test", disk]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        code, printed = sihe(firm.suite.home, "backup", disk / "backup")
        assert (code, "free space, or choose another folder." in printed) == (1, True), printed
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


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


def test_a_suite_set_back_goes_on_without_alarm_and_erased_persons_stay_erased(firm: Firm) -> None:
    suite = firm.suite
    code, printed = sihe(suite.home, "restore", firm.backup, "--replace")
    assert code == 0, printed
    assert "1 persons or firms erased after the backup are erased here, too" in printed
    [former] = suite.home.parent.glob("home.before-restore-*")
    assert (former / "crm" / "events.db").is_file()
    suite.start()
    suite.wait_until_idle()
    assert names_of_contacts(suite, firm.customer) == {None, KEPT}
    with suite.client as client:
        assert [each["code"] for each in client.get("/crm/customers").json()["data"]] == ["ATLAS"]
    register(suite, "NEW")
    suite.wait_until_idle()
    check_history(suite)
    with suite.client as client:
        assert len(client.get("/erp/credit").json()["data"]) == 2
    suite.stop()


def test_without_the_home_of_before_erased_persons_come_back_and_the_command_states_it(
    firm: Firm, tmp_path: Path
) -> None:
    restored = RunningSuite(tmp_path / "home")
    code, printed = sihe(restored.home, "restore", firm.backup)
    assert code == 0, printed
    assert "can be read again: erase them again (POST crm/customers/{id}/erase" in printed
    with restored:
        restored.wait_until_idle()
        assert names_of_contacts(restored, firm.customer) == {ERASED, KEPT}
