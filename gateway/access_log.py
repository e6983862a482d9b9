"""Access log: a hash-chained record of each answer with personal or accounting data, outside the event logs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from msgspec import Raw
from structlog import get_logger

from gateway.read_parameters import logged_parameters
from shared import codec
from shared.command_context import Caller
from shared.openapi.shapes import COUNT, INSTANT, TEXT, Doc, map_schema, object_schema
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
    method: str
    path: str
    parameters: Mapping[str, str]
    trace_id: str


@dataclass(frozen=True, slots=True)
class AccessLogRecord:
    """A stored entry. `chain_hash` is the SHA-256, in hex, of the previous hash and the bytes of the entry."""

    number: int
    entry: Raw
    chain_hash: str


ACCESS_LOG_LINE: Doc = object_schema(
    {
        "number": COUNT,
        "entry": object_schema(
            {
                "read_at": INSTANT, "actor": TEXT, "method": TEXT, "path": TEXT,
                "parameters": map_schema(TEXT, "Ids and codes as given, digests of other values."), "trace_id": TEXT,
            }
        ),
        "chain_hash": TEXT,
    }
)  # fmt: skip
"""The schema of a record as a line."""


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

    def record(self, caller: Caller, method: str, path: str, given: Iterable[tuple[str, str]]) -> None:
        """Record an answer. If the database fails, the entry is written to the process log and the response is sent."""
        parameters = logged_parameters(given, self._secret)
        entry = AccessLogEntry(datetime.now(UTC), caller.actor, method, path, parameters, caller.trace_id)
        try:
            self._append(codec.encode(entry))
        except StoreError as error:
            log.error("access log entry not stored", reason=str(error), **_logged(entry))

    def _append(self, record: bytes) -> None:
        with self._database.transaction() as session:
            number, chain = next(iter(session.execute(SELECT_LAST).fetchall()), (0, INITIAL_CHAIN))
            row = (number + 1, record, next_chain(bytes(chain), record))
            session.execute("INSERT INTO access_log VALUES (?, ?, ?)", row)

    def end(self) -> tuple[int, str]:
        """Return the number of records and the chain hash of the last one, in hex."""
        number, chain = next(iter(self._database.query(SELECT_LAST)), (0, INITIAL_CHAIN))
        return number, bytes(chain).hex()

    def chain_hash_at(self, number: int) -> str | None:
        """Return the chain hash of a record, in hex; None if the log has no such record."""
        found = self._database.query("SELECT chain_hash FROM access_log WHERE position=?", (number,))
        return bytes(found[0][0]).hex() if found else None

    def after(self, number: int, limit: int) -> list[AccessLogRecord]:
        """Return up to `limit` records after a number, in order."""
        query = "SELECT position, record, chain_hash FROM access_log WHERE position>? ORDER BY position LIMIT ?"
        rows = self._database.query(query, (number, limit))
        return [AccessLogRecord(number, Raw(bytes(record)), bytes(chain).hex()) for number, record, chain in rows]

    def close(self) -> None:
        self._database.close()


def _logged(entry: AccessLogEntry) -> dict[str, Any]:
    names = {name: getattr(entry, name) for name in ("actor", "method", "path")}
    return {**names, "parameters": list(entry.parameters)}


def next_chain(before: bytes, record: bytes) -> bytes:
    """Return the chain hash of a record that follows the chain hash `before`."""
    return sha256(before + record).digest()
