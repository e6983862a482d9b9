"""SRM and its modules."""

from shared.module import load_modules
from shared.service import Service


class Srm(Service):
    """Supplier relationship management: suppliers, supplier items, purchase requests and purchase orders."""

    NAME = "srm"
    modules = load_modules(
        "services.srm",
        "suppliers",
        "requisitions",
        "purchase_orders",
        "catalogue",
    )
