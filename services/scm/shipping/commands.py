"""Commands on carriers."""

from services.scm.shipping.domain.carrier import CARRIER_CODE, Carrier
from shared.commands import Commands


class CarrierCommands(Commands):
    """Commands on carriers: register them."""

    def register_carrier(self, code: str, name: str, phone: str | None = None) -> Carrier:
        """Register a carrier. Raises AlreadyTaken for a code in use."""
        new = Carrier(code, name, phone)
        self.uow.reserve_unique(CARRIER_CODE, code, new.id)
        return self.uow.save(new)
