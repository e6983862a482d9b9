"""Correlation tree: an order and all events that followed from it, of all services, form one tree."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from gateway.compose.correlation_tree import build_tree

CORRELATION = str(UUID(int=7))


def create_event(id: str, causation: str, recorded_at: str, follows: str | None = None) -> dict[str, Any]:
    return {
        "position": int(id.rpartition("-")[2]), "id": id, "type": "any.Aggregate.Happened", "aggregate": str(uuid4()),
        "aggregate_type": "any.Aggregate", "version": 1, "recorded_at": recorded_at, "effective_on": "1996-07-04",
        "actor": "anna", "correlation": CORRELATION, "causation": causation, "follows": follows, "data": {},
    }  # fmt: skip


PLACED = create_event("crm:aa-2", "command:place", "2026-01-01T00:00:02Z", follows="crm:aa-1")
DRAFTED = create_event("crm:aa-1", "command:draft", "2026-01-01T00:00:01Z")
APPROVED = create_event("erp:bb-9", "crm:aa-2", "2026-01-01T00:00:03Z")
RESERVED = create_event("scm:cc-4", "erp:bb-9", "2026-01-01T00:00:04Z")
SHIPMENT = create_event("scm:cc-5", "erp:bb-9", "2026-01-01T00:00:04Z")
SENT = create_event("scm:cc-6", "command:dispatch", "2026-01-01T00:00:09Z", follows="scm:cc-5")


def all_events(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in node["children"]:
        yield from [child] if "type" in child else []
        yield from all_events(child)


def shape(node: dict[str, Any]) -> Any:
    return {node["id"]: [shape(child) for child in node["children"]]}


def test_an_event_is_a_child_of_its_cause_and_a_command_of_the_event_it_follows() -> None:
    tree = build_tree(CORRELATION, {"crm": [DRAFTED, PLACED], "erp": [APPROVED], "scm": [RESERVED, SHIPMENT, SENT]})
    assert tree["events"] == 6
    assert shape(tree) == {
        f"correlation:{CORRELATION}": [
            {"command:draft": [
                {"crm:aa-1": [
                    {"command:place": [
                        {"crm:aa-2": [
                            {"erp:bb-9": [
                                {"scm:cc-4": []},
                                {"scm:cc-5": [{"command:dispatch": [{"scm:cc-6": []}]}]},
                            ]},
                        ]},
                    ]},
                ]},
            ]},
        ]
    }  # fmt: skip


def test_two_events_of_one_command_are_its_children() -> None:
    line = create_event("crm:aa-2", "command:draft", "2026-01-01T00:00:01Z")
    tree = build_tree(CORRELATION, {"crm": [DRAFTED, line]})
    assert shape(tree) == {f"correlation:{CORRELATION}": [{"command:draft": [{"crm:aa-1": []}, {"crm:aa-2": []}]}]}


def test_two_commands_of_one_trace_are_separate_nodes() -> None:
    placed = PLACED | {"causation": "command:draft"}
    tree = build_tree(CORRELATION, {"crm": [DRAFTED, placed]})
    assert shape(tree) == {
        f"correlation:{CORRELATION}": [{"command:draft": [{"crm:aa-1": [{"command:draft": [{"crm:aa-2": []}]}]}]}]
    }


def test_a_command_after_an_event_of_another_correlation_is_a_child_of_the_newest_event_of_its_aggregate() -> None:
    goods = {"aggregate": str(UUID(int=1))}
    dispatched = create_event("scm:cc-6", "command:dispatch", "2026-01-01T00:00:09Z", follows="scm:cc-99") | goods
    tree = build_tree(
        CORRELATION, {"crm": [DRAFTED, PLACED], "erp": [APPROVED], "scm": [RESERVED | goods, SHIPMENT, dispatched]}
    )
    assert [node["id"] for node in tree["children"]] == ["command:draft"]
    (reserved,) = (node for node in all_events(tree) if node["id"] == "scm:cc-4")
    assert shape(reserved) == {"scm:cc-4": [{"command:dispatch": [{"scm:cc-6": []}]}]}


def test_an_event_whose_parent_is_missing_is_under_the_root() -> None:
    tree = build_tree(CORRELATION, {"crm": [DRAFTED, PLACED], "scm": [RESERVED, SENT]})
    assert [node["id"] for node in all_events(tree)] == ["crm:aa-1", "crm:aa-2", "scm:cc-4", "scm:cc-6"]
    assert {node["id"]: node.get("service") for node in tree["children"]} == {
        "command:draft": None, "erp:bb-9": None, "command:dispatch": None,
    }  # fmt: skip


def test_different_clocks_of_the_services_do_not_change_the_tree() -> None:
    early = APPROVED | {"recorded_at": "2025-12-31T23:59:59Z"}
    tree = build_tree(CORRELATION, {"crm": [DRAFTED, PLACED], "erp": [early]})
    assert [node["id"] for node in all_events(tree)] == ["crm:aa-1", "crm:aa-2", "erp:bb-9"]
