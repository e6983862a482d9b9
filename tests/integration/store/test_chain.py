"""What the chain over a log promises, on SQLite and on PostgreSQL alike."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from shared.chain import Broken, Chain, Notary
from shared.chain.entry import beginning, entry, link
from shared.chain.merkle import extends, leaf, root_over
from shared.report.database import open_database
from shared.store import Commit, Store
from tests.integration.store.places import Place, happening


class Chains:
    """The chain over the shop's log, opened as often as there are processes."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.store = place.open()
        self._opened: list[Chain] = []

    def open(self, store: Store | None = None) -> Chain:
        url = self.folder / "chain.db" if self.place.on_sqlite else self.place.address
        chain = Chain(
            store or self.store, open_database(url, "shop", "chain"), Notary("shop", self.folder / "checkpoint.seed")
        )
        chain.migrate()
        self._opened.append(chain)
        return chain

    def happen(self, times: int, at_once: int = 1) -> None:
        for _ in range(times):
            self.store.commit(Commit(events=[happening(text=str(uuid4())) for _ in range(at_once)]))

    def close(self) -> None:
        for each in self._opened:
            each.close()

    @property
    def hashes(self) -> list[bytes]:
        """The chain as it is defined, over the log as it is."""
        hashes = [beginning("shop", self.store.epoch)]
        for each in self.store.log(0, 10_000):
            hashes.append(link(hashes[-1], entry(each)))
        return hashes

    def root(self, until: int) -> bytes:
        return root_over(leaf(entry(each)) for each in self.store.log(0, until)) if until else root_over([])


@pytest.fixture
def chains(place: Place, tmp_path: Path) -> Iterator[Chains]:
    chains = Chains(place, tmp_path)
    yield chains
    chains.close()


def test_each_event_is_chained_to_the_one_before(chains: Chains) -> None:
    chain = chains.open()
    assert (chain.tip().position, chain.tip().head) == (0, chains.hashes[0])
    for batch in (1, 3, 7):
        chains.happen(1, at_once=batch)
        chain.complete()
    assert [*chain.hashes(range(1, 12)).values()] == chains.hashes[1:]
    assert chain.tip().head == chains.hashes[-1]
    assert chain.tip().root() == chains.root(11)
    assert chain.hashes([2, 11, 12, 40]) == {2: chains.hashes[2], 11: chains.hashes[11]}


def test_it_is_the_same_however_it_was_cut_into_runs(chains: Chains) -> None:
    chain = chains.open()
    chains.happen(3, at_once=10)
    for limit in (1, 4, 500):
        chain.extend(limit)
    assert [*chain.hashes(range(1, 31)).values()] == chains.hashes[1:]
    assert chain.tip().root() == chains.root(30)


def test_two_workers_make_one_chain(chains: Chains) -> None:
    workers = [chains.open(chains.place.open()) for _ in range(2)]
    chains.happen(4, at_once=100)

    def work(number: int) -> None:
        while workers[number].extend(limit=3 + 4 * number):
            pass

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, range(2)))
    assert [*workers[0].hashes(range(1, 401)).values()] == chains.hashes[1:]
    assert workers[1].tip().root() == chains.root(400)


def test_every_checkpoint_is_the_beginning_of_every_later_one(chains: Chains) -> None:
    chain = chains.open()
    made = [chain.checkpoint()]
    for batch in (1, 2, 252, 1, 1, 300, 1, 700):
        chains.happen(1, at_once=batch)
        chain.complete()
        made.append(chain.checkpoint())
    for number, older in enumerate(made):
        assert bytes.fromhex(older.root) == chains.root(older.position)
        assert bytes.fromhex(older.head) == chains.hashes[older.position]
        for newer in made[number:]:
            proof = chain.consistency(older.position, newer.position)
            roots = bytes.fromhex(older.root), bytes.fromhex(newer.root)
            assert extends(older.position, roots[0], newer.position, roots[1], proof)


def test_a_checkpoint_is_made_once_for_a_position_and_kept(chains: Chains) -> None:
    chain = chains.open()
    chains.happen(2)
    chain.complete()
    first = chain.checkpoint()
    first.judge()
    assert (first.service, first.epoch, first.position) == ("shop", chains.store.epoch, 2)
    assert chains.open().checkpoint() == first
    chains.happen(1)
    chain.complete()
    assert chain.newest() == first
    second = chain.checkpoint()
    assert chain.kept.after("shop", 0, 10) == [first, second]
    assert chain.kept.after("shop", 2, 10) == [second]
    assert chain.kept.after("shop", 0, 1) == [first]
    assert chain.kept.after("bakery", 0, 10) == []


def test_the_key_is_made_once_and_readable_by_its_owner_only(chains: Chains) -> None:
    first, again = chains.open(), chains.open()
    assert first.checkpoint().key == again.checkpoint().key
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
def test_whatever_is_changed_in_the_log_is_found_and_named(chains: Chains, change: str) -> None:
    chain = chains.open()
    chains.happen(5)
    chain.complete()
    assert chain.check(0) == 5
    assert (chain.check(0, 2), chain.check(2, 2), chain.check(5)) == (2, 4, 5)
    other = "x'7b7d'" if chains.place.on_sqlite else "'\\x7b7d'::bytea"
    chains.place.change(change.format(other=other))
    with pytest.raises(Broken, match="event 3 of shop"):
        chain.check(0)


def test_a_log_that_was_cut_is_found(chains: Chains) -> None:
    chain = chains.open()
    chains.happen(5)
    chain.complete()
    chains.place.change("DELETE FROM events WHERE position>3")
    with pytest.raises(Broken, match="ends with event 3, but 5"):
        chain.extend()


def test_a_hole_is_not_chained_over(chains: Chains) -> None:
    chains.happen(5)
    chains.place.change("DELETE FROM events WHERE position=3")
    with pytest.raises(Broken, match="event 3 of shop is missing"):
        chains.open().extend()


def test_another_incarnation_has_a_chain_of_its_own(chains: Chains) -> None:
    chain = chains.open()
    chains.happen(2)
    chain.complete()
    before = chain.checkpoint()
    chains.place.change("UPDATE store_identity SET epoch='aaaaaaaaaaaaaaaa'")
    reopened = chains.open(chains.place.open())
    assert reopened.tip().position == 0
    reopened.complete()
    after = reopened.checkpoint()
    assert (after.position, after.epoch) == (2, "aaaaaaaaaaaaaaaa")
    assert after.head != before.head
    assert reopened.kept.newest("shop", before.epoch) == before


def test_no_second_past_is_signed(chains: Chains) -> None:
    """Somebody changes an event and has the whole chain made anew: what was signed before is still known."""
    chain = chains.open()
    chains.happen(3)
    chain.complete()
    signed = chain.checkpoint()
    chains.place.change("UPDATE events SET recorded_at=recorded_at-1 WHERE position=1")
    with chain._database.writing() as session:
        session.execute("DELETE FROM chain_links")
    assert chain.complete().position == 3
    with pytest.raises(Broken, match=r"3 events of shop signed on .* are others now"):
        chain.checkpoint()
    chains.happen(1)
    chain.complete()
    with pytest.raises(Broken):
        chain.checkpoint()
    assert chain.newest() == signed
