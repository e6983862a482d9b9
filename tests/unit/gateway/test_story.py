"""An order and what followed from it is one tree, whoever told which part."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from gateway.compose.correlation_tree import build_tree

STORY = str(UUID(int=7))


def told(id: str, causation: str, recorded_at: str, follows: str | None = None) -> dict[str, Any]:  # noqa: A002
    return {
        "position": int(id.rpartition("-")[2]), "id": id, "type": "any.Thing.Happened", "aggregate": str(uuid4()),
        "aggregate_type": "any.Thing", "version": 1, "recorded_at": recorded_at, "effective_on": "1996-07-04",
        "actor": "anna", "correlation": STORY, "causation": causation, "follows": follows, "data": {},
    }  # fmt: skip


PLACED = told("crm:aa-2", "command:place", "2026-01-01T00:00:02Z", follows="crm:aa-1")
DRAFTED = told("crm:aa-1", "command:draft", "2026-01-01T00:00:01Z")
APPROVED = told("erp:bb-9", "crm:aa-2", "2026-01-01T00:00:03Z")
RESERVED = told("scm:cc-4", "erp:bb-9", "2026-01-01T00:00:04Z")
SHIPMENT = told("scm:cc-5", "erp:bb-9", "2026-01-01T00:00:04Z")
SENT = told("scm:cc-6", "command:dispatch", "2026-01-01T00:00:09Z", follows="scm:cc-5")


def every_event(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in node["children"]:
        yield from [child] if "type" in child else []
        yield from every_event(child)


def shape(node: dict[str, Any]) -> Any:
    return {node["id"]: [shape(child) for child in node["children"]]}


def test_each_event_hangs_under_what_caused_it_and_a_command_under_what_it_follows() -> None:
    tree = build_tree(STORY, {"crm": [DRAFTED, PLACED], "erp": [APPROVED], "scm": [RESERVED, SHIPMENT, SENT]})
    assert tree["events"] == 6
    assert shape(tree) == {
        f"correlation:{STORY}": [
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


def test_two_events_of_one_command_hang_under_it_side_by_side() -> None:
    line = told("crm:aa-2", "command:draft", "2026-01-01T00:00:01Z")
    tree = build_tree(STORY, {"crm": [DRAFTED, line]})
    assert shape(tree) == {f"correlation:{STORY}": [{"command:draft": [{"crm:aa-1": []}, {"crm:aa-2": []}]}]}


def test_two_commands_of_one_trace_stay_apart() -> None:
    placed = PLACED | {"causation": "command:draft"}
    tree = build_tree(STORY, {"crm": [DRAFTED, placed]})
    assert shape(tree) == {
        f"correlation:{STORY}": [{"command:draft": [{"crm:aa-1": [{"command:draft": [{"crm:aa-2": []}]}]}]}]
    }


def test_a_command_after_news_of_another_story_hangs_under_what_was_known_last_of_the_same_thing() -> None:
    goods = {"aggregate": str(UUID(int=1))}
    filled = told("scm:cc-6", "command:dispatch", "2026-01-01T00:00:09Z", follows="scm:cc-99") | goods
    tree = build_tree(STORY, {"crm": [DRAFTED, PLACED], "erp": [APPROVED], "scm": [RESERVED | goods, SHIPMENT, filled]})
    assert [node["id"] for node in tree["children"]] == ["command:draft"]
    (reserved,) = (node for node in every_event(tree) if node["id"] == "scm:cc-4")
    assert shape(reserved) == {"scm:cc-4": [{"command:dispatch": [{"scm:cc-6": []}]}]}


def test_what_a_silent_service_caused_is_not_lost() -> None:
    tree = build_tree(STORY, {"crm": [DRAFTED, PLACED], "scm": [RESERVED, SENT]})
    assert [node["id"] for node in every_event(tree)] == ["crm:aa-1", "crm:aa-2", "scm:cc-4", "scm:cc-6"]
    assert {node["id"]: node.get("service") for node in tree["children"]} == {
        "command:draft": None, "erp:bb-9": None, "command:dispatch": None,
    }  # fmt: skip


def test_services_clocks_may_disagree_without_breaking_the_tree() -> None:
    early = APPROVED | {"recorded_at": "2025-12-31T23:59:59Z"}
    tree = build_tree(STORY, {"crm": [DRAFTED, PLACED], "erp": [early]})
    assert [node["id"] for node in every_event(tree)] == ["crm:aa-1", "crm:aa-2", "erp:bb-9"]
