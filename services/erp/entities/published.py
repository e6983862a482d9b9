"""Events of legal entities that other services receive."""

from services.erp.entities.domain.legal_entity import LegalEntity
from shared.contracts import erp
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(LegalEntity.Registered)
def legal_entity_registered(registered: LegalEntity.Registered, entity: LegalEntity) -> erp.LegalEntityRegistered:
    """Publish a new legal entity."""
    return erp.LegalEntityRegistered(entity.id, registered.entry)


@published.after(LegalEntity.Revised)
def legal_entity_revised(revised: LegalEntity.Revised, entity: LegalEntity) -> erp.LegalEntityRevised:
    """Publish how a legal entity stands after a change."""
    return erp.LegalEntityRevised(entity.id, revised.entry)
