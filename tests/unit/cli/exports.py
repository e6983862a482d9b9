"""Exports of small logs that hold every kind of event there is, made by the real exporter of real services."""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cli.export import exported, write
from gateway.access.application import Access
from services.crm.application import Crm
from services.erp.application import Erp
from services.scm.application import Scm
from services.srm.application import Srm
from shared.chain.witness import Witness
from shared.codec import encode
from shared.service import Service
from shared.store import Commit, NewEvent
from shared.testing.services import opened
from shared.testing.web import client_of
from shared.working.chaining import Witnessing

Document = dict[str, Any]

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples" / "stored"
KINDS: tuple[type[Service], ...] = (Crm, Srm, Scm, Erp, Access)


class Logs:
    """The logs of all services, and who asks for an export of them."""

    def __init__(self, folder: Path) -> None:
        self.services = {kind.NAME: opened(kind, folder) for kind in KINDS}
        self._asked = {name: client_of(service, []) for name, service in self.services.items()}

    def happen(self, name: str, states: list[tuple[str, bytes]], thing: UUID | None = None) -> None:
        """These events, one after the other, to one thing or to a new one each."""
        store = self.services[name].store
        for kind, state in states:
            version = len(store.events(thing)) + 1 if thing else 1
            store.commit(Commit(events=[NewEvent(thing or uuid4(), version, kind, state)]))

    def sign(self, name: str) -> None:
        """The service signs what it has, and the others hold it."""
        chain = self.services[name].chain
        chain.complete()
        chain.checkpoint()
        for other, service in self.services.items():
            if other not in (name, "gateway"):
                assert Witnessing(Witness(service.chain.kept), (name,), self._peer).look(name)

    def exported(self, *names: str) -> list[Document]:
        """The documents of an export, as they are read back."""
        return [json.loads(encode(each)) for each in exported(self, names)]  # type: ignore[arg-type]

    def close(self) -> None:
        for service in self.services.values():
            service.store.close()

    # -- asked as the public interface is

    def get(self, path: str) -> Any:
        _, service, rest = path.split("/")
        return self._asked[service].get(f"/audit/{rest}").json

    def lines(self, path: str, **query: str) -> Iterator[Any]:
        _, service, rest = path.split("/")
        if rest == "checkpoints":
            service, rest = query.pop("held_by"), f"checkpoints/{service}"
        yield from map(json.loads, self._asked[service].get(f"/audit/{rest}", query_string=query).data.splitlines())

    def _peer(self, service: str, path: str) -> bytes:
        answer: bytes = self._asked[service].get(path).data
        return answer


def samples_of(service: str) -> list[tuple[str, bytes]]:
    """Every kind of event this service has ever stored."""
    return [
        (file.stem.rpartition(".v")[0], file.read_bytes())
        for file in sorted(SAMPLES.glob("*.json"))
        if file.name.startswith(f"{service}.")
    ]


def content_of(documents: list[Document]) -> list[bytes]:
    """The lines of the file, with an end that fits them: whoever can write the file can write that."""
    file = BytesIO()
    write(documents, file)
    return file.getvalue().splitlines(keepends=True)


def events_in(documents: list[Document]) -> dict[int, Document]:
    """The events of an export of one log, by position."""
    return {each["position"]: each for each in documents if "position" in each}


def fields_of(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a document; of several alike in a list, to the first."""
    if isinstance(thing, Mapping) and thing:
        for name, each in thing.items():
            yield from fields_of(each, (*path, name))
    elif isinstance(thing, list) and thing:
        yield from fields_of(thing[0], (*path, 0))
        yield path
    else:
        yield path


def altered(thing: Any, path: tuple[Any, ...]) -> Any:
    """The document with another value there."""
    if path:
        first, *rest = path
        return type(thing)(
            {**thing, first: altered(thing[first], tuple(rest))}
            if isinstance(thing, Mapping)
            else [*thing[:first], altered(thing[first], tuple(rest)), *thing[first + 1 :]]
        )
    match thing:
        case bool():
            return not thing
        case int():
            return thing + 1
        case str():
            return thing[:-1] + ("8" if thing[-1:] != "8" else "9")
        case list():
            return [*thing, *thing[:1]] or ["more"]
        case _:
            return "something"
