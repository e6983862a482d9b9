"""Construction of a service from its settings, the same for all four services."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from shared.bus.event_feed import IssueToken
from shared.chain import CheckpointSigner, HashChain
from shared.config import InvalidSettings, Settings
from shared.domain import Firm, TimeZonePeriod
from shared.erasures import erase_again
from shared.http_client import HttpClient
from shared.identity import TokenSigner
from shared.key_store import KeyStore
from shared.projections import ReadModels
from shared.projections.database_url import open_database
from shared.service import Migratable, Service
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure, IntegrityKey
from shared.store.sqlite import SqliteEventStore
from shared.store.suspension import StoreNotCompared
from shared.store_memory import require_same_kind
from shared.worker.wakeup_sender import PROJECTION_REQUESTED, WakeupSender

S = TypeVar("S", bound=Service)

SQLITE = "sqlite:///"


def _open_event_store(settings: Settings) -> EventStore:
    """Return the event store named by the settings. Raises InvalidSettings for another kind than that of the home."""
    require_same_kind(settings)
    key = IntegrityKey(settings.integrity_key_file)
    if settings.database_url.startswith(SQLITE):
        return SqliteEventStore(settings.service, Path(settings.database_url.removeprefix(SQLITE)), key)
    from shared.store.postgres import PostgresEventStore  # imported only where used: psycopg costs memory

    return PostgresEventStore(settings.service, settings.database_url, key)


def wakeup_socket_path(settings: Settings) -> Path:
    """Return the path of the socket on which the worker of this service receives wake-ups."""
    return settings.run_dir / f"{settings.service}.wakeup"


def build_service(service_class: type[S], settings: Settings) -> S:
    """Build a service with its store, keys and read models; commits and projection requests wake its worker."""
    store = _open_event_store(settings)
    chain_database = open_database(settings.chain_url, settings.service, "chain")
    signer = CheckpointSigner(settings.service, settings.checkpoint_seed_file)
    service = service_class(
        store,
        KeyStore(Path(settings.keys_url.removeprefix(SQLITE))),
        read_models=ReadModels(settings.service, store, service_class.projections, settings.reports_url),
        chain=HashChain(store, chain_database, signer),
        secret=bytes.fromhex(settings.secret_file.read_text()),
        initial_firm=Firm(base_currency=settings.base_currency, time_zones=(TimeZonePeriod(settings.time_zone.key),)),
    )
    if not store.notifies_of_commits:
        store.on_commit = WakeupSender(wakeup_socket_path(settings))
    service.read_models.on_projection_requested = WakeupSender(wakeup_socket_path(settings), PROJECTION_REQUESTED)
    return service


def token_issuer(settings: Settings) -> IssueToken:
    """Return the function that issues the tokens of this service for requests to other services."""
    signer = TokenSigner(settings.service, bytes.fromhex(settings.identity_seed_file.read_text()))
    return partial(signer.issue_token, settings.service, ())


def sources_of(service: Service, peers: Mapping[str, HttpClient]) -> dict[str, HttpClient]:
    """Return the peers whose events the service handles. Raises InvalidSettings for one without an address."""
    sources = service.policies.wire_types_by_source()
    if unknown := [each for each in sources if each not in peers]:
        raise InvalidSettings(f"SIHE_PEERS has no address for {', '.join(unknown)}")
    return {each: peers[each] for each in sources}


def migrate(service: Service) -> None:
    """Create or upgrade all storage of the service, and record what must exist before its first command."""
    _create_storage(service)
    service.prepare()


def migrate_for_use(service: Service) -> None:
    """As `migrate`, but a store that cannot prove that it is the service's is not used before it has been compared."""
    _create_storage(service)
    service.chain.comparison.check_own()
    with suppress(IntegrityFailure, StoreNotCompared):  # such a store was prepared before, or replaced one that was
        service.prepare()
    service.chain.comparison.await_others()


def _create_storage(service: Service) -> None:
    """Create the tables; keys of persons that were erased since the restored backup of the keys are destroyed again."""
    storage: tuple[Migratable, ...] = service.store, service.key_store, service.read_models, service.chain
    for each in (*storage, *service.additional_storage):
        each.migrate()
    erase_again(service.store, service.key_store)
