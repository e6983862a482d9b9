"""What a failover to a synchronous standby loses was never reported as stored, and what was reported is still there."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from shared.store import Commit, RecordedEvent, StoreError, postgres_connection
from shared.store.event_store import EventStore
from shared.store.postgres import PostgresEventStore
from shared.testing.postgres import Postgres, PostgresNotFound
from shared.testing.postgres_standby import Standby
from tests.integration.store.cuttable_proxy import CuttableProxy
from tests.integration.store.databases import integrity_key, new_event, positions, stored_response
from tests.integration.store.test_conformance import JAR, LID

WAITING = "pid FROM pg_stat_activity WHERE wait_event='SyncRep'"
"""Selects the sessions that wait for the standby."""


@dataclass
class Pair:
    """A shop on a PostgreSQL that confirms no commit before its standby has it."""

    primary: Postgres
    standby: Standby
    wire: CuttableProxy
    threads: ThreadPoolExecutor
    stores: list[PostgresEventStore]

    def open(self, url: str) -> PostgresEventStore:
        self.stores.append(PostgresEventStore("shop", url, integrity_key()))
        return self.stores[-1]

    def begin(self, command: Callable[[], Any]) -> Future[Any]:
        """Run a command in a thread; return when its session waits for the standby, which is away."""
        running = self.threads.submit(command)
        self.primary.wait_for(f"SELECT {WAITING}")
        return running

    def fail_over(self) -> PostgresEventStore:
        """Lose the primary with all it has; return the shop on the standby."""
        self.primary.stop("immediate")
        if not self.standby.is_running:
            self.standby.start()
        self.standby.promote()
        return self.open(self.standby.url())

    def close(self) -> None:
        self.wire.cut()
        for each in self.stores:
            each.close()
        self.standby.delete()
        self.primary.delete()
        self.wire.close()
        self.threads.shutdown()


@pytest.fixture
def pair() -> Iterator[Pair]:
    try:
        primary = Postgres()
    except PostgresNotFound as missing:
        pytest.skip(str(missing))
    pair = Pair(primary, Standby(primary), CuttableProxy(primary.url()), ThreadPoolExecutor(4), [])
    yield pair
    pair.close()


@pytest.fixture
def shop(pair: Pair) -> PostgresEventStore:
    """The shop with one event that the standby has; the standby is then away."""
    shop = pair.open(pair.wire.url)
    shop.migrate()
    shop.commit(Commit(events=[new_event(LID)]))
    pair.standby.stop()
    return shop


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that end soon: the standby stays away for longer anyway."""
    monkeypatch.setattr(postgres_connection, "CONFIRM_SECONDS", 1.0)


def cut_socket(pair: Pair) -> None:
    pair.wire.cut()


def terminate_session(pair: Pair) -> None:
    pair.primary.execute(f"SELECT pg_terminate_backend(pid), {WAITING}")


def cancel_wait(pair: Pair) -> None:
    pair.primary.execute(f"SELECT pg_cancel_backend(pid), {WAITING}")


COMMAND = Commit(events=[new_event(JAR), new_event(JAR, 2)], idempotency_record=stored_response())


def filled_jar(shop: EventStore) -> list[RecordedEvent]:
    """Fill the jar as a client does that repeats a command: a known key gets the stored response."""
    with shop.exclusive():
        if shop.get_idempotency_record("anna", "key"):
            return shop.events(JAR)
        return shop.commit(COMMAND)


@pytest.mark.parametrize("end", [cut_socket, terminate_session, cancel_wait])
@pytest.mark.usefixtures("impatient")
def test_a_command_that_no_standby_has_is_not_reported_as_stored_when_its_session_ends(
    pair: Pair, shop: PostgresEventStore, end: Callable[[Pair], None]
) -> None:
    filling = pair.begin(lambda: filled_jar(shop))
    end(pair)
    with pytest.raises(StoreError):
        filling.result(timeout=60)
    with pytest.raises(StoreError):
        filled_jar(shop)  # the client's second attempt, before the failover

    promoted = pair.fail_over()
    assert promoted.head() == 1
    assert positions(filled_jar(promoted)) == [2, 3]
    assert positions(filled_jar(promoted)) == [2, 3]


def test_a_command_whose_reply_was_lost_is_reported_as_stored_once_the_standby_has_it(
    pair: Pair, shop: PostgresEventStore
) -> None:
    filling = pair.begin(lambda: filled_jar(shop))
    pair.wire.cut()
    pair.primary.wait_for(f"SELECT {WAITING} AND query LIKE '%pg_logical_emit_message%'")
    pair.standby.start()
    assert positions(filling.result(timeout=60)) == [2, 3]
    assert positions(filled_jar(pair.fail_over())) == [2, 3]


@pytest.mark.usefixtures("impatient")
def test_a_wait_for_the_standby_ends_by_the_clock_of_the_client_and_is_not_cancelled(
    pair: Pair, shop: PostgresEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connection, "COMMIT_SECONDS", 1.0)
    filling = pair.begin(lambda: filled_jar(shop))
    with pytest.raises(StoreError, match="outcome of the commit is unknown"):
        filling.result(timeout=60)
    assert pair.primary.execute("SELECT max(position) FROM shop.events") == [(1,)]

    pair.standby.start()
    pair.primary.wait_for("SELECT 1 FROM shop.events WHERE position=3")
    assert positions(filled_jar(shop)) == [2, 3]


@pytest.mark.usefixtures("impatient")
def test_a_standby_that_is_away_for_long_does_not_use_up_the_connections(pair: Pair, shop: PostgresEventStore) -> None:
    filling = pair.begin(lambda: filled_jar(shop))
    terminate_session(pair)
    with pytest.raises(StoreError):
        filling.result(timeout=60)
    for _ in range(3):
        with pytest.raises(StoreError):
            shop.log(0, 100)
    assert len(pair.primary.execute(f"SELECT {WAITING}")) == 1


READS: dict[str, Callable[[EventStore], object]] = {
    "the events of a record": lambda shop: shop.events(JAR),
    "a page of the log": lambda shop: shop.log(0, 100),
    "a page of the log as stored": lambda shop: shop.log_as_stored(0, 100),
    "the newest position": lambda shop: shop.head(),
    "published messages": lambda shop: shop.published_events(0, 100),
    "the newest published position": lambda shop: shop.published_head(),
}
"""What passes events on: to clients, projections, the chain, other services."""


@pytest.mark.usefixtures("impatient")
def test_no_reader_passes_on_what_no_standby_has(pair: Pair, shop: PostgresEventStore) -> None:
    selling = pair.begin(lambda: shop.commit(Commit(events=[new_event(JAR, published="plums")])))
    terminate_session(pair)
    with pytest.raises(StoreError):
        selling.result(timeout=60)
    reader = pair.open(pair.primary.url())
    assert pair.primary.execute("SELECT max(position) FROM shop.events") == [(2,)]
    for read in READS.values():
        with pytest.raises(StoreError, match="not confirmed"):
            read(reader)

    pair.standby.start()
    for read in READS.values():
        assert read(reader) is not None
