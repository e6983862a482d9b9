"""From settings to a running service object: the same for all four services."""

from pathlib import Path
from typing import TypeVar

from shared.chain import Chain, Notary
from shared.config import Settings
from shared.poke import WANTED, Poke
from shared.report import ReadModels
from shared.report.database import open_database
from shared.service import Kept, Service
from shared.store import Store
from shared.store.sqlite import SqliteStore
from shared.vault import Vault

S = TypeVar("S", bound=Service)

SQLITE = "sqlite:///"


def store_for(settings: Settings) -> Store:
    """The event store the settings name."""
    if settings.database_url.startswith(SQLITE):
        return SqliteStore(settings.service, Path(settings.database_url.removeprefix(SQLITE)))
    from shared.store.postgres import PostgresStore  # only where it is used: psycopg costs memory

    return PostgresStore(settings.service, settings.database_url)


def chain_for(settings: Settings, store: Store) -> Chain:
    """The chain over this store, and who signs for it."""
    database = open_database(settings.chain_url, settings.service, "chain")
    return Chain(store, database, Notary(settings.service, settings.checkpoint_seed_file))


def poke_path(settings: Settings) -> Path:
    """Where the worker of this service listens for commits."""
    return settings.run_dir / f"{settings.service}.wakeup"


def build(kind: type[S], settings: Settings) -> S:
    """The service over its store, keys and read models; a commit wakes its worker, who waits for a report too."""
    store = store_for(settings)
    service = kind(
        store,
        Vault(Path(settings.keys_url.removeprefix(SQLITE))),
        read_models=ReadModels(settings.service, store, kind.reports, settings.reports_url),
        chain=chain_for(settings, store),
        secret=bytes.fromhex(settings.secret_file.read_text()),
        start={"base_currency": settings.base_currency, "time_zone": settings.time_zone.key},
    )
    store.on_commit = Poke(poke_path(settings))
    service.read_models.on_wanted = Poke(poke_path(settings), WANTED)
    return service


def migrate(service: Service) -> None:
    """Make or bring up to date everything the service keeps."""
    kept: tuple[Kept, ...] = (service.store, service.vault, service.read_models, service.chain, *service.beside)
    for each in kept:
        each.migrate()
