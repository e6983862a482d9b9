"""Correlation tree: the events of one correlation from all services, ordered by cause."""

from typing import Any

from shared.openapi.shapes import (
    COUNT,
    DAY,
    ID,
    INSTANT,
    TEXT,
    Doc,
    list_schema,
    nullable,
    object_schema,
    schema_reference,
)

Event = dict[str, Any]
Node = dict[str, Any]

_CHILDREN = list_schema({"anyOf": [schema_reference("CorrelatedEvent"), schema_reference("CorrelatedCause")]})
TREE_SCHEMAS: dict[str, Doc] = {
    "CorrelationTree": object_schema({"id": TEXT, "events": COUNT, "children": _CHILDREN}),
    "CorrelatedEvent": object_schema(
        {
            "service": TEXT, "id": TEXT, "type": TEXT, "aggregate": ID, "version": COUNT, "recorded_at": INSTANT,
            "effective_on": DAY, "actor": TEXT, "children": _CHILDREN,
        }
    ),
    "CorrelatedCause": {
        **object_schema({"id": TEXT, "actor": TEXT, "request": nullable(TEXT), "children": _CHILDREN}),
        "description": "A command or a timer; `request` is the route of the command, if it is known.",
    },
}  # fmt: skip
"""The schemas of a tree and its nodes, by component."""

SHOWN_MEMBERS = ("id", "type", "aggregate", "version", "recorded_at", "effective_on", "actor")


def build_tree(correlation: str, events_by_service: dict[str, list[Event]]) -> Node:
    """Return the events of all services as one tree in which each event is a child of its cause.

    An event caused by an event is a child of that event. A command (or a timer) is a node of its own, under the
    event it `follows`; commands of one trace share an id and differ in the event they follow. If that event has
    another correlation (goods received for several orders), the command is a child of the newest event of the same
    aggregate in this correlation. If its parent is unknown because a service did not answer, it is under the root.
    """
    events = sorted(
        (event | {"service": name} for name, part in events_by_service.items() for event in part), key=_sort_key
    )
    root: Node = {"id": f"correlation:{correlation}", "events": len(events), "children": []}
    nodes: dict[Any, Node] = {event["id"]: _event_node(event) for event in events}
    newest: dict[str, Node] = {}
    for event in events:
        follows = event.get("follows")
        cause = nodes.get(event["causation"]) or nodes.get((event["causation"], follows))
        if cause is None:
            cause = nodes[event["causation"], follows] = _cause_node(event)
            before = newest.get(event["aggregate"], root) if follows else root
            nodes.get(follows, before)["children"].append(cause)
        cause["children"].append(nodes[event["id"]])
        newest[event["aggregate"]] = nodes[event["id"]]
    return root


def _sort_key(event: Event) -> tuple[str, str, int]:
    return event["recorded_at"], event["service"], event["position"]


def _cause_node(event: Event) -> Node:
    return {"id": event["causation"], "actor": event["actor"], "request": event.get("request"), "children": []}


def _event_node(event: Event) -> Node:
    return {"service": event["service"], **{name: event[name] for name in SHOWN_MEMBERS}, "children": []}
