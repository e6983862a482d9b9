"""Events of all services with one correlation, drawn as a tree of causes and effects."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from cli.client import Client, RequestFailed
from cli.trace_details import event_details
from gateway.compose.correlation_tree import build_tree
from shared.config import SERVICES

SHORT_ID = 8
COMMAND_LABEL_LENGTH = len("command:") + SHORT_ID
PAGE_SIZE = "1000"

EVENT_ID = re.compile(r"(\w+):[0-9a-f]+-([0-9]+)")
POSTING_ID = re.compile(r"([0-9]{15})-[0-9]+")
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBERED_RESOURCES = {
    "sales order": ("crm/sales-orders", re.compile(".+")),
    "purchase order": ("srm/purchase-orders", re.compile(".+")),
    "invoice": ("erp/invoices", re.compile(".+")),
    "bill": ("erp/bills", re.compile(".+")),
}
"""Resources that have a number: path of the list and pattern of the number."""

Node = Mapping[str, Any]
Event = dict[str, Any]


@dataclass(frozen=True)
class CorrelationTree:
    """All events of one correlation, drawn as a tree with one line per event or command."""

    events: int
    lines: list[Text]


def correlation_tree_of(client: Client, name: str, details: bool = False) -> CorrelationTree:
    """Return the tree with the event or aggregate `name`, which is marked. Raises RequestFailed if it is unknown.

    With `details` each event has its time, person and content, and each command its request.
    """
    named = _find_event(client, name)
    events = {service: list(read_events(client, service, correlation=named["correlation"])) for service in SERVICES}
    root = build_tree(named["correlation"], events)
    marked = {named["id"]} if EVENT_ID.fullmatch(name) or POSTING_ID.fullmatch(name) else {named["aggregate"]}
    content = {each["id"]: each for part in events.values() for each in part} if details else None
    return CorrelationTree(root["events"], list(draw_tree(root["children"], marked, content)))


def read_events(client: Client, service: str, **which: str) -> Iterator[Event]:
    """Yield the events of a log, page by page, to the end."""
    after = 0
    while page := list(client.lines(f"audit/{service}/events", **{"limit": PAGE_SIZE, "after": str(after)} | which)):
        yield from page
        after = page[-1]["position"]


def _find_event(client: Client, name: str) -> Event:
    """Return the event with this id, or the first event of the aggregate with this id or number."""
    if match := EVENT_ID.fullmatch(name):
        return _event_at(client, match[1], int(match[2]), {"id": name})
    if match := POSTING_ID.fullmatch(name):
        return _event_at(client, "erp", int(match[1]), {"type": "erp.JournalEntry.Posted"})
    aggregate = name if ID.fullmatch(name) else _id_of_number(client, name)
    for service in SERVICES:
        for event in client.lines(f"audit/{service}/events", aggregate=aggregate, limit="1"):
            return event
    raise RequestFailed(f"no events found for {name}; check the id")


def _event_at(client: Client, service: str, position: int, expected: Event) -> Event:
    """Return the event at a position of a log if it has the expected members. Raises RequestFailed."""
    for event in client.lines(f"audit/{service}/events", after=str(max(0, position - 1)), limit="1"):
        if event["position"] == position and event.items() >= expected.items():
            return event
    raise RequestFailed(f"event not found in {service}; check the id")


def _id_of_number(client: Client, number: str) -> str:
    """Return the id of the record with this number. Raises RequestFailed if there is none or more than one."""
    found = {
        resource: row["id"]
        for resource, (path, pattern) in NUMBERED_RESOURCES.items()
        if pattern.fullmatch(number)
        for row in client.get(path, number=number)["data"]
    }
    if not found:
        raise RequestFailed(f"number {number} not found; use the id of a record or of an event")
    if len(found) > 1:
        candidates = ", ".join(f"{resource} {id_}" for resource, id_ in found.items())
        raise RequestFailed(f"number {number} is ambiguous; use one of the ids: {candidates}")
    return str(next(iter(found.values())))


def draw_tree(roots: Sequence[Node], marked: set[str], content: Mapping[str, Event] | None = None) -> Iterator[Text]:
    """Yield the lines of a tree; the events and aggregates with the ids in `marked` have a mark.

    `content`: the events by id, if their details are shown.
    """
    return _draw(roots, None, "", marked, content)


def _draw(
    nodes: Sequence[Node], before: str | None, day: str, marked: set[str], content: Mapping[str, Event] | None
) -> Iterator[Text]:
    """Yield one line per node, of which the roots have no branch; the business date is shown where it changes."""
    for node in nodes:
        last = node is nodes[-1]
        today = node.get("effective_on", day)
        mark = " ◂" if marked & {node["id"], node.get("aggregate")} else ""
        yield Text.assemble(
            "" if before is None else before + ("└─ " if last else "├─ "),
            *_label(node),
            (f" {today}" if today != day else "", "bold"),
            (_details(node, content), "green"),
            (mark, "bold yellow"),
        )
        below = "" if before is None else before + ("   " if last else "│  ")
        yield from _draw(node["children"], below, today, marked, content)


def _details(node: Node, content: Mapping[str, Event] | None) -> str:
    """Return what is shown of a command or an event in addition, after a space; nothing without `content`."""
    if content is None:
        return ""
    event = content.get(node["id"])
    found = event_details(event) if event else [node["request"]] if node.get("request") else []
    return "".join(f" · {each}" for each in found)


def _label(node: Node) -> Iterator[tuple[str, str]]:
    if "type" not in node:
        yield f"{node['actor']}: {node['id'][:COMMAND_LABEL_LENGTH]}", "dim"
        return
    event_name = node["type"].split(".", 1)[1]
    yield f"{node['service']} ", "cyan"
    yield event_name, ""
    yield f" {node['aggregate'][:SHORT_ID]}", "dim"
