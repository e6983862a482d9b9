"""Faults of a store whose database is another process or on another machine."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, Queue
from uuid import UUID

import psycopg
import pytest

from shared.command_context import Caller
from shared.command_runner import StoredResponse
from shared.commands import Commands
from shared.domain import Aggregate, event
from shared.key_store import KeyStore
from shared.module import Module
from shared.service import Service
from shared.store import Commit, ConcurrencyConflict, DuplicateIdempotencyKey, InboxPosition, StoreError, postgres_pool
from shared.store import postgres as postgres_store
from shared.store.postgres import PostgresEventStore
from shared.testing.postgres import Postgres
from tests.integration.store.cuttable_proxy import CuttableProxy
from tests.integration.store.databases import (
    integrity_key,
    new_event,
    reserved,
    start_writer,
    stored_response,
    wait_for_writers,
)
from tests.integration.store.test_conformance import JAR, LID

COMMIT = b"; COMMIT"


@pytest.fixture
def wire(postgres_database: str) -> Iterator[CuttableProxy]:
    wire = CuttableProxy(postgres_database)
    yield wire
    wire.close()


@pytest.fixture
def opened() -> Iterator[Callable[[str], PostgresEventStore]]:
    stores: list[PostgresEventStore] = []

    def opening(url: str) -> PostgresEventStore:
        stores.append(PostgresEventStore("shop", url, integrity_key()))
        stores[-1].migrate()
        return stores[-1]

    yield opening
    for each in stores:
        each.close()


@pytest.fixture
def far(opened: Callable[[str], PostgresEventStore], wire: CuttableProxy) -> PostgresEventStore:
    """A store that reaches its database through the proxy."""
    return opened(wire.url)


# -- a connection cut while committing


def test_a_command_whose_reply_was_lost_is_known_to_be_stored(far: PostgresEventStore, wire: CuttableProxy) -> None:
    wire.cut_at(COMMIT, delivered=True)
    stored = far.commit(Commit(events=[new_event(JAR), new_event(JAR, 2)], idempotency_record=stored_response()))
    assert wire.cuts == 1
    assert stored == far.log(0, 10)
    assert len(stored) == 2
    assert far.get_idempotency_record("anna", "key") == stored_response()


def test_events_without_a_key_whose_reply_was_lost_are_known_to_be_stored(
    far: PostgresEventStore, wire: CuttableProxy
) -> None:
    notifications: list[int] = []
    far.on_commit = lambda: notifications.append(1)
    wire.cut_at(COMMIT, delivered=True)
    stored = far.commit(Commit(events=[new_event(JAR)]))
    assert (stored, notifications) == (far.log(0, 10), [1])


def test_a_commit_that_arrives_after_its_session_ended_has_no_effect(
    far: PostgresEventStore, wire: CuttableProxy
) -> None:
    """The network delayed it until its session had ended."""
    far.commit(Commit(events=[new_event(LID)]))
    wire.cut_before(COMMIT, until=b"pg_terminate_backend")
    commit = Commit(events=[new_event(JAR)], idempotency_record=stored_response())
    with pytest.raises(StoreError, match="while committing"):
        far.commit(commit)
    assert wire.delivered.wait(60)
    assert far.head() == 1
    assert [each.position for each in far.commit(commit)] == [2]


def test_a_command_whose_commit_was_lost_is_known_to_be_missing(far: PostgresEventStore, wire: CuttableProxy) -> None:
    wire.cut_at(COMMIT, delivered=False)
    commit = Commit(events=[new_event(JAR)], idempotency_record=stored_response())
    with pytest.raises(StoreError, match="while committing"):
        far.commit(commit)
    assert far.head() == 0
    assert far.get_idempotency_record("anna", "key") is None
    assert [each.position for each in far.commit(commit)] == [1]


def test_a_lost_commit_is_not_mistaken_for_another_commit_with_the_same_key(
    far: PostgresEventStore, wire: CuttableProxy, opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    """The key is stored with the response of the other command, and the caller gets that response."""
    wire.cut_at(COMMIT, delivered=False)
    twin = opened(postgres_database)
    answer = stored_response()

    def commit_first() -> None:
        twin.commit(Commit(events=[new_event(JAR)], idempotency_record=answer))

    wire.cut_at(COMMIT, delivered=False, on_cut=commit_first)
    with pytest.raises(DuplicateIdempotencyKey):
        far.commit(Commit(events=[new_event(JAR)], idempotency_record=answer))
    assert far.head() == 1


def test_an_inbox_position_whose_reply_was_lost_is_committed_once(far: PostgresEventStore, wire: CuttableProxy) -> None:
    """The commit cannot be identified as its own; the subscriber reads the stored position."""
    wire.cut_at(b"COMMIT", delivered=True)
    position = InboxPosition("crm", "a" * 16, 5, 5)
    with pytest.raises(StoreError):
        far.commit(Commit(inbox_position=position))
    assert far.get_inbox_position("crm") == position


def test_an_unknown_result_is_reported_as_unknown(far: PostgresEventStore, wire: CuttableProxy) -> None:
    far.commit(Commit(events=[new_event()]))
    wire.cut_at(b"", delivered=False, times=1_000)
    with pytest.raises(StoreError):
        far.commit(Commit(events=[new_event(JAR)], idempotency_record=stored_response()))
    with pytest.raises(StoreError):
        far.head()
    wire.cut_at(b"", delivered=False, times=0)
    assert far.head() == 1


class Crock(Aggregate):
    @event("Bought")
    def __init__(self, label: str) -> None:
        self.label = label


class CrockCommands(Commands):
    def buy(self, label: str) -> Crock:
        return self.uow.save(Crock(label))


class Crocks(Service):
    """Buys crocks."""

    NAME = "shop"
    modules = (Module("crocks", commands=CrockCommands),)


@pytest.mark.parametrize("command", ["buy", "look"])
def test_a_command_whose_reply_was_lost_runs_once(
    far: PostgresEventStore, wire: CuttableProxy, tmp_path: Path, command: str
) -> None:
    key_store = KeyStore(tmp_path / "keys.db")
    key_store.migrate()
    crocks = Crocks(far, key_store)
    runs: list[int] = []

    def work() -> StoredResponse:
        runs.append(1)
        if command == "buy":
            crocks.crocks.buy("plums")
        return StoredResponse(201, {}, f"answer {len(runs)}".encode())

    wire.cut_at(b"COMMIT", delivered=True)
    for _ in range(2):
        assert crocks.runner.execute(work, caller=Caller("anna"), key="key", request_digest="r") == StoredResponse(
            201, {}, b"answer 1"
        )
    assert wire.cuts == 1
    assert len(runs) == 1
    assert far.head() == (1 if command == "buy" else 0)


# -- deadlocks


def test_one_of_two_deadlocked_commands_is_repeated(
    opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    store = opened(postgres_database)
    both = threading.Barrier(2)

    def run(first: UUID, second: UUID) -> str:
        try:
            with store.exclusive():
                store.lock_aggregate(first)
                store.events(first)
                both.wait(timeout=120)
                store.lock_aggregate(second)
                store.events(second)
                store.commit(Commit(events=[new_event()]))
        except ConcurrencyConflict:
            return "again"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(run, (JAR, LID), (LID, JAR)))
    assert sorted(outcomes) == ["again", "done"]
    assert store.head() == 1


# -- a database that is restarted or unavailable


def test_a_store_continues_after_its_database_was_restarted(opened: Callable[[str], PostgresEventStore]) -> None:
    server = Postgres()
    try:
        store = opened(server.url())
        store.commit(Commit(events=[new_event(JAR)], idempotency_record=stored_response()))
        server.stop("immediate")
        with pytest.raises(StoreError):
            store.head()
        server.start()
        assert store.head() == 1
        assert store.get_idempotency_record("anna", "key") == stored_response()
        store.commit(Commit(events=[new_event(JAR, 2)]))
    finally:
        server.delete()


def test_a_command_idle_for_too_long_is_disconnected_and_cannot_commit(
    opened: Callable[[str], PostgresEventStore], postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "IDLE_TRANSACTION_SECONDS", 1)
    idle, other = opened(postgres_database), opened(postgres_database)
    with idle.exclusive():
        idle.lock_aggregate(JAR)
        assert idle.events(JAR) == []
        with other.exclusive():
            other.lock_aggregate(JAR)
            assert other.events(JAR) == []
            other.commit(Commit(events=[new_event(JAR)]))
        with pytest.raises(StoreError):
            idle.commit(Commit(events=[new_event()]))
    assert other.head() == 1
    idle.commit(Commit(events=[new_event()]))


def test_a_command_that_waits_too_long_for_the_lock_may_be_retried(
    opened: Callable[[str], PostgresEventStore], postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pool, "BUSY_SECONDS", 1)
    first, second = opened(postgres_database), opened(postgres_database)
    with first.exclusive():
        first.lock_aggregate(JAR)
        first.events(JAR)
        with second.exclusive():
            second.lock_aggregate(JAR)
            with pytest.raises(StoreError, match="lock timeout"):
                second.events(JAR)


@pytest.mark.parametrize(
    "setting", ["synchronous_commit=off", "synchronous_commit=local", "synchronous_commit=remote_write"]
)
def test_a_database_that_may_lose_commits_is_refused(
    opened: Callable[[str], PostgresEventStore], postgres_database: str, setting: str
) -> None:
    opened(postgres_database).check()
    name = postgres_database.rpartition("/")[2]
    with psycopg.connect(postgres_database, autocommit=True) as db:
        db.execute(f"ALTER DATABASE {name} SET {setting}".encode())
    with pytest.raises(StoreError, match="unsafe PostgreSQL setting: synchronous_commit"):
        opened(postgres_database).check()


def test_a_database_that_cannot_be_written_is_not_ready(
    opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    store = opened(postgres_database)
    store.require_writable()
    name = postgres_database.rpartition("/")[2]
    with psycopg.connect(postgres_database, autocommit=True) as db:
        db.execute(f"ALTER DATABASE {name} SET default_transaction_read_only=on".encode())
    fresh = PostgresEventStore("shop", postgres_database, integrity_key())
    with pytest.raises(StoreError, match="read-only"):
        fresh.require_writable()
    assert fresh.head() == 0
    fresh.close()


# -- notifications


def test_commits_of_other_processes_are_notified(
    opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    store = opened(postgres_database)
    notifications: Queue[int] = Queue()
    stopped = threading.Event()
    listening = threading.Thread(target=store.listen, args=(lambda: notifications.put(1), stopped.is_set))
    listening.start()
    notifications.get(timeout=60)

    wait_for_writers([start_writer("store.commit(Commit(events=[new_event()]))", postgres_database)])
    notifications.get(timeout=60)
    wait_for_writers([start_writer("store.commit(Commit(reservations=reserved('A', uuid4())))", postgres_database)])
    with pytest.raises(Empty):
        notifications.get(timeout=0.2)
    stopped.set()
    listening.join(timeout=60)
    assert not listening.is_alive()


def test_a_disconnected_listener_raises_an_error(
    opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    store = opened(postgres_database)
    notifications: Queue[int] = Queue()
    cut: list[Exception] = []

    def listen() -> None:
        try:
            store.listen(lambda: notifications.put(1), lambda: False)
        except StoreError as trouble:
            cut.append(trouble)

    listening = threading.Thread(target=listen)
    listening.start()
    notifications.get(timeout=60)
    with psycopg.connect(postgres_database, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname=current_database() AND pid<>pg_backend_pid() AND query LIKE 'LISTEN%'"
        )
    listening.join(timeout=60)
    assert len(cut) == 1


def test_commits_after_a_refused_commit_succeed(
    opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    """The session has run so many queries that psycopg uses prepared statements."""
    store = opened(postgres_database)
    store.commit(Commit(events=[new_event(JAR)]))
    with store.exclusive():
        for _ in range(10):
            store.events(JAR)
        with pytest.raises(ConcurrencyConflict):
            store.commit(Commit(events=[new_event(JAR)]))
        store.events(JAR)
        store.commit(Commit(events=[new_event(JAR, 2)]))
    assert store.head() == 2


def test_commits_after_a_check_for_write_access_succeed(
    opened: Callable[[str], PostgresEventStore], postgres_database: str
) -> None:
    store = opened(postgres_database)
    store.commit(Commit(events=[new_event(JAR)]))
    for _ in range(10):
        store.events(JAR)
    store.require_writable()
    store.commit(Commit(events=[new_event(JAR, 2)]))
    assert store.head() == 2


def test_two_services_in_one_database_are_isolated(postgres_database: str) -> None:
    shop, bakery = (
        PostgresEventStore("shop", postgres_database, integrity_key()),
        PostgresEventStore("bakery", postgres_database, integrity_key("bakery")),
    )
    shop.migrate()
    bakery.migrate()
    shop.commit(Commit(events=[new_event(JAR)], reservations=reserved("A", JAR)))
    bakery.commit(Commit(events=[new_event(JAR), new_event()], reservations=reserved("A", JAR)))
    assert (shop.head(), bakery.head()) == (1, 2)
    assert shop.epoch != bakery.epoch
    shop.close()
    bakery.close()
