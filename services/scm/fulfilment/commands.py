"""Commands of fulfilment."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.scm.fulfilment.domain.dispatch import dispatch
from services.scm.items.domain.goods import ItemQuantity
from services.scm.shipping.domain.shipment import Dispatch, Shipment
from services.scm.shipping.master_data import carriers
from shared.commands import Commands


class Fulfilments(Commands):
    """Commands on shipments of orders: dispatch them."""

    def dispatch_shipment(
        self,
        shipment_id: UUID,
        lines: Sequence[dict[str, Any]] | None = None,
        carrier: str | None = None,
        tracking: str | None = None,
        dispatched_on: date | None = None,
    ) -> Shipment:
        """Dispatch the shipment, or the given lines of it; the rest stays reserved for the order's next shipment.

        Raises WrongStatus unless it is open, ExceedsShipment, InvalidInput for an unknown carrier.
        """
        shipment = self.uow.get(Shipment, shipment_id)
        if carrier is not None:
            carriers.record_class.require_active(self.uow, carrier, field="carrier")
        leaving = shipment.resolve_lines(None if lines is None else [ItemQuantity(**each) for each in lines])
        departure = Dispatch(dispatched_on or self.effective_on, carrier, tracking)
        return self.uow.save(shipment, *dispatch(shipment, leaving, departure, self.uow))
