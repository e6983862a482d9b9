"""Checkpoint store: a service's own checkpoints, and those of the services it monitors."""

from collections.abc import Sequence

from shared import codec
from shared.chain.checkpoint import Checkpoint
from shared.projections.database import Database

CREATE_CHECKPOINTS = """CREATE TABLE IF NOT EXISTS checkpoints (
    service TEXT, epoch TEXT, position BIGINT, signed_at TEXT NOT NULL, checkpoint BYTEA NOT NULL,
    PRIMARY KEY (service, epoch, position))"""


class CheckpointStore:
    """Stores checkpoints permanently, one for each service, epoch and position."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint; an existing one at that position stays."""
        row = (checkpoint.service, checkpoint.epoch, checkpoint.position, checkpoint.at, codec.encode(checkpoint))
        with self._database.transaction() as session:
            session.execute("INSERT INTO checkpoints VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", row)

    def newest(self, service: str, epoch: str | None = None) -> Checkpoint | None:
        """Return a service's last checkpoint of this epoch, or of its newest one."""
        query = "SELECT checkpoint FROM checkpoints WHERE service=? AND epoch=? ORDER BY position DESC LIMIT 1"
        found = self._database.query(query, (service, epoch or self._last_epoch(service)))
        return codec.decode(found[0][0], Checkpoint) if found else None

    def list_after(self, service: str, position: int, limit: int) -> Sequence[Checkpoint]:
        """Return the checkpoints of all epochs after a position, in order; all those of the last position, too."""
        query = """SELECT checkpoint FROM checkpoints WHERE service=? AND position>? AND position<=(
            SELECT coalesce(max(position), 0) FROM (SELECT position FROM checkpoints WHERE service=? AND position>?
            ORDER BY position LIMIT ?) AS page) ORDER BY position, epoch"""
        values = (service, position, service, position, limit)
        return [codec.decode(each, Checkpoint) for (each,) in self._database.query(query, values)]

    def _last_epoch(self, service: str) -> str:
        query = "SELECT epoch FROM checkpoints WHERE service=? ORDER BY signed_at DESC LIMIT 1"
        return str(next((epoch for (epoch,) in self._database.query(query, (service,))), ""))
