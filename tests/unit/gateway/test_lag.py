"""Progress of the workers: the suite is idle only if no work is pending anywhere."""

from copy import deepcopy
from typing import Any

import pytest

from gateway.lag import lag

IDLE: dict[str, Any] = {
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


def idle_except(service: str, **changed: Any) -> dict[str, Any]:
    statuses = deepcopy(IDLE)
    statuses[service] |= changed
    return statuses


def test_the_suite_is_idle_if_all_workers_are_at_their_heads_in_both_samples() -> None:
    assert lag(IDLE, IDLE) == {
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
        idle_except("crm", relayed=7),
        idle_except("crm", reports={"sales_orders": 8}),
        idle_except("crm", timers_due=1),
        idle_except("erp", inbox_positions={"crm": {"epoch": "c1", "position": 7}}),
        idle_except("erp", inbox_positions={"crm": {"epoch": "c0", "position": 8}}),
        idle_except("erp", inbox_positions={"crm": {"epoch": None, "position": 0}}),
    ],
    ids=["relay", "report", "timer", "inbox", "inbox of another epoch", "inbox that received no event"],
)
def test_the_suite_is_not_idle_while_work_is_pending(now: dict[str, Any]) -> None:
    assert lag(now, now)["quiet"] is False


def test_the_suite_is_not_idle_if_a_log_grew_between_the_samples() -> None:
    later = idle_except("crm", head=10, reports={"sales_orders": 10})
    assert lag(IDLE, later)["quiet"] is False
    assert lag(later, later)["quiet"] is True


def test_the_suite_is_not_idle_if_a_store_was_replaced_between_the_samples() -> None:
    erp = IDLE["erp"] | {"inbox_positions": {"crm": {"epoch": "c2", "position": 8}}}
    assert lag(IDLE, idle_except("crm", epoch="c2") | {"erp": erp})["quiet"] is False


def test_a_worker_that_does_not_answer_is_missing_and_the_others_are_shown() -> None:
    result = lag(IDLE, IDLE | {"erp": None})
    assert (result["quiet"], result["missing"]) == (False, ["erp"])
    assert result["services"]["crm"]["reactors"] == {"erp": {"events": None, "seconds": 0.0}}
    assert "erp" not in result["services"]


def test_parked_messages_are_shown_and_do_not_count_as_pending() -> None:
    now = idle_except("erp", parked=3)
    result = lag(now, now)
    assert (result["quiet"], result["services"]["erp"]["parked"]) == (True, 3)


def test_the_alarms_of_a_worker_are_shown() -> None:
    now = idle_except("erp", alarms={"crm": "another incarnation"})
    assert lag(now, now)["services"]["erp"]["alarms"] == {"crm": "another incarnation"}


def test_an_inbox_has_no_pending_events_while_its_source_has_published_none() -> None:
    empty = idle_except("erp", inbox_positions={"crm": {"epoch": None, "position": 0}})
    empty["crm"] |= {"published_head": 0, "relayed": 0}
    assert lag(empty, empty)["quiet"] is True
