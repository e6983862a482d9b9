"""A backup of a stopped suite is restored as `docs/operations.md` describes."""

import shutil
from pathlib import Path

from tests.running_suite import RunningSuite


def register(suite: RunningSuite, *codes: str) -> None:
    with suite.client as client:
        for code in codes:
            customer = {"code": code, "name": code, "currency": "USD"}
            assert client.post("/crm/customers", json=customer, headers={"Idempotency-Key": code}).status_code == 201
    suite.wait_until_idle()


def known_customers(suite: RunningSuite) -> tuple[list[str], int]:
    """Return the customers in CRM, and the number of customers in ERP."""
    with suite.client as client:
        customers, credit = (client.get(path).json()["data"] for path in ("/crm/customers", "/erp/credit"))
    return sorted(each["code"] for each in customers), len(credit)


def restore(backup: Path, home: Path) -> None:
    """Restore the whole home without the files that the suite creates again."""
    shutil.rmtree(home)
    shutil.copytree(backup, home)
    shutil.rmtree(home / "nats")
    for file in home.glob("*/reports.db*"):
        file.unlink()


def test_the_state_of_the_backup_is_restored_and_all_services_agree(fresh_suite: RunningSuite, tmp_path: Path) -> None:
    register(fresh_suite, "KEPT")
    fresh_suite.stop()
    shutil.copytree(fresh_suite.home, tmp_path / "backup", ignore=shutil.ignore_patterns("run"))
    fresh_suite.start()
    register(fresh_suite, "LOST")
    fresh_suite.stop()
    restore(tmp_path / "backup", fresh_suite.home)
    fresh_suite.start()
    fresh_suite.wait_until_idle()
    assert known_customers(fresh_suite) == (["KEPT"], 1)
    register(fresh_suite, "NEW")
    assert known_customers(fresh_suite) == (["KEPT", "NEW"], 2)
