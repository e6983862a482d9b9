"""Names for what is random in a recording, and the recording with these names: two of one commit are equal."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.same_answers.order import EVENT_ID, INSTANT, POSTING, UUID

NEAR_DAYS = 400
DATE = re.compile(r"\b20[2-9]\d-\d\d-\d\d\b")
COMMAND = re.compile(r"command:[0-9a-f]{32}")
TIMELINE_ROW = re.compile(r"\d{12}")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
TREE = "children"
"""The events that follow from another one."""
ROOT = re.compile("correlation:")
"""The id of the root of a tree."""
LEFT_OUT = frozenset({"digest", "chain", "cipher", "next_cursor", "cursor", "trace_id", "position"})
"""Members that are hashes, encrypted texts, places of pages, places in a log: a service that consumes the events of
two others may receive either first."""
LOGS = frozenset({"crm", "srm", "scm", "erp"})
CAUSED_BY_EITHER = frozenset({"scm.Fulfilment", "scm.StockItem", "scm.Shipment", "scm.PurchaseRequest", "scm.Supply"})
"""Goods are reserved once the order (CRM) and its credit (ERP) are received, in either order: the cause is left out."""

KEYS = (("code",), ("number",), ("sku", "warehouse"))
"""Members that identify an aggregate for people."""

Recording = dict[str, Any]
Event = dict[str, Any]


class Names:
    """Names of ids, taken from the log: the type of an aggregate with its code or number, for everything else the type
    of the event and its number among those that followed from the same request. A changed amount changes no name, and
    an added event none of other requests."""

    def __init__(self, recording: Recording) -> None:
        self.today = date.fromisoformat(recording["today"])
        self.ids: dict[str, str] = {}
        self.events: dict[tuple[str, int], str] = {}
        self._counts: Counter[str] = Counter()
        self._requests: dict[str, str] = {}
        logged = [event for events in recording["events"].values() for event in events]
        for event in sorted(logged, key=_is_reaction):
            self._request(event)
        for log, events in recording["events"].items():
            for event in events:
                self.events[log, event["position"]] = self._numbered(event["type"], event)
                self._name_aggregate(event)
        for event in logged:
            self._name_all(event["data"], event["type"], event)
        self.ids = {each: f"<correlation of {request}>" for each, request in self._requests.items()} | self.ids

    def _name_aggregate(self, event: Event) -> None:
        """Name an aggregate by its code or number, by its item and warehouse, or as other ids."""
        kind, key = event["aggregate_type"], "/".join(_keys(event["data"]))
        if not key:
            self._name(event["aggregate"], kind, event)
        elif event["aggregate"] not in self.ids:
            name = f"{kind} {key}"
            self._counts[name] += 1
            self.ids[event["aggregate"]] = f"<{name}>" if self._counts[name] == 1 else f"<{name} {self._counts[name]}>"

    def _name(self, value: str, kind: str, event: Event) -> None:
        if value not in self.ids:
            self.ids[value] = self._numbered(kind, event)

    def _numbered(self, kind: str, event: Event) -> str:
        return f"<{self._next(f'{kind} of {self._request(event)}', kind)} of {self._request(event)}>"

    def _request(self, event: Event) -> str:
        """Return the name of the request that an event followed from: the type of its event, and a number."""
        correlation = event["correlation"]
        if correlation not in self._requests:
            self._requests[correlation] = self._next(event["type"], event["type"])
        return self._requests[correlation]

    def _next(self, counted: str, kind: str) -> str:
        self._counts[counted] += 1
        return f"{kind} {self._counts[counted]}"

    def _name_all(self, value: Any, place: str, event: Event) -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                self._name_all(each, f"{event['type']}/{name}", event)
        elif isinstance(value, list):
            for each in value:
                self._name_all(each, place, event)
        elif isinstance(value, str) and UUID.fullmatch(value):
            self._name(value, place, event)

    def text(self, text: str) -> str:
        """Return the text with names for everything random in it."""
        if len(text) < len("2026-11-28"):
            return text
        if TIMELINE_ROW.fullmatch(text):
            return self.events.get(("crm", int(text)), text)
        text = POSTING.sub(lambda found: f"{self.events['erp', int(found[1])]}/{found[2]}", text)
        text = INSTANT.sub("<instant>", text)
        text = UUID.sub(lambda found: self.ids.get(found[0]) or self._unknown(found[0]), text)
        text = EVENT_ID.sub(lambda found: self.events.get((found[1], int(found[2])), "<event>"), text)
        text = COMMAND.sub("<command>", DIGEST.sub("<digest>", text))
        return DATE.sub(self._day, text)

    def _unknown(self, value: str) -> str:
        self.ids[value] = f"<{self._next('other id', 'other id')}>"
        return self.ids[value]

    def _day(self, found: re.Match[str]) -> str:
        """Return a date near today by its distance: `<today+30>`."""
        days = (date.fromisoformat(found[0]) - self.today).days
        return f"<today{days:+}>" if abs(days) < NEAR_DAYS else found[0]


def _is_reaction(event: Event) -> bool:
    """Whether the event has another cause than a request."""
    return not str(event.get("causation")).startswith("command:")


def _keys(data: Event) -> Iterator[str]:
    """Return the code or number in an event, or else item and warehouse; they may be inside of a value of it."""
    for names in KEYS:
        values = next((each for each in (data, *data.values()) if isinstance(each, dict) and each.get(names[0])), None)
        if values is not None:
            yield from (str(values[name]) for name in names if values.get(name))
            return


def named(value: Any, names: Names) -> Any:
    """Return the value with names for everything random. Events that follow from others have no version: it depends
    on which of two services was faster. A tree of events becomes a list.

    A schema with such members is no event: the values of its members are objects.
    """
    if isinstance(value, dict):
        found = {names.text(name): named(each, names) for name, each in value.items() if name not in LEFT_OUT}
        if TREE in found and isinstance(found["id"], str) and ROOT.match(found["id"]):
            found[TREE] = sorted((each for child in found[TREE] for each in _nodes(child, found["id"])), key=str)
        if isinstance(found.get("actor"), str) and found["actor"] in LOGS:
            found.pop("version", None)
            if found.get("aggregate_type") in CAUSED_BY_EITHER:
                found.pop("causation", None)
        return found
    if isinstance(value, list):
        return [named(each, names) for each in value]
    return names.text(value) if isinstance(value, str) else value


def _nodes(node: dict[str, Any], parent: str) -> Iterator[dict[str, Any]]:
    """Return the events of a tree as a list, each with its parent, unless one of two events may be the parent."""
    by_either = node.get("type", "").rpartition(".")[0] in CAUSED_BY_EITHER
    yield {name: each for name, each in node.items() if name != TREE} | ({} if by_either else {"parent": parent})
    for child in node.get(TREE, ()):
        yield from _nodes(child, node["id"])
