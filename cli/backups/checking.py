"""Verification of copied databases: each is sound, each log is proven by its chain, and all fit together."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from cli.backups import BackupFailed
from cli.backups.cut import contradictions, read_state
from cli.backups.layout import DATABASES, SIGNING_KEYS, Layout
from cli.backups.manifest import BackedUpLog
from cli.home import PROCESSES
from shared.chain import CheckpointSigner, HashChain
from shared.chain.hash_chain import ChainBroken
from shared.projections.sqlite import SqliteDatabase
from shared.store.integrity import IntegrityKey
from shared.store.sqlite import SqliteEventStore

PAGE = 1_000

Step = Callable[[str], None]


@dataclass(frozen=True)
class OpenLog:
    """The event store of a service and its chain, in a home or in a copy."""

    store: SqliteEventStore
    chain: HashChain


@contextmanager
def open_log(files: Layout, service: str) -> Iterator[OpenLog]:
    """Open the log of a service; nothing is written."""
    key = IntegrityKey(files.path(f"{SIGNING_KEYS}/{service}.integrity"))
    store = SqliteEventStore(service, files.path(f"{service}/events.db"), key)
    signer = CheckpointSigner(service, files.path(f"{SIGNING_KEYS}/{service}.checkpoint.seed"))
    chain = HashChain(store, SqliteDatabase(files.path(f"{service}/chain.db")), signer)
    with closing(store), closing(chain):
        yield OpenLog(store, chain)


def read_log(files: Layout, service: str) -> BackedUpLog:
    """Return the state of a copied log."""
    with closing(sqlite3.connect(files.path(f"{service}/events.db"))) as database:
        state = read_state(database)
    with open_log(files, service) as log:
        end = log.chain.head()
    return BackedUpLog(state, end.position, end.head.hex())


def check_copies(files: Layout, logs: Mapping[str, BackedUpLog], step: Step) -> None:
    """Verify copied databases, which must have these logs. Raises BackupFailed, StoreError, ChainBroken."""
    for name in DATABASES:
        step(f"examining {name}")
        _check_database(files, name)
    for service in PROCESSES:
        if read_log(files, service) != logs[service]:
            raise BackupFailed(f"The log of {service} is not the one that backup.json describes.")
    if found := list(contradictions({name: log.store for name, log in logs.items()})):
        raise BackupFailed(f"The event stores do not fit together: {found[0]}.")
    with ExitStack() as opened:
        open_logs = {service: opened.enter_context(open_log(files, service)) for service in PROCESSES}
        for service in PROCESSES:
            step(f"verifying the log of {service}")
            _check_log(service, open_logs)


def _check_database(files: Layout, name: str) -> None:
    with closing(sqlite3.connect(files.path(name))) as database:
        found = [text for (text,) in database.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise BackupFailed(f"The copy of {name} is damaged: {found[0]}.")


def _check_log(service: str, logs: Mapping[str, OpenLog]) -> None:
    """Walk the log along its chain, and compare it with the newest checkpoints that all services hold of it."""
    store, chain = logs[service].store, logs[service].chain
    store.check()
    _walk(store, chain)
    held = [each.chain.checkpoints.newest(service) for each in logs.values()]
    for checkpoint in filter(None, held):
        if contradiction := chain.comparison.contradiction(checkpoint):
            raise BackupFailed(contradiction)


def _walk(store: SqliteEventStore, chain: HashChain) -> None:
    position, end = 0, chain.head().position
    while position < end:
        before, position = position, chain.verify_range(position)
        if position == before:
            raise ChainBroken(f"event {position + 1} of {store.service} is missing")
    while recorded := store.log_as_stored(position, PAGE):
        if forged := next((each for each in recorded if not store.is_genuine(each)), None):
            raise ChainBroken(f"event {forged.position} of {store.service} is forged or changed", forged)
        store.verify_outbox(recorded)
        position = recorded[-1].position
