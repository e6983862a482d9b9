"""How long the access log was, stated from time to time in the log of the keys, which the services hold."""

from uuid import UUID

from shared.commands import Commands
from shared.domain import Aggregate, event


class AccessLogLength(Aggregate):
    """The number of records in the access log and its chain hash, in hex, when they were last stated."""

    @event("Began")
    def __init__(self, records: int, chain_hash: str) -> None:
        self.records = records
        self.chain_hash = chain_hash

    @classmethod
    def create_id(cls) -> UUID:
        return cls.derive_id("access log")

    def state(self, records: int, chain_hash: str) -> None:
        """State what the log has grown to."""
        self._grew(records=records, chain_hash=chain_hash)

    @event("Grew")
    def _grew(self, records: int, chain_hash: str) -> None:
        self.records = records
        self.chain_hash = chain_hash


class AccessLogLengths(Commands):
    """The stated lengths of the access log."""

    def state(self, records: int, chain_hash: str) -> AccessLogLength:
        """State that the access log has that many records, the last one with this chain hash."""
        known = self.newest()
        if known is None:
            return self.uow.save(AccessLogLength(records, chain_hash))
        known.state(records, chain_hash)
        return self.uow.save(known)

    def newest(self) -> AccessLogLength | None:
        """Return what was stated last."""
        return self.uow.get_or_none(AccessLogLength, AccessLogLength.create_id())
