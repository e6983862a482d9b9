"""One tree of everything that happened because of one thing, told by all services together."""

from typing import Any

Event = dict[str, Any]
Node = dict[str, Any]

SHOWN = ("id", "type", "aggregate", "version", "recorded_at", "effective_on", "actor")


def story(correlation: str, told: dict[str, list[Event]]) -> Node:
    """The events of each service as one tree: each hangs under what caused it.

    An event caused by another hangs under that one. A command (or a timer) is a node of its own, under the
    event it `follows`; two commands of one trace have one name and follow different events. Where that event
    is of another story (goods came for several orders at once), it hangs under what this story knew last of the
    same thing. What hangs under nothing known, because a service did not answer, hangs under the story itself.
    """
    events = sorted((event | {"service": name} for name, part in told.items() for event in part), key=_moment)
    root: Node = {"id": f"story:{correlation}", "events": len(events), "children": []}
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


def _moment(event: Event) -> tuple[str, str, int]:
    return event["recorded_at"], event["service"], event["position"]


def _cause_node(event: Event) -> Node:
    return {"id": event["causation"], "actor": event["actor"], "children": []}


def _event_node(event: Event) -> Node:
    return {"service": event["service"], **{name: event[name] for name in SHOWN}, "children": []}
