"""Export of the event logs: every stored event, the hash chain and the checkpoints of all services, in one file.

`cli.verify` verifies the file; it shares no code with this module.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, BinaryIO

from cli.client import Client
from shared import codec
from shared.config import SERVICES
from shared.identity import GATEWAY

LOGS = (*SERVICES, GATEWAY)
FORMAT_VERSION = 1
PAGE_SIZE = 1_000

Document = Mapping[str, Any]


def export_documents(client: Client, services: Sequence[str] = LOGS) -> Iterator[Document]:
    """Yield the documents of an export in order, without the last line (`end`)."""
    yield {"sihe": "export", "format": FORMAT_VERSION, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
    for service in services:
        yield from _log(client, service)


def write(documents: Iterable[Document], file: BinaryIO) -> int:
    """Write one line per document and a last line with their number and digest; return the number."""
    digest, lines = sha256(), 0
    for document in documents:
        line = codec.encode(document) + b"\n"
        file.write(line)
        digest.update(line)
        lines += 1
    file.write(codec.encode({"end": {"lines": lines, "sha256": digest.hexdigest()}}) + b"\n")
    return lines


def _log(client: Client, service: str) -> Iterator[Document]:
    """Yield one log up to its current checkpoint: public key, every checkpoint held by a service, every event."""
    newest = client.get(f"audit/{service}/checkpoint")["checkpoint"]
    yield {"log": service, "epoch": newest["epoch"], "key": newest["key"]}
    for holder in LOGS:
        for checkpoint in read_pages(client, f"audit/{service}/checkpoints", held_by=holder):
            if checkpoint["epoch"] == newest["epoch"] and checkpoint["position"] < newest["position"]:
                yield {"checkpoint": checkpoint, "held_by": holder}
    yield {"checkpoint": newest, "held_by": service}
    for event in read_pages(client, f"audit/{service}/stored"):
        if event["position"] > newest["position"]:
            return
        yield event


def read_pages(client: Client, path: str, order_member: str = "position", **which: str) -> Iterator[Document]:
    """Yield every line, page by page; the lines are ordered by the member `order_member`."""
    after = 0
    while page := list(client.lines(path, after=str(after), limit=str(PAGE_SIZE), **which)):
        yield from page
        after = page[-1][order_member]
        if len(page) < PAGE_SIZE:
            return
