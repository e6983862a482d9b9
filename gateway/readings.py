"""Who read what of persons and books: a record of each reading, chained to the one before, outside every event log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from msgspec import Raw
from structlog import get_logger

from shared import codec
from shared.report.database import Database
from shared.store import StoreError

TABLE = """CREATE TABLE IF NOT EXISTS access_log (
    position BIGINT PRIMARY KEY, record BYTEA NOT NULL, chain_hash BYTEA NOT NULL)"""
NEWEST = "SELECT position, chain_hash FROM access_log ORDER BY position DESC LIMIT 1"
BEGINNING = sha256(b"readings").digest()

log = get_logger()


@dataclass(frozen=True, slots=True)
class Reading:
    """One question that was answered. `parameters` are names and not what was asked for: that can be a person."""

    read_at: datetime
    actor: str
    path: str
    parameters: list[str]
    trace_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """A reading as it is stored. `chain_hash` is the SHA-256, in hex, of the one before and the entry's own bytes."""

    number: int
    entry: Raw
    chain_hash: str


class Readings:
    """Records in the order of the answers, each hashed with the one before: none can be taken out unseen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def migrate(self) -> None:
        """Make the table."""
        self._database.prepare()
        with self._database.writing() as session:
            session.execute(TABLE)

    def note(self, actor: str, path: str, asked: Sequence[str], trace_id: str) -> None:
        """Keep that this is read now. Where that fails the log of the process has it: reading goes on."""
        reading = Reading(datetime.now(UTC), actor, path, sorted(asked), trace_id)
        try:
            self._keep(codec.encode(reading))
        except StoreError as trouble:
            log.error("a reading is recorded here only", actor=actor, path=path, asked=asked, reason=str(trouble))

    def _keep(self, record: bytes) -> None:
        with self._database.writing() as session:
            number, chain = next(iter(session.execute(NEWEST).fetchall()), (0, BEGINNING))
            row = (number + 1, record, chained(bytes(chain), record))
            session.execute("INSERT INTO access_log VALUES (?, ?, ?)", row)

    def after(self, number: int, limit: int) -> list[Record]:
        """Records after a number, in order."""
        question = "SELECT position, record, chain_hash FROM access_log WHERE position>? ORDER BY position LIMIT ?"
        rows = self._database.query(question, (number, limit))
        return [Record(number, Raw(bytes(record)), bytes(chain).hex()) for number, record, chain in rows]

    def close(self) -> None:
        self._database.close()


def chained(before: bytes, record: bytes) -> bytes:
    """The hash of a record behind another one."""
    return sha256(before + record).digest()
