"""Export of the event logs: every stored event, the hash chain and the checkpoints of all services, in one file.

`cli.verify` verifies the file; it shares no code with this module.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
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


def write_file(documents: Iterable[Document], path: Path) -> int:
    """Write an export next to the file and give it the name when it is complete; return the number of its lines."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file:
            lines = write(documents, file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return lines


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
    """Yield one log: public key, every checkpoint held by a service, of any epoch and position, and every event.

    The newest checkpoint is requested after those that are held: unless the log was cut, none of them is beyond it.
    """
    log = _checkpoint(client, service)
    yield {"log": service, "epoch": log["epoch"], "key": log["key"]}
    for holder in LOGS:
        for checkpoint in read_pages(client, f"audit/{service}/checkpoints", held_by=holder):
            yield {"checkpoint": checkpoint, "held_by": holder}
    newest = _checkpoint(client, service)
    yield {"checkpoint": newest, "held_by": service}
    is_complete = False
    for event in read_pages(client, f"audit/{service}/stored"):
        if event["position"] > newest["position"] and not is_complete:
            is_complete = _checkpoint(client, service)["position"] >= event["position"]
        if is_complete:
            return
        yield {**event, "chain": event["chain"] or ""}


def _checkpoint(client: Client, service: str) -> Document:
    """Return the checkpoint of the whole log, created now; of a log that cannot be chained to its end the last one."""
    checkpoint: Document = client.get(f"audit/{service}/checkpoint")["checkpoint"]
    return checkpoint


def read_pages(client: Client, path: str, order_member: str = "position", **which: str) -> Iterator[Document]:
    """Yield every line, page by page; the lines are ordered by the member `order_member`."""
    after = 0
    while page := list(client.lines(path, after=str(after), limit=str(PAGE_SIZE), **which)):
        yield from page
        after = page[-1][order_member]
        if len(page) < PAGE_SIZE:
            return
