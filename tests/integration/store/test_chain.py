"""The contract of the hash chain over a log, on SQLite and on PostgreSQL."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from shared.chain import ChainBroken, CheckpointSigner, HashChain
from shared.chain.hashing import chain_hash, encode_entry, initial_hash
from shared.chain.merkle import leaf_hash, merkle_root, proves_consistency
from shared.projections.database_url import open_database
from shared.store import Commit
from shared.store.event_store import EventStore
from tests.integration.store.databases import DatabaseFixture, new_event


class Chains:
    """The hash chain over the shop's log; it can be opened several times, as by several processes."""

    def __init__(self, place: DatabaseFixture, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.store = place.open()
        self._opened: list[HashChain] = []

    def open(self, store: EventStore | None = None) -> HashChain:
        url = self.folder / "chain.db" if self.place.on_sqlite else self.place.address
        chain = HashChain(
            store or self.store,
            open_database(url, "shop", "chain"),
            CheckpointSigner("shop", self.folder / "checkpoint.seed"),
        )
        chain.migrate()
        self._opened.append(chain)
        return chain

    def append_events(self, times: int, at_once: int = 1) -> None:
        for _ in range(times):
            self.store.commit(Commit(events=[new_event(text=str(uuid4())) for _ in range(at_once)]))

    def close(self) -> None:
        for each in self._opened:
            each.close()

    @property
    def hashes(self) -> list[bytes]:
        """Return the hashes of the chain, computed from its definition over the current log."""
        hashes = [initial_hash("shop", self.store.epoch)]
        for each in self.store.log(0, 10_000):
            hashes.append(chain_hash(hashes[-1], encode_entry(each)))
        return hashes

    def root(self, until: int) -> bytes:
        return (
            merkle_root(leaf_hash(encode_entry(each)) for each in self.store.log(0, until))
            if until
            else merkle_root([])
        )


@pytest.fixture
def chains(place: DatabaseFixture, tmp_path: Path) -> Iterator[Chains]:
    chains = Chains(place, tmp_path)
    yield chains
    chains.close()


def test_each_event_is_chained_to_the_one_before(chains: Chains) -> None:
    chain = chains.open()
    assert (chain.head().position, chain.head().head) == (0, chains.hashes[0])
    for batch in (1, 3, 7):
        chains.append_events(1, at_once=batch)
        chain.extend_to_end()
    assert [*chain.hashes(range(1, 12)).values()] == chains.hashes[1:]
    assert chain.head().head == chains.hashes[-1]
    assert chain.head().compute_root() == chains.root(11)
    assert chain.hashes([2, 11, 12, 40]) == {2: chains.hashes[2], 11: chains.hashes[11]}


def test_the_chain_is_the_same_for_any_batch_size(chains: Chains) -> None:
    chain = chains.open()
    chains.append_events(3, at_once=10)
    for limit in (1, 4, 500):
        chain.extend(limit)
    assert [*chain.hashes(range(1, 31)).values()] == chains.hashes[1:]
    assert chain.head().compute_root() == chains.root(30)


def test_two_workers_extend_one_chain(chains: Chains) -> None:
    workers = [chains.open(chains.place.open()) for _ in range(2)]
    chains.append_events(4, at_once=100)

    def work(number: int) -> None:
        while workers[number].extend(limit=3 + 4 * number):
            pass

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, range(2)))
    assert [*workers[0].hashes(range(1, 401)).values()] == chains.hashes[1:]
    assert workers[1].head().compute_root() == chains.root(400)


def test_every_checkpoint_is_consistent_with_every_later_one(chains: Chains) -> None:
    chain = chains.open()
    checkpoints = [chain.create_checkpoint()]
    for batch in (1, 2, 252, 1, 1, 300, 1, 700):
        chains.append_events(1, at_once=batch)
        chain.extend_to_end()
        checkpoints.append(chain.create_checkpoint())
    for number, older in enumerate(checkpoints):
        assert bytes.fromhex(older.root) == chains.root(older.position)
        assert bytes.fromhex(older.head) == chains.hashes[older.position]
        for newer in checkpoints[number:]:
            proof = chain.consistency_proof(older.position, newer.position)
            roots = bytes.fromhex(older.root), bytes.fromhex(newer.root)
            assert proves_consistency(older.position, roots[0], newer.position, roots[1], proof)


def test_a_checkpoint_is_created_once_per_position_and_stored(chains: Chains) -> None:
    chain = chains.open()
    chains.append_events(2)
    chain.extend_to_end()
    first = chain.create_checkpoint()
    first.verify()
    assert (first.service, first.epoch, first.position) == ("shop", chains.store.epoch, 2)
    assert chains.open().create_checkpoint() == first
    chains.append_events(1)
    chain.extend_to_end()
    assert chain.latest_checkpoint() == first
    second = chain.create_checkpoint()
    assert chain.checkpoints.list_after("shop", 0, 10) == [first, second]
    assert chain.checkpoints.list_after("shop", 2, 10) == [second]
    assert chain.checkpoints.list_after("shop", 0, 1) == [first]
    assert chain.checkpoints.list_after("bakery", 0, 10) == []


def test_the_key_is_created_once_and_readable_by_its_owner_only(chains: Chains) -> None:
    first, again = chains.open(), chains.open()
    assert first.create_checkpoint().key == again.create_checkpoint().key
    assert stat.S_IMODE((chains.folder / "checkpoint.seed").stat().st_mode) == 0o600


CHANGES = {
    "a byte of the state": "UPDATE events SET state={other} WHERE position=3",
    "the type": "UPDATE events SET type='shop.Jar.Emptied' WHERE position=3",
    "the version": "UPDATE events SET version=2 WHERE position=3",
    "the recorded time": "UPDATE events SET recorded_at=recorded_at+1 WHERE position=3",
    "the aggregate": "UPDATE events SET version=2, aggregate=(SELECT aggregate FROM events WHERE position=1) "
    "WHERE position=3",
    "its place": "DELETE FROM events WHERE position=3",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_the_log_is_found_and_the_event_named(chains: Chains, change: str) -> None:
    chain = chains.open()
    chains.append_events(5)
    chain.extend_to_end()
    assert chain.verify_range(0) == 5
    assert (chain.verify_range(0, 2), chain.verify_range(2, 2), chain.verify_range(5)) == (2, 4, 5)
    other = "x'7b7d'" if chains.place.on_sqlite else "'\\x7b7d'::bytea"
    chains.place.change(change.format(other=other))
    with pytest.raises(ChainBroken, match="event 3 of shop"):
        chain.verify_range(0)


def test_a_truncated_log_is_found(chains: Chains) -> None:
    chain = chains.open()
    chains.append_events(5)
    chain.extend_to_end()
    chains.place.change("DELETE FROM events WHERE position>3")
    with pytest.raises(ChainBroken, match="ends with event 3, but 5"):
        chain.extend()


def test_a_log_with_a_missing_event_is_not_chained(chains: Chains) -> None:
    chains.append_events(5)
    chains.place.change("DELETE FROM events WHERE position=3")
    with pytest.raises(ChainBroken, match="event 3 of shop is missing"):
        chains.open().extend()


def test_a_store_with_another_epoch_has_its_own_chain_and_refuses_the_events_of_the_first(chains: Chains) -> None:
    chain = chains.open()
    chains.append_events(2)
    chain.extend_to_end()
    before = chain.create_checkpoint()
    chains.place.change("UPDATE store_identity SET epoch='aaaaaaaaaaaaaaaa'")
    reopened = chains.open(chains.place.open())
    assert reopened.head().position == 0
    with pytest.raises(ChainBroken, match="event 1 of shop is forged or changed"):
        reopened.extend_to_end()
    after = reopened.create_checkpoint()
    assert (after.position, after.epoch) == (0, "aaaaaaaaaaaaaaaa")
    assert reopened.checkpoints.newest("shop", before.epoch) == before


def test_a_rewritten_log_is_not_signed(chains: Chains) -> None:
    """An event is changed and the whole chain is rebuilt; the earlier checkpoint does not match."""
    chain = chains.open()
    chains.append_events(3)
    chain.extend_to_end()
    signed = chain.create_checkpoint()
    chains.place.change("UPDATE events SET recorded_at=recorded_at-1 WHERE position=1")
    with chain._database.transaction() as session:
        session.execute("DELETE FROM chain_links")
    assert chain.extend_to_end().position == 3
    with pytest.raises(ChainBroken, match=r"3 events of shop signed on .* were changed"):
        chain.create_checkpoint()
    chains.append_events(1)
    chain.extend_to_end()
    with pytest.raises(ChainBroken):
        chain.create_checkpoint()
    assert chain.latest_checkpoint() == signed
