"""The story something belongs to, told by all services and drawn as one tree of causes and effects."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from cli.client import Client, Unwilling
from gateway.compose.story import story
from shared.config import SERVICES

SHORT_ID = 8
LENGTH_OF_COMMAND = len("command:") + SHORT_ID
PAGE = "1000"

EVENT_ID = re.compile(r"(\w+):[0-9a-f]+-([0-9]+)")
POSTING = re.compile(r"([0-9]{15})-[0-9]+")
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NUMBERED = {
    "sales order": ("crm/sales-orders", re.compile(".+")),
    "purchase order": ("srm/purchase-orders", re.compile(".+")),
    "invoice": ("erp/invoices", re.compile("[0-9]{1,9}")),
    "bill": ("erp/bills", re.compile(".+")),
}
"""What people call by a number: where it is asked for, and what such a number looks like."""

Node = Mapping[str, Any]
Event = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """Everything that happened because of one thing, drawn as a tree, a line each."""

    events: int
    lines: list[Text]


def story_of(client: Client, name: str) -> Story:
    """The story that `name` belongs to; what it names is marked. Raises Unwilling if nobody knows it."""
    known = _named(client, name)
    told = {service: list(pages(client, service, correlation=known["correlation"])) for service in SERVICES}
    root = story(known["correlation"], told)
    asked_for = {known["id"]} if EVENT_ID.fullmatch(name) or POSTING.fullmatch(name) else {known["aggregate"]}
    return Story(root["events"], list(_drawn(root["children"], "", "", asked_for)))


def pages(client: Client, service: str, **which: str) -> Iterator[Event]:
    """The events of a log, page by page, to the end."""
    after = 0
    while page := list(client.lines(f"audit/{service}/events", **{"limit": PAGE, "after": str(after)} | which)):
        yield from page
        after = page[-1]["position"]


def _named(client: Client, name: str) -> Event:
    """An event of the story: that one, or the first of the thing with this id or number."""
    if found := EVENT_ID.fullmatch(name):
        return _at(client, found[1], int(found[2]), {"id": name})
    if found := POSTING.fullmatch(name):
        return _at(client, "erp", int(found[1]), {"type": "erp.JournalEntry.Posted"})
    aggregate = name if ID.fullmatch(name) else _numbered(client, name)
    for service in SERVICES:
        for event in client.lines(f"audit/{service}/events", aggregate=aggregate, limit="1"):
            return event
    raise Unwilling(f"no service knows anything that happened to {name}")


def _at(client: Client, service: str, position: int, wanted: Event) -> Event:
    """The event at a position of a log, if it is the one that is wanted."""
    for event in client.lines(f"audit/{service}/events", after=str(max(0, position - 1)), limit="1"):
        if event["position"] == position and event.items() >= wanted.items():
            return event
    raise Unwilling(f"{service} has no such event")


def _numbered(client: Client, number: str) -> str:
    """The id of the one thing that has this number. Raises Unwilling if none has, or several."""
    found = {
        what: row["id"]
        for what, (path, looks) in NUMBERED.items()
        if looks.fullmatch(number)
        for row in client.get(path, number=number)["data"]
    }
    if not found:
        raise Unwilling(f"no service knows anything numbered {number}; give the id of it, or of an event")
    if len(found) > 1:
        both = ", ".join(f"{what} {id_}" for what, id_ in found.items())
        raise Unwilling(f"{number} is the number of several things; give the id of one: {both}")
    return str(next(iter(found.values())))


def _drawn(nodes: Sequence[Node], before: str, day: str, asked_for: set[str]) -> Iterator[Text]:
    """The nodes under one another; a business date is shown where it changes."""
    for node in nodes:
        last = node is nodes[-1]
        today = node.get("effective_on", day)
        mark = " ◂" if asked_for & {node["id"], node.get("aggregate")} else ""
        yield Text.assemble(
            before,
            "└─ " if last else "├─ ",
            *_label(node),
            (f" {today}" if today != day else "", "bold"),
            (mark, "bold yellow"),
        )
        yield from _drawn(node["children"], before + ("   " if last else "│  "), today, asked_for)


def _label(node: Node) -> Iterator[tuple[str, str]]:
    if "type" not in node:
        yield f"{node['actor']}: {node['id'][:LENGTH_OF_COMMAND]}", "dim"
        return
    happened = node["type"].split(".", 1)[1]
    yield f"{node['service']} ", "cyan"
    yield happened, ""
    yield f" {node['aggregate'][:SHORT_ID]}", "dim"
