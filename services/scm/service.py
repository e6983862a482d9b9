"""SCM and its modules."""

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
