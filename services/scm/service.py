"""SCM and its modules."""

from services.scm.items.domain.item import unit_of
from shared.domain import UnitOfMeasure, UnitOfWork
from shared.fields import Lookup
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

    def unit_of(self, uow: UnitOfWork, lookup: Lookup, key: str) -> UnitOfMeasure | None:
        """Return the unit of an item, or a unit itself, if it is registered."""
        return unit_of(uow, lookup, key)
