"""An export of the history: every event as it is stored, the chain, the checkpoints everybody holds, in one file.

`cli.verify` reads it, and shares no code with this.
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
FORMAT = 1
PAGE = 1_000

Document = Mapping[str, Any]


def exported(client: Client, services: Sequence[str] = LOGS) -> Iterator[Document]:
    """The documents of an export in their order, without the last one."""
    yield {"sihe": "export", "format": FORMAT, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
    for service in services:
        yield from _log(client, service)


def write(documents: Iterable[Document], file: BinaryIO) -> int:
    """A line each, and at the end how many and their digest. How many."""
    digest, lines = sha256(), 0
    for document in documents:
        line = codec.encode(document) + b"\n"
        file.write(line)
        digest.update(line)
        lines += 1
    file.write(codec.encode({"end": {"lines": lines, "sha256": digest.hexdigest()}}) + b"\n")
    return lines


def _log(client: Client, service: str) -> Iterator[Document]:
    """One log up to its checkpoint of now: who signs it, every checkpoint held until there, every event."""
    newest = client.get(f"audit/{service}/checkpoint")["checkpoint"]
    yield {"log": service, "epoch": newest["epoch"], "key": newest["key"]}
    for holder in LOGS:
        for held in paged(client, f"audit/{service}/checkpoints", held_by=holder):
            if held["epoch"] == newest["epoch"] and held["position"] < newest["position"]:
                yield {"checkpoint": held, "held_by": holder}
    yield {"checkpoint": newest, "held_by": service}
    for event in paged(client, f"audit/{service}/stored"):
        if event["position"] > newest["position"]:
            return
        yield event


def paged(client: Client, path: str, place: str = "position", **which: str) -> Iterator[Document]:
    """Every line there is, page by page; `place` is the member by which they are in order."""
    after = 0
    while page := list(client.lines(path, after=str(after), limit=str(PAGE), **which)):
        yield from page
        after = page[-1][place]
        if len(page) < PAGE:
            return
