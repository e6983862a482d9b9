"""Access log: a hash-chained record of each read of personal or accounting data, outside the event logs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from msgspec import Raw
from structlog import get_logger

from gateway.read_parameters import logged_parameters
from shared import codec
from shared.projections.database import Database
from shared.store import StoreError

CREATE_TABLE = """CREATE TABLE IF NOT EXISTS access_log (
    position BIGINT PRIMARY KEY, record BYTEA NOT NULL, chain_hash BYTEA NOT NULL)"""
SELECT_LAST = "SELECT position, chain_hash FROM access_log ORDER BY position DESC LIMIT 1"
INITIAL_CHAIN = sha256(b"readings").digest()

log = get_logger()


@dataclass(frozen=True, slots=True)
class AccessLogEntry:
    """One answered request. `parameters`: ids and codes as given, digests of other values, which can be personal."""

    read_at: datetime
    actor: str
    path: str
    parameters: Mapping[str, str]
    trace_id: str


@dataclass(frozen=True, slots=True)
class AccessLogRecord:
    """A stored entry. `chain_hash` is the SHA-256, in hex, of the previous hash and the bytes of the entry."""

    number: int
    entry: Raw
    chain_hash: str


class AccessLog:
    """Records in the order of the responses; the hash chain reveals a removed or changed record."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    def migrate(self) -> None:
        """Create the table."""
        self._database.prepare()
        with self._database.transaction() as session:
            session.execute(CREATE_TABLE)

    def record(self, actor: str, path: str, given: Iterable[tuple[str, str]], trace_id: str) -> None:
        """Record a read. If the database fails, the entry is written to the process log and the response is sent."""
        parameters = logged_parameters(given, self._secret)
        entry = AccessLogEntry(datetime.now(UTC), actor, path, parameters, trace_id)
        try:
            self._append(codec.encode(entry))
        except StoreError as error:
            log.error(
                "access log entry not stored", actor=actor, path=path, parameters=list(parameters), reason=str(error)
            )

    def _append(self, record: bytes) -> None:
        with self._database.transaction() as session:
            number, chain = next(iter(session.execute(SELECT_LAST).fetchall()), (0, INITIAL_CHAIN))
            row = (number + 1, record, next_chain(bytes(chain), record))
            session.execute("INSERT INTO access_log VALUES (?, ?, ?)", row)

    def after(self, number: int, limit: int) -> list[AccessLogRecord]:
        """Return up to `limit` records after a number, in order."""
        query = "SELECT position, record, chain_hash FROM access_log WHERE position>? ORDER BY position LIMIT ?"
        rows = self._database.query(query, (number, limit))
        return [AccessLogRecord(number, Raw(bytes(record)), bytes(chain).hex()) for number, record, chain in rows]

    def close(self) -> None:
        self._database.close()


def next_chain(before: bytes, record: bytes) -> bytes:
    """Return the chain hash of a record that follows the chain hash `before`."""
    return sha256(before + record).digest()
