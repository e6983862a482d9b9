"""Evidence of one record: its documents in all services, their events, and the tree of causes and effects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.client import Client
from cli.trace import Event, draw_tree, read_events
from gateway.compose.correlation_tree import build_tree
from shared.config import SERVICES

DOCUMENTS = {
    "crm.SalesOrder": "crm/sales-orders",
    "srm.PurchaseRequest": "srm/purchase-requests",
    "srm.PurchaseOrder": "srm/purchase-orders",
    "scm.Shipment": "scm/shipments",
    "scm.GoodsReceipt": "scm/goods-receipts",
    "scm.OpeningStock": "scm/opening-stock",
    "scm.StockCount": "scm/stock-counts",
    "erp.Invoice": "erp/invoices",
    "erp.SupplierInvoice": "erp/bills",
    "erp.Payment": "erp/payments",
    "erp.JournalEntry": "erp/journal-entries",
}
"""The address of each kind of document, by the type of its aggregate."""
LINKS = ("document_id", "document", "sales_order_id", "shipment_id", "purchase_order_id", "reverses")
"""Fields of documents with the id of another document."""

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What there is about one record: `documents` by address, `events` by service, the lines of its trace."""

    record: Document
    documents: Mapping[str, Document]
    events: Mapping[str, Sequence[Event]]
    trace: Sequence[str]


class EvidenceReader:
    """Reads the evidence of records; a correlation that several records share is read once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._correlations: dict[str, dict[str, list[Event]]] = {}

    def read(self, address: str, record_id: str) -> Evidence:
        """Return the evidence of a record: that of its own correlation and those of the documents that it names."""
        record = self._client.get(f"{address}/{record_id}")
        correlations = dict.fromkeys(self._correlations_of([record_id, *_linked_ids(record)]))
        read = {each: self._events_of(each) for each in correlations}
        events = {name: [event for part in read.values() for event in part[name]] for name in SERVICES}
        trace = [line for each, part in read.items() for line in _trace(each, part, record_id)]
        return Evidence(record, dict(self._documents(events)), events, trace)

    def _correlations_of(self, ids: Sequence[str]) -> Iterator[str]:
        """Yield the correlations of documents, and of those that these name, such as the order of an invoice."""
        known, waiting = set[str](), list(ids)
        while waiting:
            each = waiting.pop(0)
            if each in known:
                continue
            known.add(each)
            if (first := self._first_event(each)) is not None:
                yield first["correlation"]
                if path := _address_of(first):
                    waiting += _linked_ids(self._client.get(path))

    def _first_event(self, aggregate: str) -> Event | None:
        for service in SERVICES:
            for event in self._client.lines(f"audit/{service}/events", aggregate=aggregate, limit="1"):
                return event
        return None

    def _events_of(self, correlation: str) -> dict[str, list[Event]]:
        if correlation not in self._correlations:
            read = {each: list(read_events(self._client, each, correlation=correlation)) for each in SERVICES}
            self._correlations[correlation] = read
        return self._correlations[correlation]

    def _documents(self, events: Mapping[str, Sequence[Event]]) -> Iterator[tuple[str, Document]]:
        paths = {_address_of(event) for part in events.values() for event in part} - {None}
        yield from ((str(path), self._client.get(str(path))) for path in sorted(map(str, paths)))


def _address_of(event: Event) -> str | None:
    """Return the address of the document of an event; None if its aggregate is no document."""
    address = DOCUMENTS.get(event["type"].rpartition(".")[0])
    return None if address is None else f"{address}/{event['aggregate']}"


def _linked_ids(document: Any) -> list[str]:
    """Return the ids of other documents in a document, at all levels."""
    if isinstance(document, list):
        return [found for each in document for found in _linked_ids(each)]
    if not isinstance(document, dict):
        return []
    own = [document[name] for name in LINKS if isinstance(document.get(name), str)]
    return own + [found for each in document.values() for found in _linked_ids(each)]


def _trace(correlation: str, events: dict[str, list[Event]], record_id: str) -> Iterator[str]:
    """Yield the lines of a tree with details, without colours."""
    content = {each["id"]: each for part in events.values() for each in part}
    yield f"correlation {correlation}"
    yield from (line.plain for line in draw_tree(build_tree(correlation, events)["children"], {record_id}, content))
    yield ""
