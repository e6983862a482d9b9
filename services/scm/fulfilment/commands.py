"""Commands of fulfilment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from services.scm.fulfilment.domain.dispatch import dispatch
from services.scm.fulfilment.domain.fulfilment import Fulfilment
from services.scm.fulfilment.settings import FulfilmentSettings
from services.scm.items.domain.goods import RequestedGoods, require_lines_of_order
from services.scm.shipping.domain.shipment import DispatchDetails, Shipment
from services.scm.shipping.master_data import carriers
from services.scm.warehousing.domain.moment_of_movement import moment_of_movement
from services.scm.warehousing.domain.stock_item import StockNotAvailable
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.commands import Commands
from shared.fields import EffectiveDate, Instant, limits, part_of


@dataclass(frozen=True, kw_only=True)
class DispatchHeader:
    """Header of a dispatch in a request: its moment."""

    dispatched_on: EffectiveDate | None = None
    at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class DispatchShipment(DispatchDetails, DispatchHeader):
    """Request to dispatch a shipment, or some of its lines. The header is the last base: its fields are the first."""

    lines: Annotated[tuple[RequestedGoods, ...], limits(min=1)] | None = None

    @property
    def details(self) -> DispatchDetails:
        """The plain details of the dispatch."""
        return part_of(DispatchDetails, self)


class Fulfilments(Commands):
    """Commands on shipments of orders: dispatch them."""

    def dispatch_shipment(
        self,
        shipment_id: UUID,
        lines: Sequence[RequestedGoods] | None = None,
        *,
        dispatched_on: date | None = None,
        at: datetime | None = None,
        details: DispatchDetails = DispatchDetails(),  # noqa: B008 (immutable)
    ) -> Shipment:
        """Dispatch the shipment, or the given lines of it; the rest stays reserved for the order's next shipment.

        Raises WrongStatus unless it is open, NotInShipment, ExceedsShipment, InvalidInput for an unknown or deactivated
        carrier, a line number that the order does not have, and an instant in the future or of another day,
        StockNotAvailable where less was there at that moment or between it and the next count.
        """
        shipment = self.uow.get(Shipment, shipment_id)
        if details.carrier is not None:
            carriers.record_class.require_active(self.uow, details.carrier, field="carrier")
        self._require_lines_of_order(shipment, lines or ())
        leaving = shipment.resolve_lines(lines)
        warehouse = Warehouse.get_by_key(self.uow, shipment.warehouse, field="shipment_id")
        moment = moment_of_movement(
            warehouse, dispatched_on, at, [each.sku for each in leaving], self.uow, field="dispatched_on"
        )
        self.uow.take_effect_on(moment.day, "at" if at else None)
        try:
            return self.uow.save(shipment, *dispatch(shipment, leaving, moment, details, self.uow))
        except StockNotAvailable as refusal:
            raise StockNotAvailable(str(refusal), field="at" if at else "dispatched_on") from None

    def _require_lines_of_order(self, shipment: Shipment, lines: Sequence[RequestedGoods]) -> None:
        if any(each.line is not None for each in lines):
            fulfilment = self.uow.get_or_create(Fulfilment, order_id=shipment.order_id)
            require_lines_of_order(fulfilment.known_as, lines, fulfilment.order.lines)

    def check_settings(self, before: FulfilmentSettings, after: FulfilmentSettings) -> None:
        """Refuse a default warehouse that is unknown or deactivated."""
        code = after.default_warehouse
        if code is not None and code != before.default_warehouse:
            Warehouse.require_active(self.uow, code, field="default_warehouse")
