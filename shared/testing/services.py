"""Services in one process for tests: real stores in a folder, published events carried by hand."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast
from uuid import uuid4

from shared import codec
from shared.chain import Chain, Notary
from shared.contracts import CONTRACTS, Contract
from shared.hearing import Ear
from shared.message import Message
from shared.report import Reader, ReadModels, Report
from shared.report.database import open_database
from shared.service import Service
from shared.store.sqlite import SqliteStore
from shared.testing.memory import fast_folder
from shared.vault import Vault
from shared.wiring import migrate

S = TypeVar("S", bound=Service)

ELSEWHERE = "e1e1e1e1e1e1e1e1"
BATCH = 100
SEED_FILE = "checkpoint.seed"
OWNER_ONLY = 0o600


def opened(kind: type[S], folder: Path) -> S:
    """The service over its own new (or kept) files in this folder."""
    folder = folder / kind.NAME
    if folder.exists():
        return _migrated(kind, folder)
    if kind not in _empty:
        _empty[kind] = _Files.of(kind)
    _empty[kind].copy(folder)
    Notary(kind.NAME, folder / SEED_FILE).migrate()
    return _service(kind, folder)


@dataclass(frozen=True)
class _Files:
    """The databases of a service without events, and the epoch that stands in them."""

    epoch: str
    contents: dict[str, bytes]

    @classmethod
    def of(cls, kind: type[Service]) -> "_Files":
        with TemporaryDirectory(dir=fast_folder()) as folder:
            service = _migrated(kind, Path(folder))
            epoch = service.store.epoch
            for each in (service.store, service.read_models, service.chain):
                each.close()
            return cls(epoch, {each.name: each.read_bytes() for each in Path(folder).glob("*.db")})

    def copy(self, folder: Path) -> None:
        """Write the databases with an epoch of their own: each copy is another incarnation of the log."""
        folder.mkdir(parents=True)
        epoch = secrets.token_hex(len(self.epoch) // 2)
        for name, content in self.contents.items():
            (folder / name).touch(mode=OWNER_ONLY)
            (folder / name).write_bytes(content.replace(self.epoch.encode(), epoch.encode()))


_empty: dict[type[Service], _Files] = {}
"""The files of each service, migrated once for each run."""


def _migrated(kind: type[S], folder: Path) -> S:
    service = _service(kind, folder)
    migrate(service)
    return service


def _service(kind: type[S], folder: Path) -> S:
    store = SqliteStore(kind.NAME, folder / "events.db")
    read_models = ReadModels(kind.NAME, store, kind.reports, f"sqlite:///{folder / 'reports.db'}")
    notary = Notary(kind.NAME, folder / SEED_FILE)
    chain = Chain(store, open_database(folder / "chain.db", kind.NAME), notary)
    vault = Vault(folder / "keys.db")
    return kind(store, vault, read_models=read_models, chain=chain, secret=b"a secret of the tests")


def hear(service: Service, *told: Contract, times: int = 1) -> None:
    """The service hears these published events in this order, each message `times` times."""
    for contract in told:
        source = contract.source()
        message = _message(Ear(service, source).position.sequence, contract)
        for _ in range(times):
            _deliver(Ear(service, source), [message])


def up_to_date(service: S) -> S:
    """The service, with everything that has happened in its reports."""
    while service.read_models.advance():
        pass
    return service


def rows(service: Service, report: type[Report]) -> Reader:
    """What a report shows of everything that has happened."""
    return cast("Reader", up_to_date(service).rows_of(report))


def said(service: Service, after: int = 0) -> list[Contract]:
    """What the service has told the others since a position."""
    return [codec.decode(each.data, CONTRACTS[each.type]) for each in service.store.published(after, 10_000)]


class Listener:
    """A service that is told much at once: what one source says in a row is one transaction, as on the bus."""

    def __init__(self, service: Service) -> None:
        self._ears = {source: Ear(service, source) for source in service.policies.sources()}

    def hear(self, *told: Contract) -> None:
        """These published events in this order, at most a hundred at a time."""
        for source, contracts in groupby(told, lambda each: each.source()):
            said = list(contracts)
            for start in range(0, len(said), BATCH):
                self._hear(self._ears[source], said[start : start + BATCH])

    def _hear(self, ear: Ear, told: Sequence[Contract]) -> None:
        _deliver(ear, [_message(before, each) for before, each in enumerate(told, ear.position.sequence)])


_story = count(1)


def _message(before: int, contract: Contract) -> Message:
    source, data = contract.source(), codec.encode(contract)
    return Message(
        source, ELSEWHERE, before + 1, before, contract.wire_type(), f"{source}.Aggregate", contract.subject_id(),
        next(_story), "somebody", uuid4(), f"command:{next(_story)}", datetime.now(UTC), _business_date(contract),
        data, codec.digest(data),
    )  # fmt: skip


def _business_date(contract: Any) -> date:
    dates = [value for name, value in vars(contract).items() if name.endswith("_on") and isinstance(value, date)]
    return dates[0] if dates else datetime.now(UTC).date()


def _deliver(ear: Ear, messages: Sequence[Message]) -> None:
    new = [each for each in messages if each.sequence > ear.position.sequence]
    if new:
        ear.hear(new, hint=new[-1].sequence)


class Town:
    """Several services that hear each other: `carry()` delivers until nobody has news."""

    def __init__(self, *services: Service) -> None:
        self.services = {each.NAME: each for each in services}
        self._ears = [
            Ear(listener, source)
            for listener in services
            for source in listener.policies.sources()
            if source in self.services
        ]

    def carry(self) -> None:
        """Deliver everything published, and what follows from it; then bring all reports up to date."""
        while sum(self._bring(ear) for ear in self._ears):
            pass
        for service in self.services.values():
            up_to_date(service)

    def hear_one(self, whose: int) -> None:
        """One message reaches one of those who have news, the `whose`th of them."""
        news = [ear for ear in self._ears if self.services[ear.source].store.published(ear.position.sequence, 1)]
        if news:
            self._bring(news[whose % len(news)], at_most=1)

    def _bring(self, ear: Ear, at_most: int = BATCH) -> bool:
        news = self.services[ear.source].store.published(ear.position.sequence, at_most)
        _deliver(ear, news)
        return bool(news)
