"""The chain over one service's log, in a database beside it: writers never wait for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.chain.checkpoint import Checkpoint, Notary
from shared.chain.checkpoints import Checkpoints
from shared.chain.entry import beginning, entry, link
from shared.chain.merkle import Peaks, Subtree, consistency, leaf, node, parted, root_over
from shared.report.database import Database, Session
from shared.store import Recorded, Store

RUN = 500
"""Events taken into the chain at once, in one transaction."""
HASH_BYTES = 32
KEPT_LEVEL = 8
"""Smaller subtrees (up to 128 events) are made again from the log when a proof needs them."""

TABLES = (
    """CREATE TABLE IF NOT EXISTS chain_links (
    epoch TEXT, first_position BIGINT, last_position BIGINT NOT NULL, hashes BYTEA NOT NULL, peaks BYTEA NOT NULL,
    PRIMARY KEY (epoch, first_position))""",
    """CREATE TABLE IF NOT EXISTS merkle_subtrees (
    epoch TEXT, level INTEGER, ordinal BIGINT, root BYTEA NOT NULL, PRIMARY KEY (epoch, level, ordinal))""",
)


class Broken(Exception):
    """The log is not what it was when it was chained. The message names the first event."""


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the chain ends: its last position, the hash of that event, the peaks of the tree."""

    position: int
    head: bytes
    peaks: tuple[bytes, ...]

    def root(self) -> bytes:
        """The root of the tree over all events up to here."""
        return Peaks(self.position, self.peaks).root()


class Chain:
    """One row for every run of events chained together; another incarnation of the log has a chain of its own."""

    def __init__(self, store: Store, database: Database, notary: Notary) -> None:
        self._store, self._database, self._notary = store, database, notary
        self.kept = Checkpoints(database)
        """Checkpoints of this log, and those of others that this service holds."""

    def migrate(self) -> None:
        """Make the tables and the key."""
        self._database.prepare()
        with self._database.writing() as session:
            for table in TABLES:
                session.execute(table)
            self.kept.make(session)
        self._notary.migrate()

    def close(self) -> None:
        self._database.close()

    # -- growing

    def extend(self, limit: int = RUN) -> int:
        """Chain the next events of the log; how many there were. Raises Broken if one that should be there is not."""
        tip = self.tip()
        news = self._store.log(tip.position, limit)
        _judge_places(tip, news, self._store)
        if news:
            self._keep(tip, news)
        return len(news)

    def complete(self) -> Tip:
        """Chain all there is; where the chain ends then."""
        while self.extend():
            pass
        return self.tip()

    def tip(self) -> Tip:
        """Where the chain ends."""
        question = (
            "SELECT last_position, hashes, peaks FROM chain_links WHERE epoch=? ORDER BY first_position DESC LIMIT 1"
        )
        for last, hashes, peaks in self._database.query(question, (self._store.epoch,)):
            return Tip(last, bytes(hashes)[-HASH_BYTES:], tuple(_cut(peaks)))
        return Tip(0, beginning(self._store.service, self._store.epoch), ())

    def _keep(self, tip: Tip, news: Sequence[Recorded]) -> None:
        """All of the run, unless another worker was first."""
        peaks, hashes, subtrees = Peaks(tip.position, tip.peaks), [tip.head], list[Subtree]()
        for each in map(entry, news):
            hashes.append(link(hashes[-1], each))
            subtrees += (made for made in peaks.append(leaf(each)) if made[0] >= KEPT_LEVEL)
        row = news[0].position, news[-1].position, b"".join(hashes[1:]), b"".join(peaks.roots)
        with self._database.writing() as session:
            if self._insert(session, "chain_links", row):
                for subtree in subtrees:
                    self._insert(session, "merkle_subtrees", subtree)

    def _insert(self, session: Session, table: str, row: Sequence[object]) -> bool:
        marks = ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} VALUES (?, {marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        return bool(session.execute(statement, (self._store.epoch, *row)).rowcount)

    # -- being asked

    def hashes(self, positions: Iterable[int]) -> Mapping[int, bytes]:
        """The hash of each of these events that is chained; positions ascend."""
        found: dict[int, bytes] = {}
        first, hashes = 1, b""
        for each in positions:
            if not 0 <= each - first < len(hashes) // HASH_BYTES:
                first, hashes = self._run_with(each)
            if known := hashes[(each - first) * HASH_BYTES :][:HASH_BYTES]:
                found[each] = known
        return found

    def _hash_at(self, position: int) -> bytes:
        """What the event behind this one is chained to; nothing where the chain is shorter."""
        if position == 0:
            return beginning(self._store.service, self._store.epoch)
        return self.hashes([position]).get(position, b"")

    def _run_with(self, position: int) -> tuple[int, bytes]:
        question = """SELECT first_position, hashes FROM chain_links WHERE epoch=? AND first_position<=?
            ORDER BY first_position DESC LIMIT 1"""
        for first, hashes in self._database.query(question, (self._store.epoch, position)):
            return first, bytes(hashes)
        return position, b""

    def check(self, after: int, limit: int = RUN) -> int:
        """Fold events after a position once more; up to where. Raises Broken naming the first one that was changed."""
        before = self._hash_at(after)
        recorded = self._store.log(after, limit, until=self.tip().position)
        known = self.hashes(range(after + 1, after + 1 + len(recorded)))
        for place, each in enumerate(recorded, after + 1):
            before = link(before, entry(each))
            if known.get(place) != before:
                raise Broken(f"event {place} of {self._store.service} is not what it was when it was chained")
        return recorded[-1].position if recorded else after

    # -- signing

    def checkpoint(self) -> Checkpoint:
        """The signed word about all that is chained, one a position. Raises Broken rather than sign two pasts."""
        tip, service, epoch = self.tip(), self._store.service, self._store.epoch
        known = self.kept.newest(service, epoch)
        if known and self._hash_at(known.position).hex() != known.head:
            raise Broken(f"the {known.position} events of {service} signed on {known.at} are others now")
        if known and known.position == tip.position:
            return known
        self.kept.hold(self._notary.sign(epoch, tip))
        return self.kept.newest(service, epoch) or self._notary.sign(epoch, tip)

    def newest(self) -> Checkpoint:
        """The last checkpoint made, or the first one."""
        return self.kept.newest(self._store.service, self._store.epoch) or self.checkpoint()

    def consistency(self, older: int, newer: int) -> list[bytes]:
        """Proof that the log at `newer` begins with what it was at `older`; nothing where it does not."""
        return consistency(older, newer, self._root) if older <= newer <= self.tip().position else []

    def _root(self, start: int, end: int) -> bytes:
        """The root over some events, from what is kept of large subtrees and the log for small ones."""
        size = end - start
        if size < 1 << KEPT_LEVEL:
            return root_over(leaf(entry(each)) for each in self._store.log(start, size))
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            question = "SELECT root FROM merkle_subtrees WHERE epoch=? AND level=? AND ordinal=?"
            return bytes(self._database.query(question, (self._store.epoch, level, start >> level))[0][0])
        middle = parted(start, end)
        return node(self._root(start, middle), self._root(middle, end))


def _judge_places(tip: Tip, news: Sequence[Recorded], store: Store) -> None:
    for expected, each in enumerate(news, tip.position + 1):
        if each.position != expected:
            raise Broken(f"event {expected} of {store.service} is missing")
    if not news and (head := store.head()) < tip.position:
        raise Broken(f"the log of {store.service} ends with event {head}, but {tip.position} were chained")


def _cut(hashes: bytes) -> Iterator[bytes]:
    for place in range(0, len(hashes), HASH_BYTES):
        yield bytes(hashes[place : place + HASH_BYTES])
