"""A backup of a stopped suite is restored as `docs/operations.md` describes."""

import shutil
from pathlib import Path

from tests.running_suite import RunningSuite


def registered(suite: RunningSuite, *codes: str) -> None:
    with suite.client as client:
        for code in codes:
            customer = {"code": code, "name": code, "currency": "USD"}
            assert client.post("/crm/customers", json=customer, headers={"Idempotency-Key": code}).status_code == 201
    suite.wait_until_idle()


def known(suite: RunningSuite) -> tuple[list[str], int]:
    """Return the customers in CRM, and the number of them that ERP knows."""
    with suite.client as client:
        customers, credit = (client.get(path).json()["data"] for path in ("/crm/customers", "/erp/credit"))
    return sorted(each["code"] for each in customers), len(credit)


def put_back(backup: Path, home: Path) -> None:
    """The whole home, but for what is made again by itself."""
    shutil.rmtree(home)
    shutil.copytree(backup, home)
    shutil.rmtree(home / "nats")
    for made in home.glob("*/reports.db*"):
        made.unlink()


def test_what_was_kept_is_there_again_and_all_services_agree(fresh_suite: RunningSuite, tmp_path: Path) -> None:
    registered(fresh_suite, "KEPT")
    fresh_suite.stop()
    shutil.copytree(fresh_suite.home, tmp_path / "backup", ignore=shutil.ignore_patterns("run"))
    fresh_suite.start()
    registered(fresh_suite, "LOST")
    fresh_suite.stop()
    put_back(tmp_path / "backup", fresh_suite.home)
    fresh_suite.start()
    fresh_suite.wait_until_idle()
    assert known(fresh_suite) == (["KEPT"], 1)
    registered(fresh_suite, "NEW")
    assert known(fresh_suite) == (["KEPT", "NEW"], 2)
