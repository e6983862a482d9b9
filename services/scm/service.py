"""SCM and its modules."""

from services.scm.items.domain.item import Item
from shared.domain import UnitOfMeasure, UnitOfWork
from shared.firm import ReceivedFirm
from shared.module import load_modules
from shared.service import Service


class Scm(Service):
    """The SCM service (supply chain management): items, warehouses, stock, receipts, shipments.

    It knows quantities, and of money only the value of opening stock.
    """

    NAME = "scm"
    firm_class = ReceivedFirm
    modules = load_modules(
        "services.scm",
        "reasons",
        "items",
        "warehousing",
        "replenishment",
        "shipping",
        "fulfilment",
        "receiving",
        "counting",
        "opening_stock",
        "stock",
    )

    def unit_of_item(self, uow: UnitOfWork, item: str) -> UnitOfMeasure | None:
        """Return the unit of an item, if it is registered."""
        return Item.get_unit_or_none(uow, item)
