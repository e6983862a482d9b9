"""The checkpoints a service holds: its own, and those of the services it watches."""

from collections.abc import Sequence

from shared import codec
from shared.chain.checkpoint import Checkpoint
from shared.report.database import Database, Session

TABLE = """CREATE TABLE IF NOT EXISTS checkpoints (
    service TEXT, epoch TEXT, position BIGINT, signed_at TEXT NOT NULL, checkpoint BYTEA NOT NULL,
    PRIMARY KEY (service, epoch, position))"""


class Checkpoints:
    """Kept for ever, one for each service and position."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def make(session: Session) -> None:
        session.execute(TABLE)

    def hold(self, checkpoint: Checkpoint) -> None:
        """Keep it; where there is one of that position it stays."""
        row = (checkpoint.service, checkpoint.epoch, checkpoint.position, checkpoint.at, codec.encode(checkpoint))
        with self._database.writing() as session:
            session.execute("INSERT INTO checkpoints VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", row)

    def newest(self, service: str, epoch: str | None = None) -> Checkpoint | None:
        """The last one of a service: of this incarnation of its log, or of the one heard of last."""
        question = "SELECT checkpoint FROM checkpoints WHERE service=? AND epoch=? ORDER BY position DESC LIMIT 1"
        found = self._database.query(question, (service, epoch or self._last_epoch(service)))
        return _read(found[0][0]) if found else None

    def after(self, service: str, position: int, limit: int) -> Sequence[Checkpoint]:
        """Those of the newest incarnation after a position, in order."""
        question = """SELECT checkpoint FROM checkpoints WHERE service=? AND epoch=? AND position>?
            ORDER BY position LIMIT ?"""
        asked = (service, self._last_epoch(service), position, limit)
        return [_read(each) for (each,) in self._database.query(question, asked)]

    def _last_epoch(self, service: str) -> str:
        question = "SELECT epoch FROM checkpoints WHERE service=? ORDER BY signed_at DESC LIMIT 1"
        return str(next((epoch for (epoch,) in self._database.query(question, (service,))), ""))


def _read(stored: bytes) -> Checkpoint:
    return codec.decode(bytes(stored), Checkpoint)
