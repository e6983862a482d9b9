"""SRM and its modules."""

from services.srm.goods.domain.kinds import ITEM, ITEM_BY_SKU, UNIT
from shared.domain import UnitOfMeasure, UnitOfWork
from shared.fields import Lookup
from shared.firm import ReceivedFirm
from shared.module import load_modules
from shared.received_records import received_unit
from shared.service import Service


class Srm(Service):
    """The SRM service (supplier relationship management): suppliers, catalogue, purchase requests and orders."""

    NAME = "srm"
    firm_class = ReceivedFirm
    modules = load_modules(
        "services.srm",
        "reasons",
        "goods",
        "suppliers",
        "requisitions",
        "purchase_orders",
        "catalogue",
    )

    def unit_of(self, uow: UnitOfWork, lookup: Lookup, key: str) -> UnitOfMeasure | None:
        """Return the unit of an item as SCM published it."""
        return received_unit(ITEM, UNIT, key, uow) if lookup == ITEM_BY_SKU else None
