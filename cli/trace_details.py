"""Details of an event as people read them: when, by whom, and the numbers, quantities, amounts and reasons in it."""

from collections.abc import Iterator, Mapping
from typing import Any

Event = Mapping[str, Any]

DOCUMENT_FIELDS = (
    "number",
    "code",
    "sku",
    "purchase_order",
    "reference",
    "delivery_note",
    "document_number",
    "account",
)
"""Fields with a number or a code that people know."""
QUANTITY_FIELDS = ("quantity", "reserved", "backordered", "ordered", "received", "difference")
TEXT_FIELDS = ("reason", "text", "note")


def event_details(event: Event) -> list[str]:
    """Return the details of an event, each a short text: time and person first."""
    person = event["actor"] if not event.get("on_behalf_of") else f"{event['actor']} for {event['on_behalf_of']}"
    time = event["recorded_at"].replace("T", " ").partition(".")[0].removesuffix("Z")
    return [f"{time} {person}", *content_details(event.get("data", {}))]


def content_details(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the details in an event: numbers and codes, quantities, amounts, its lines, then texts."""
    yield from (str(content[name]) for name in DOCUMENT_FIELDS if isinstance(content.get(name), str | int))
    yield from (f"{_words(name)} {content[name]}" for name in QUANTITY_FIELDS if isinstance(content.get(name), str))
    yield from (f"{_words(name)} {_money(value)}" for name, value in content.items() if _is_money(value))
    for name, value in content.items():
        yield from _below(name, value)
    yield from (f'{_words(name)} "{content[name]}"' for name in TEXT_FIELDS if content.get(name))


def _below(name: str, value: Any) -> Iterator[str]:
    """Yield the details of lines, and those of a record inside the event."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        lines = [text for text in (" ".join(_line(each)) for each in value) if text]
        yield from [f"{_words(name)}: {', '.join(lines)}"] if lines else []
    elif isinstance(value, dict) and not _is_money(value):
        yield from content_details(value)


def _line(line: Mapping[str, Any]) -> Iterator[str]:
    """Yield quantity, item and amounts of a line, leaving out amounts of zero."""
    quantity, code = line.get("quantity"), next((line[name] for name in ("sku", "account") if line.get(name)), None)
    yield from [f"{quantity} ×"] if quantity and code else []
    yield from [str(code)] if code else []
    for name, value in line.items():
        if _is_money(value) and float(value["amount"]):
            yield f"{_words(name)} {_money(value)}"


def _is_money(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"amount", "currency"}


def _money(value: Mapping[str, str]) -> str:
    return f"{value['amount']} {value['currency']}"


def _words(name: str) -> str:
    return name.replace("_", " ")
