"""Exports of small logs with every kind of event, made by the real exporter from real services."""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cli.export import export_documents, write
from gateway.access.application import Access
from services.crm.service import Crm
from services.erp.service import Erp
from services.scm.service import Scm
from services.srm.service import Srm
from shared.chain.checkpoint_monitor import CheckpointMonitor
from shared.codec import encode
from shared.service import Service
from shared.store import Commit, NewEvent
from shared.testing.services import open_service
from shared.testing.web import create_client
from shared.worker.checkpoint_monitor_task import CheckpointMonitorTask

Document = dict[str, Any]

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples" / "stored"
KINDS: tuple[type[Service], ...] = (Crm, Srm, Scm, Erp, Access)


class ExportFixture:
    """The logs of all services, and a client that exports them."""

    def __init__(self, folder: Path) -> None:
        self.services = {kind.NAME: open_service(kind, folder) for kind in KINDS}
        self._requests = {name: create_client(service, []) for name, service in self.services.items()}

    def replace(self, service: Service) -> None:
        """Use another service of the same name from now on."""
        self.services[service.NAME] = service
        self._requests[service.NAME] = create_client(service, [])

    def append_events(self, name: str, states: list[tuple[str, bytes]], aggregate_id: UUID | None = None) -> None:
        """Append these events in order to one aggregate, or each to a new aggregate."""
        store = self.services[name].store
        for kind, state in states:
            version = len(store.events(aggregate_id)) + 1 if aggregate_id else 1
            store.commit(Commit(events=[NewEvent(aggregate_id or uuid4(), version, kind, state)]))

    def sign_checkpoints(self, name: str) -> None:
        """Sign a checkpoint of the whole log and store it in the other services."""
        chain = self.services[name].chain
        chain.extend_to_end()
        chain.create_checkpoint()
        for other, service in self.services.items():
            if other not in (name, "gateway"):
                assert CheckpointMonitorTask(
                    CheckpointMonitor(service.chain.checkpoints), (name,), self._peer
                ).check_peer(name)

    def exported(self, *names: str) -> list[Document]:
        """Return the documents of an export, encoded and decoded again."""
        return [json.loads(encode(each)) for each in export_documents(self, names)]  # type: ignore[arg-type]

    def close(self) -> None:
        for service in self.services.values():
            service.store.close()

    # -- the interface of the API client

    def get(self, path: str) -> Any:
        _, service, rest = path.split("/")
        return self._requests[service].get(f"/audit/{rest}").json

    def lines(self, path: str, **query: str) -> Iterator[Any]:
        _, service, rest = path.split("/")
        if rest == "checkpoints":
            service, rest = query.pop("held_by"), f"checkpoints/{service}"
        yield from map(json.loads, self._requests[service].get(f"/audit/{rest}", query_string=query).data.splitlines())

    def _peer(self, service: str, path: str) -> bytes:
        answer: bytes = self._requests[service].get(path).data
        return answer


def samples_of(service: str) -> list[tuple[str, bytes]]:
    """Return a sample of every kind of event that this service has ever stored."""
    return [
        (file.stem.rpartition(".v")[0], file.read_bytes())
        for file in sorted(SAMPLES.glob("*.json"))
        if file.name.startswith(f"{service}.")
    ]


def content_of(documents: list[Document]) -> list[bytes]:
    """Return the lines of the file with a matching last line: an attacker who can write the file can write it, too."""
    file = BytesIO()
    write(documents, file)
    return file.getvalue().splitlines(keepends=True)


def events_in(documents: list[Document]) -> dict[int, Document]:
    """Return the events of an export of one log by position."""
    return {each["position"]: each for each in documents if "position" in each}


def fields_of(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value in a document; of a list, only to its first item."""
    if isinstance(document, Mapping) and document:
        for name, each in document.items():
            yield from fields_of(each, (*path, name))
    elif isinstance(document, list) and document:
        yield from fields_of(document[0], (*path, 0))
        yield path
    else:
        yield path


def alter(document: Any, path: tuple[Any, ...]) -> Any:
    """Return the document with another value at the path."""
    if path:
        first, *rest = path
        return type(document)(
            {**document, first: alter(document[first], tuple(rest))}
            if isinstance(document, Mapping)
            else [*document[:first], alter(document[first], tuple(rest)), *document[first + 1 :]]
        )
    match document:
        case bool():
            return not document
        case int():
            return document + 1
        case str():
            return document[:-1] + ("8" if document[-1:] != "8" else "9")
        case list():
            return [*document, *document[:1]] or ["more"]
        case _:
            return "something"
