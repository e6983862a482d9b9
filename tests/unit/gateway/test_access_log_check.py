"""The length of the access log is stated in the log of the keys: a record cut off or changed raises an alarm."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

pytestmark = pytest.mark.case("X13")


def read_customers(gateway: Any, times: int) -> None:
    gateway.services["crm"].responses |= {"/customers": {"data": []}}
    for _ in range(times):
        assert gateway.client.get("/api/v1/crm/customers").status_code == 200


def check(gateway: Any, *, is_last: bool = False) -> dict[str, str]:
    """Run the standing check once; return the alarms."""
    gateway.app.extensions["gateway"].log_check._access_log.check(is_last=is_last)
    found: dict[str, str] = gateway.client.get("/api/v1/ops/lag").json["gateway"]["alarms"]
    return found


def stated(gateway: Any) -> int:
    newest = gateway.app.extensions["gateway"].access.access_log_lengths.newest()
    return newest.records if newest else 0


def change(gateway: Any, statement: str) -> None:
    with closing(sqlite3.connect(gateway.home / "gateway" / "readings.db")) as db, db:
        assert db.execute(statement).rowcount > 0


def test_an_access_log_without_records_is_not_stated(open_gateway: Any) -> None:
    gateway = open_gateway()
    assert check(gateway) == {}
    assert stated(gateway) == 0


def test_its_length_is_stated_at_first_and_when_the_gateway_stops(open_gateway: Any) -> None:
    gateway = open_gateway()
    read_customers(gateway, 2)
    assert (check(gateway), stated(gateway)) == ({}, 2)
    read_customers(gateway, 1)
    assert (check(gateway), stated(gateway)) == ({}, 2), "once an hour is enough"
    assert (check(gateway, is_last=True), stated(gateway)) == ({}, 3)


def test_its_length_is_stated_when_it_has_grown_by_many_records(
    open_gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.access_log_check.STATE_RECORDS", 3)
    gateway = open_gateway()
    read_customers(gateway, 1)
    check(gateway)
    read_customers(gateway, 2)
    check(gateway)
    assert stated(gateway) == 1
    read_customers(gateway, 1)
    check(gateway)
    assert stated(gateway) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM access_log WHERE position=(SELECT max(position) FROM access_log)",
        "DELETE FROM access_log",
        "UPDATE access_log SET chain_hash=X'00' WHERE position=3",
    ],
    ids=["the last record", "all records", "the last hash"],
)
def test_what_is_cut_off_or_changed_raises_an_alarm_that_stays_after_a_restart(
    open_gateway: Any, statement: str
) -> None:
    gateway = open_gateway()
    read_customers(gateway, 3)
    check(gateway, is_last=True)
    change(gateway, statement)
    assert "no longer has the 3 records" in check(gateway)["access log"]
    again = open_gateway(home=gateway.home)
    read_customers(again, 2)
    assert "no longer has the 3 records" in check(again, is_last=True)["access log"]
    assert stated(again) == 3


def test_keys_are_valid_although_the_log_of_the_keys_states_lengths_too(open_gateway: Any) -> None:
    gateway = open_gateway()
    read_customers(gateway, 1)
    check(gateway)
    bob = gateway.create_key("representative", name="bob")
    assert gateway.client.with_key(bob.key).get("/api/v1/access/keys").status_code == 403
    again = open_gateway(home=gateway.home)
    assert [each["name"] for each in again.client.get("/api/v1/access/keys").json["data"]] == ["bob"]
