"""Backups of a small firm: what they consist of, and what a restore to an earlier moment brings back."""

import json
from pathlib import Path

import pytest

from cli.home import PROCESSES
from tests.backups import sihe
from tests.faults.invariants import check_history
from tests.running_suite import RunningSuite
from tests.small_backed_up_firm import ERASED, KEPT, Firm, names_of_contacts, register

pytestmark = pytest.mark.xdist_group("backup of a small firm")


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


def test_a_stopped_suite_is_backed_up_too(firm: Firm, tmp_path: Path) -> None:
    code, printed = sihe(firm.suite.home, "backup", tmp_path / "deep" / "backup")
    assert code == 0, printed
    assert [each.name for each in (tmp_path / "deep").iterdir()] == ["backup"]
    assert list((tmp_path / "deep").rglob("*-wal")) == []


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
    register(suite, "LOST")  # with the Idempotency-Key of the answer that is lost
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
