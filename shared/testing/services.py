"""Services in one process for tests, with real stores in a folder; tests deliver the published events."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import count, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from shared import codec
from shared.bus.event_feed import FeedUnavailable
from shared.bus.inbox import Inbox
from shared.chain import CheckpointSigner, HashChain
from shared.command_context import CommandContext
from shared.contracts import CONTRACTS, PublishedEvent
from shared.contracts.erp import LegalEntityRegistered
from shared.domain import MAIN_ENTITY, Aggregate, Firm
from shared.domain.values import UniqueValue
from shared.firm import ReceivedFirm, keep_firm
from shared.key_store import KeyStore
from shared.message import Message
from shared.projections import Projection, ReadModels, RowReader
from shared.projections.database_url import open_database
from shared.received_records import ReceivedRecord
from shared.service import Service
from shared.store import Commit, NewEvent, RecordedEvent
from shared.store.event_store import EventStore
from shared.store.integrity import INBOX_POSITION, PARKED_MESSAGE, EventSealer, IntegrityKey
from shared.store.sqlite import SqliteEventStore
from shared.testing.memory import fast_folder
from shared.wiring import migrate

A = TypeVar("A", bound=Aggregate)
S = TypeVar("S", bound=Service)

OTHER_EPOCH = "e1e1e1e1e1e1e1e1"
BATCH = 100
MAIN_FIRM = Firm()
SEED_FILE, INTEGRITY_FILE = "checkpoint.seed", "integrity"
OWNER_ONLY = 0o600


def open_service(
    service_class: type[S], folder: Path, *, knows_firm: bool = True, initial_firm: Firm | None = None
) -> S:
    """Return the service over its files in this folder, created if missing, after it has received the firm from ERP.

    ERP itself registers the `initial_firm` in new files.
    """
    folder = folder / service_class.NAME
    if folder.exists() or not knows_firm or initial_firm:
        return _migrated(service_class, folder, knows_firm=knows_firm, initial_firm=initial_firm or MAIN_FIRM)
    if service_class not in _empty_files:
        _empty_files[service_class] = _Files.of(service_class)
    _empty_files[service_class].copy(folder)
    CheckpointSigner(service_class.NAME, folder / SEED_FILE).migrate()
    service = _service(service_class, folder)
    service.store.integrity_key.migrate(is_new_store=True)
    seal_again(service.store)
    return service


def open_service_of_log(service_class: type[S], folder: Path, events: Iterable[tuple[datetime, NewEvent]]) -> S:
    """Return the service over new files with these events, each recorded at its time, as another version wrote them."""
    folder.mkdir(parents=True)
    service = _service(service_class, folder)
    for each in (service.store, service.key_store, service.read_models, service.chain):
        each.migrate()
    store: Any = service.store
    for at, event in events:
        store.now = partial(datetime.astimezone, at)
        store.commit(Commit(events=[event]))
    del store.now
    return catch_up(service)


def seal_again(store: EventStore) -> None:
    """Seal all rows with the key and for the epoch that the store has now."""
    sealer = EventSealer(store.service, store.epoch, store.integrity_key)
    event, value = (
        "UPDATE events SET mac=? WHERE position=?",
        "UPDATE unique_values SET mac=? WHERE kind=? AND folded=?",
    )
    log = store.log_as_stored(0, 1_000)
    seals: list[Any] = [(event, (sealer.mac_of(each, each.published_digest), each.position)) for each in log]
    seals += [(value, (sealer.mac_of_unique(key, unique), *key)) for key, unique in _unique_values(store)]
    for table, kind, keys in (("inbox_positions", INBOX_POSITION, 1), ("parked_messages", PARKED_MESSAGE, 3)):
        columns = ("source", "epoch", "sequence")[:keys]
        statement = f"UPDATE {table} SET mac=? WHERE {' AND '.join(f'{each}=?' for each in columns)}"  # noqa: S608 (names)
        for *row, _ in map(tuple, store._fetch_all(f"SELECT * FROM {table}")):  # noqa: S608, SLF001 (names; for tests)
            seals.append((statement, (sealer.sealed_row(kind, tuple(row))[-1], *row[:keys])))
    store.write_all(seals)


def _unique_values(store: EventStore) -> list[tuple[tuple[str, str], UniqueValue]]:
    """Return all reserved values, by namespace and folded form, however they are sealed."""
    rows = store._fetch_all("SELECT kind, folded, value, aggregate_id FROM unique_values")  # noqa: SLF001 (for tests)
    return [((kind, folded), UniqueValue(value, store._decode_id(owner))) for kind, folded, value, owner in rows]  # noqa: SLF001 (for tests)


@dataclass(frozen=True)
class _Files:
    """The databases of a service without events, and their epoch."""

    epoch: str
    contents: dict[str, bytes]

    @classmethod
    def of(cls, service_class: type[Service]) -> "_Files":
        with TemporaryDirectory(dir=fast_folder()) as folder:
            service = _migrated(service_class, Path(folder))
            epoch = service.store.epoch
            for each in (service.store, service.read_models, service.chain):
                each.close()
            return cls(epoch, {each.name: each.read_bytes() for each in Path(folder).glob("*.db")})

    def copy(self, folder: Path) -> None:
        """Write the databases with a new epoch, as a new event log has."""
        folder.mkdir(parents=True)
        epoch = secrets.token_hex(len(self.epoch) // 2)
        for name, content in self.contents.items():
            (folder / name).touch(mode=OWNER_ONLY)
            (folder / name).write_bytes(content.replace(self.epoch.encode(), epoch.encode()))


_empty_files: dict[type[Service], _Files] = {}
"""The migrated databases of each service, created once in a test run."""


def _migrated(service_class: type[S], folder: Path, *, knows_firm: bool = True, initial_firm: Firm = MAIN_FIRM) -> S:
    folder.mkdir(parents=True, exist_ok=True)
    service = _service(service_class, folder, initial_firm)
    migrate(service)
    if knows_firm and service_class.firm_class is ReceivedFirm:
        receive_firm(service)
    return service


def receive_firm(service: Service) -> None:
    """Keep the firm as the event of ERP brings it."""
    published, today = LegalEntityRegistered(ReceivedFirm.id_of(MAIN_ENTITY), MAIN_FIRM), datetime.now(UTC).date()

    def receive() -> None:
        for each in keep_firm(published, service.runner.uow):
            service.runner.uow.save(each)

    service.runner.run(receive, CommandContext("erp", "command:firm", today))


def _service(service_class: type[S], folder: Path, initial_firm: Firm = MAIN_FIRM) -> S:
    store = SqliteEventStore(service_class.NAME, folder / "events.db", IntegrityKey(folder / INTEGRITY_FILE))
    read_models = ReadModels(service_class.NAME, store, service_class.projections, f"sqlite:///{folder / 'reports.db'}")
    signer = CheckpointSigner(service_class.NAME, folder / SEED_FILE)
    chain = HashChain(store, open_database(folder / "chain.db", service_class.NAME), signer)
    key_store = KeyStore(folder / "keys.db")
    return service_class(
        store,
        key_store,
        read_models=read_models,
        chain=chain,
        secret=b"a secret of the tests",
        initial_firm=initial_firm,
    )


def deliver(service: Service, *events: PublishedEvent, deliveries: int = 1) -> None:
    """Deliver these published events to the service in this order, each message `deliveries` times."""
    for contract in events:
        source = contract.source()
        message = _message(service.inbox(source).position.sequence, contract)
        for _ in range(deliveries):
            _deliver_messages(service.inbox(source), [message])


def catch_up(service: S) -> S:
    """Return the service after its projections have processed all events."""
    while service.read_models.process_batch():
        pass
    return service


def reader(service: Service, projection: type[Projection]) -> RowReader:
    """Return a reader of the projection after it has processed all events."""
    return cast("RowReader", catch_up(service).reader_for(projection))


def get_or_none(service: Service, aggregate_class: type[A], id: UUID) -> A | None:
    """Return the aggregate as it is stored now, or None."""
    return service.runner.run(lambda: service.runner.uow.get_or_none(aggregate_class, id))


def get(service: Service, aggregate_class: type[A], id: UUID) -> A:
    """Return the aggregate as it is stored now. Raises NotFound."""
    return service.runner.run(lambda: service.runner.uow.get(aggregate_class, id))


def published_events(service: Service, after: int = 0) -> list[PublishedEvent]:
    """Return the events the service has published after a position."""
    return [codec.decode(each.data, CONTRACTS[each.type]) for each in service.store.published_events(after, 10_000)]


def recorded_events(service: Service) -> list[RecordedEvent]:
    """Return the first events that the service has recorded of its own decision: without what it received."""
    received = (f"{ReceivedFirm.NAME}.", f"{ReceivedRecord.NAME}.")
    return [each for each in service.store.log(0, 1_000) if not each.type.startswith(received)]


class BatchSubscriber:
    """A service that receives batches: consecutive events of a source form one transaction, as on the bus."""

    def __init__(self, service: Service) -> None:
        self._inboxes = {source: service.inbox(source) for source in service.policies.wire_types_by_source()}

    def deliver(self, *events: PublishedEvent) -> None:
        """Deliver these published events in this order, in batches of at most 100."""
        for source, contracts in groupby(events, lambda each: each.source()):
            batch = list(contracts)
            for start in range(0, len(batch), BATCH):
                self._deliver_batch(self._inboxes[source], batch[start : start + BATCH])

    def _deliver_batch(self, inbox: Inbox, events: Sequence[PublishedEvent]) -> None:
        messages = [_message(before, each) for before, each in enumerate(events, inbox.position.sequence)]
        _deliver_messages(inbox, messages)


_correlation_numbers = count(1)


def _message(before: int, contract: PublishedEvent) -> Message:
    source, data = contract.source(), codec.encode(contract)
    return Message(
        source, OTHER_EPOCH, before + 1, before, contract.wire_type(), f"{source}.Aggregate", contract.subject_id(),
        next(_correlation_numbers), "clerk", uuid4(), f"command:{next(_correlation_numbers)}",
        datetime.now(UTC), _business_date(contract),
        data, codec.digest(data),
    )  # fmt: skip


def _business_date(contract: Any) -> date:
    dates = [value for name, value in vars(contract).items() if name.endswith("_on") and isinstance(value, date)]
    return dates[0] if dates else datetime.now(UTC).date()


def _deliver_messages(inbox: Inbox, messages: Sequence[Message]) -> None:
    new = [each for each in messages if each.sequence > inbox.position.sequence]
    if new:
        inbox.apply(new, hint=new[-1].sequence)


@dataclass
class StoreFeed:
    """The published events of a service in the same process; one that is away does not answer."""

    store: EventStore
    is_away: bool = False

    def read_after(self, position: int, limit: int) -> Sequence[Message]:
        if self.is_away:
            raise FeedUnavailable(f"{self.store.service} is away")
        return self.store.published_events(position, limit)


class ConnectedServices:
    """Several services that receive each other's events: `deliver_all()` delivers until no event is left."""

    def __init__(self, *services: Service) -> None:
        self.services = {each.NAME: each for each in services}
        self._inboxes = [
            service.inbox(source)
            for service in services
            for source in service.policies.wire_types_by_source()
            if source in self.services
        ]

    def deliver_all(self) -> None:
        """Deliver all published events and the events that follow from them; then update all projections."""
        while sum(self._deliver_from(inbox) for inbox in self._inboxes):
            pass
        for service in self.services.values():
            catch_up(service)

    def deliver_one(self, index: int) -> None:
        """Deliver one message to the inbox with this index (modulo) among those with undelivered events."""
        undelivered = [
            inbox
            for inbox in self._inboxes
            if self.services[inbox.source].store.published_events(inbox.position.sequence, 1)
        ]
        if undelivered:
            self._deliver_from(undelivered[index % len(undelivered)], limit=1)

    def _deliver_from(self, inbox: Inbox, limit: int = BATCH) -> bool:
        undelivered = self.services[inbox.source].store.published_events(inbox.position.sequence, limit)
        _deliver_messages(inbox, undelivered)
        return bool(undelivered)
