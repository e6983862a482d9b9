"""The firm in services that receive it: ERP publishes its legal entities, every other service keeps what it needs."""

from collections.abc import Iterable
from uuid import UUID

from shared.contracts.erp import LegalEntityRegistered, LegalEntityRevised
from shared.domain import Aggregate, UnitOfWork, event
from shared.domain.firm import Firm, entity_parts
from shared.policies import Policies


class ReceivedFirm(Aggregate):
    """A legal entity of the firm, as ERP published it last."""

    IS_SHARED = True

    @classmethod
    def create_id(cls, firm: Firm) -> UUID:
        return cls.id_of(firm.entity)

    @classmethod
    def id_of(cls, entity: str) -> UUID:
        """Return the id of the legal entity with this code."""
        return cls.derive_id(*entity_parts(entity))

    @event("Received")
    def __init__(self, firm: Firm) -> None:
        self.firm = firm

    def revise(self, firm: Firm) -> None:
        """Keep what ERP published now. Records no event if it is the same."""
        if firm != self.firm:
            self._revised(firm=firm)

    @event("Revised")
    def _revised(self, firm: Firm) -> None:
        self.firm = firm


policies = Policies()


@policies.when(LegalEntityRegistered)
@policies.when(LegalEntityRevised)
def keep_firm(published: LegalEntityRegistered | LegalEntityRevised, uow: UnitOfWork) -> Iterable[Aggregate]:
    """Keep the legal entity as ERP published it: its base currency and time zones apply from now on."""
    known = uow.get_or_create(ReceivedFirm, firm=published.firm)
    known.revise(published.firm)
    return [known]
