"""Commands of fulfilment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from services.scm.fulfilment.domain.dispatch import dispatch
from services.scm.fulfilment.settings import FulfilmentSettings
from services.scm.items.domain.goods import ItemQuantity
from services.scm.shipping.domain.shipment import Dispatch, Shipment
from services.scm.shipping.master_data import carriers
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.commands import Commands
from shared.fields import Code, EffectiveDate, Lookup, ShortText, limits


@dataclass(frozen=True, kw_only=True)
class DispatchShipment:
    """Request to dispatch a shipment, or some of its lines, with carrier and tracking number."""

    dispatched_on: EffectiveDate | None = None
    carrier: Annotated[Code, Lookup("scm.carriers", "code")] | None = None
    tracking: ShortText | None = None
    lines: Annotated[tuple[ItemQuantity, ...], limits(min=1)] | None = None


class Fulfilments(Commands):
    """Commands on shipments of orders: dispatch them."""

    def dispatch_shipment(
        self,
        shipment_id: UUID,
        lines: Sequence[ItemQuantity] | None = None,
        *,
        carrier: str | None = None,
        tracking: str | None = None,
        dispatched_on: date | None = None,
    ) -> Shipment:
        """Dispatch the shipment, or the given lines of it; the rest stays reserved for the order's next shipment.

        Raises WrongStatus unless it is open, ExceedsShipment, InvalidInput for an unknown or deactivated carrier.
        """
        shipment = self.uow.get(Shipment, shipment_id)
        if carrier is not None:
            carriers.record_class.require_active(self.uow, carrier, field="carrier")
        leaving = shipment.resolve_lines(lines)
        departure = Dispatch(dispatched_on or self.effective_on, carrier, tracking)
        return self.uow.save(shipment, *dispatch(shipment, leaving, departure, self.uow))

    def check_settings(self, before: FulfilmentSettings, after: FulfilmentSettings) -> None:
        """Refuse a default warehouse that is unknown or deactivated."""
        code = after.default_warehouse
        if code is not None and code != before.default_warehouse:
            Warehouse.require_active(self.uow, code, field="default_warehouse")
