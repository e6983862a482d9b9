"""Events of ERP: the legal entities of the firm."""

from uuid import UUID

from shared.contracts import PublishedEvent, register_published_event
from shared.domain.firm import Firm


@register_published_event("legal_entity")
class LegalEntityRegistered(PublishedEvent):
    """A legal entity was registered; `firm` is what every service needs to know of it."""

    legal_entity_id: UUID
    firm: Firm


@register_published_event("legal_entity")
class LegalEntityRevised(PublishedEvent):
    """Name, base currency, time zone or fiscal calendar of a legal entity changed; `firm` is how it now stands."""

    legal_entity_id: UUID
    firm: Firm
