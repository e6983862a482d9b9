"""CRM and its modules."""

from shared.firm import ReceivedFirm
from shared.module import load_modules
from shared.service import Service


class Crm(Service):
    """The CRM service (customer relationship management): customers, their sales orders and timelines."""

    NAME = "crm"
    firm_class = ReceivedFirm
    modules = load_modules(
        "services.crm",
        "reasons",
        "goods",
        "customers",
        "sales_orders",
        "insight",
    )
