"""A firm with two persons, one of whom was erased after the backup."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.backups import sihe
from tests.running_suite import RunningSuite

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


@contextmanager
def backed_up_firm(folder: Path) -> Iterator[Firm]:
    """Yield a firm that was backed up while it ran, then lost a person, and is stopped now."""
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
