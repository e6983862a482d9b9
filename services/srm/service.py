"""SRM and its modules."""

from shared.firm import ReceivedFirm
from shared.module import load_modules
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
