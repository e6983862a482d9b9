"""Party: how people know a customer or a supplier."""

from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import PartyKind
from shared.domain import Aggregate, event


class Party(Aggregate):
    """A customer or a supplier as CRM or SRM registered it, with its code and its present name."""

    @classmethod
    def create_id(cls, party_id: UUID) -> UUID:
        return cls.derive_id(party_id)

    @event("Identified")
    def __init__(self, party_id: UUID, kind: PartyKind, code: str, name: str) -> None:
        self.party_id = party_id
        self.kind = kind
        self.code = code
        self.name = name

    def rename(self, name: str) -> None:
        """Take over a new name; an equal one records no event."""
        if name != self.name:
            self._renamed(name=name)

    @event("Renamed")
    def _renamed(self, name: str) -> None:
        self.name = name
