"""Hash chain over one service's log, in a separate database: writers never wait for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.chain.checkpoint import Checkpoint, CheckpointSigner
from shared.chain.checkpoint_store import CREATE_CHECKPOINTS, CheckpointStore
from shared.chain.comparison import LogComparison
from shared.chain.hashing import chain_hash, encode_entry, initial_hash
from shared.chain.merkle import Subtree, SubtreeRoots, consistency_proof, leaf_hash, merkle_root, node_hash, split_point
from shared.chain.table_check import TableCheck
from shared.projections.database import Database, Session
from shared.store import RecordedEvent
from shared.store.event_store import EventStore
from shared.store.integrity import IntegrityFailure

BATCH_SIZE = 500
"""Events chained in one transaction."""
HASH_BYTES = 32
MIN_STORED_LEVEL = 8
"""Smaller subtrees (up to 128 events) are computed from the log when a proof needs them."""

CREATE_TABLES = (
    """CREATE TABLE IF NOT EXISTS chain_links (
    epoch TEXT, first_position BIGINT, last_position BIGINT NOT NULL, hashes BYTEA NOT NULL, peaks BYTEA NOT NULL,
    PRIMARY KEY (epoch, first_position))""",
    """CREATE TABLE IF NOT EXISTS merkle_subtrees (
    epoch TEXT, level INTEGER, ordinal BIGINT, root BYTEA NOT NULL, PRIMARY KEY (epoch, level, ordinal))""",
    CREATE_CHECKPOINTS,
)


class ChainBroken(Exception):
    """Raised when the log was changed after it was chained, or is not the service's; the message names the first event.

    `at` is that event as it is now, where there is one.
    """

    def __init__(self, reason: str, at: RecordedEvent | None = None) -> None:
        super().__init__(reason)
        self.at = at


@dataclass(frozen=True, slots=True)
class ChainHead:
    """End of the chain: its last position, the hash of that event, the peaks of the Merkle tree."""

    position: int
    head: bytes
    peaks: Sequence[bytes]

    def compute_root(self) -> bytes:
        """Return the Merkle root over all events up to here."""
        return SubtreeRoots(self.position, self.peaks).compute_root()


class HashChain:
    """Hash chain of a log, with a row for each batch of events; each epoch of the log has its own chain."""

    def __init__(self, store: EventStore, database: Database, signer: CheckpointSigner) -> None:
        self._store, self._database, self._signer = store, database, signer
        self.checkpoints = CheckpointStore(database)
        """Checkpoints of this log, and those of other logs that this service keeps."""
        self.comparison = LogComparison(store, self.checkpoints, self._hash_at)
        """Whether this is the log of which checkpoints were signed."""

    def migrate(self) -> None:
        """Create the tables and the key."""
        self._database.prepare(*CREATE_TABLES)
        self._signer.migrate()

    def close(self) -> None:
        self._database.close()

    # -- growing

    def extend(self, limit: int = BATCH_SIZE) -> int:
        """Chain the next events of the log and return their number.

        Raises ChainBroken for an event or message that is missing or that the service did not write.
        """
        tip = self.head()
        recorded = self._store.log_as_stored(tip.position, limit)
        _verify_positions(tip, recorded, self._store)
        self._verify_written(recorded)
        if recorded:
            self._store_batch(tip, recorded)
        return len(recorded)

    def _verify_written(self, recorded: Sequence[RecordedEvent]) -> None:
        for each in recorded:
            if not self._store.is_genuine(each):
                raise ChainBroken(f"event {each.position} of {self._store.service} is forged or changed", each)
        try:
            self._store.verify_outbox(recorded)
        except IntegrityFailure as failure:
            at = next((each for each in recorded if each.aggregate == failure.aggregate), None)
            raise ChainBroken(str(failure), at) from failure

    def extend_to_end(self) -> ChainHead:
        """Chain the whole log and return the end of the chain."""
        while self.extend():
            pass
        return self.head()

    def head(self) -> ChainHead:
        newest = """SELECT last_position, hashes, peaks FROM chain_links WHERE epoch=?
            ORDER BY first_position DESC LIMIT 1"""
        for last, hashes, peaks in self._database.query(newest, (self._store.epoch,)):
            starts = range(0, len(peaks), HASH_BYTES)
            return ChainHead(last, hashes[-HASH_BYTES:], [peaks[each : each + HASH_BYTES] for each in starts])
        return ChainHead(0, initial_hash(self._store.service, self._store.epoch), ())

    def _store_batch(self, tip: ChainHead, recorded: Sequence[RecordedEvent]) -> None:
        """Store the whole batch, unless another worker was first."""
        peaks, hashes, subtrees = SubtreeRoots(tip.position, tip.peaks), [tip.head], list[Subtree]()
        for each in map(encode_entry, recorded):
            hashes.append(chain_hash(hashes[-1], each))
            subtrees += (new for new in peaks.append(leaf_hash(each)) if new[0] >= MIN_STORED_LEVEL)
        row = recorded[0].position, recorded[-1].position, b"".join(hashes[1:]), b"".join(peaks.roots)
        with self._database.transaction() as session:
            if self._insert(session, "chain_links", row):
                for subtree in subtrees:
                    self._insert(session, "merkle_subtrees", subtree)

    def _insert(self, session: Session, table: str, row: Sequence[object]) -> bool:
        marks = ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} VALUES (?, {marks}) ON CONFLICT DO NOTHING"  # noqa: S608 (names are the code's own)
        return bool(session.execute(statement, (self._store.epoch, *row)).rowcount)

    # -- reading and verifying

    def hashes(self, positions: Iterable[int]) -> Mapping[int, bytes]:
        """Return the hash of each chained event at these positions, which must ascend."""
        found: dict[int, bytes] = {}
        first, hashes = 1, b""
        for each in positions:
            if not 0 <= each - first < len(hashes) // HASH_BYTES:
                first, hashes = self._stored_batch_containing(each)
            if known := hashes[(each - first) * HASH_BYTES :][:HASH_BYTES]:
                found[each] = known
        return found

    def _hash_at(self, position: int) -> bytes:
        """Return the hash to which the next event is chained; empty if the chain is shorter."""
        if position == 0:
            return initial_hash(self._store.service, self._store.epoch)
        return self.hashes([position]).get(position, b"")

    def _stored_batch_containing(self, position: int) -> tuple[int, bytes]:
        query = """SELECT first_position, hashes FROM chain_links WHERE epoch=? AND first_position<=?
            ORDER BY first_position DESC LIMIT 1"""
        for first, hashes in self._database.query(query, (self._store.epoch, position)):
            return first, hashes
        return position, b""

    def verify_range(
        self, after: int, limit: int = BATCH_SIZE, visit: Callable[[RecordedEvent], None] = lambda _: None
    ) -> int:
        """Hash events after a position again, visit each, and return the last position.

        Raises ChainBroken for an event or message that was changed.
        """
        before = self._hash_at(after)
        recorded = self._store.log_as_stored(after, limit, until=self.head().position)
        known = self.hashes(range(after + 1, after + 1 + len(recorded)))
        for place, each in enumerate(recorded, after + 1):
            if each.position != place:
                raise ChainBroken(f"event {place} of {self._store.service} is missing")
            before = chain_hash(before, encode_entry(each))
            if known.get(place) != before:
                raise ChainBroken(f"event {place} of {self._store.service} was changed after it was chained", each)
        self._verify_written(recorded)
        for each in recorded:
            visit(each)
        return recorded[-1].position if recorded else after

    def table_check(self) -> TableCheck:
        """Return a check of the tables of the store that are not in the log."""
        return TableCheck(self._store)

    def suspend(self, reasons: Mapping[UUID, str], *, only: bool = False) -> None:
        """Suspend the aggregates of changed events; with `only` no others."""
        self._store.suspend(reasons, only=only)

    # -- signing

    def create_checkpoint(self) -> Checkpoint:
        """Return the checkpoint of the whole chain, one per position.

        Raises ChainBroken if signed events changed, and StoreError while the whole store is suspended: the next start
        would take a log for proven by what is signed now.
        """
        self._store.require_not_suspended()
        tip, service, epoch = self.head(), self._store.service, self._store.epoch
        known = self.checkpoints.newest(service, epoch)
        if known and self._hash_at(known.position).hex() != known.head:
            raise ChainBroken(f"the {known.position} events of {service} signed on {known.at} were changed")
        if known and known.position == tip.position:
            return known
        signed = self._signer.sign(epoch, tip.position, tip.head, tip.compute_root())
        self.checkpoints.add(signed)
        return self.checkpoints.newest(service, epoch) or signed

    def latest_checkpoint(self) -> Checkpoint:
        """Return the last checkpoint; creates the first one."""
        return self.checkpoints.newest(self._store.service, self._store.epoch) or self.create_checkpoint()

    def consistency_proof(self, older: int, newer: int) -> list[bytes]:
        """Return the proof that the log at `newer` extends that at `older`; empty where it does not."""
        return consistency_proof(older, newer, self._range_root) if older <= newer <= self.head().position else []

    def _range_root(self, start: int, end: int) -> bytes:
        """Return the root over a range: large subtrees are stored, small ones computed from the log."""
        size = end - start
        if size < 1 << MIN_STORED_LEVEL:
            return merkle_root(leaf_hash(encode_entry(each)) for each in self._store.log_as_stored(start, size))
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            query = "SELECT root FROM merkle_subtrees WHERE epoch=? AND level=? AND ordinal=?"
            root: bytes = self._database.query(query, (self._store.epoch, level, start >> level))[0][0]
            return root
        middle = split_point(start, end)
        return node_hash(self._range_root(start, middle), self._range_root(middle, end))


def _verify_positions(tip: ChainHead, recorded: Sequence[RecordedEvent], store: EventStore) -> None:
    for expected, each in enumerate(recorded, tip.position + 1):
        if each.position != expected:
            raise ChainBroken(f"event {expected} of {store.service} is missing")
    if not recorded and (head := store.head()) < tip.position:
        raise ChainBroken(f"the log of {store.service} ends with event {head}, but {tip.position} were chained")
