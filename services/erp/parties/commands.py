"""Checks of the parties that commands of ERP name."""

from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import PartyKind
from services.erp.parties.domain.party import Party
from shared.commands import Commands
from shared.domain import InvalidInput, RecordKind

RECORD_KINDS = {
    PartyKind.CUSTOMER: RecordKind(PartyKind.CUSTOMER, source="crm"),
    PartyKind.SUPPLIER: RecordKind(PartyKind.SUPPLIER, source="srm"),
}


class Parties(Commands):
    """Checks of the customers and suppliers that a command names."""

    def require_party(self, kind: PartyKind, purpose: str, party_id: UUID, *, field: str, remedy: str) -> None:
        """Require a known party of this kind for a purpose, such as an account that is kept by customer.

        Raises UnknownReference, or InvalidInput with the remedy for a party of the other kind; both name `field`.
        """
        party = self.uow.load(Party, Party.create_id(party_id))
        if party is None:
            raise RECORD_KINDS[kind].unknown(party_id, field=field)
        if party.kind != kind:
            known = f"{party.code} ({party.name}) is a {party.kind}"
            raise InvalidInput(f"{known}, and {purpose} requires a {kind}: {remedy}", field=field)
