"""Quiet is said only when nothing anywhere can still happen by itself."""

from copy import deepcopy
from typing import Any

import pytest

from gateway.lag import lag

QUIET: dict[str, Any] = {
    "crm": {
        "service": "crm", "epoch": "c1", "head": 9, "chained": 9, "published_head": 8, "relayed": 8,
        "inbox_positions": {"erp": {"epoch": "e1", "position": 5}}, "reports": {"sales_orders": 9},
        "parked": 0, "timers_due": 0, "behind_since": {},
    },
    "erp": {
        "service": "erp", "epoch": "e1", "head": 6, "chained": 4, "published_head": 5, "relayed": 5,
        "inbox_positions": {"crm": {"epoch": "c1", "position": 8}}, "reports": {"invoices": 6, "journal": 6},
        "parked": 0, "timers_due": 0, "behind_since": {},
    },
}  # fmt: skip


def but(service: str, **changed: Any) -> dict[str, Any]:
    statuses = deepcopy(QUIET)
    statuses[service] |= changed
    return statuses


def test_all_at_their_heads_twice_is_quiet() -> None:
    assert lag(QUIET, QUIET) == {
        "idle": True,
        "quiet": True,
        "missing": [],
        "services": {
            "crm": {
                "relay": {"events": 0, "seconds": 0.0},
                "reactors": {"erp": {"events": 0, "seconds": 0.0}},
                "reports": {"sales_orders": {"events": 0, "seconds": 0.0}},
                "chain": {"events": 0, "seconds": 0.0},
                "parked": 0,
                "timers_due": 0,
                "alarms": {},
            },
            "erp": {
                "relay": {"events": 0, "seconds": 0.0},
                "reactors": {"crm": {"events": 0, "seconds": 0.0}},
                "reports": {"invoices": {"events": 0, "seconds": 0.0}, "journal": {"events": 0, "seconds": 0.0}},
                "chain": {"events": 2, "seconds": 0.0},
                "parked": 0,
                "timers_due": 0,
                "alarms": {},
            },
        },
    }


@pytest.mark.parametrize(
    "now",
    [
        but("crm", relayed=7),
        but("crm", reports={"sales_orders": 8}),
        but("crm", timers_due=1),
        but("erp", inbox_positions={"crm": {"epoch": "c1", "position": 7}}),
        but("erp", inbox_positions={"crm": {"epoch": "c0", "position": 8}}),
        but("erp", inbox_positions={"crm": {"epoch": None, "position": 0}}),
    ],
    ids=["relay", "report", "timer", "reactor", "another incarnation", "never heard"],
)
def test_anything_behind_is_not_quiet(now: dict[str, Any]) -> None:
    assert lag(now, now)["quiet"] is False


def test_a_log_that_grew_between_the_looks_is_not_quiet() -> None:
    later = but("crm", head=10, reports={"sales_orders": 10})
    assert lag(QUIET, later)["quiet"] is False
    assert lag(later, later)["quiet"] is True


def test_a_store_that_was_replaced_between_the_looks_is_not_quiet() -> None:
    erp = QUIET["erp"] | {"inbox_positions": {"crm": {"epoch": "c2", "position": 8}}}
    assert lag(QUIET, but("crm", epoch="c2") | {"erp": erp})["quiet"] is False


def test_a_silent_worker_is_named_and_the_others_are_shown() -> None:
    answer = lag(QUIET, QUIET | {"erp": None})
    assert (answer["quiet"], answer["missing"]) == (False, ["erp"])
    assert answer["services"]["crm"]["reactors"] == {"erp": {"events": None, "seconds": 0.0}}
    assert "erp" not in answer["services"]


def test_parked_messages_are_shown_and_do_not_keep_the_suite_busy() -> None:
    now = but("erp", parked=3)
    answer = lag(now, now)
    assert (answer["quiet"], answer["services"]["erp"]["parked"]) == (True, 3)


def test_what_a_worker_refuses_is_shown() -> None:
    now = but("erp", alarms={"crm": "another incarnation"})
    assert lag(now, now)["services"]["erp"]["alarms"] == {"crm": "another incarnation"}


def test_nothing_to_hear_is_heard() -> None:
    empty = but("erp", inbox_positions={"crm": {"epoch": None, "position": 0}})
    empty["crm"] |= {"published_head": 0, "relayed": 0}
    assert lag(empty, empty)["quiet"] is True
