"""CRM and its modules."""

from shared.module import load_modules
from shared.service import Service


class Crm(Service):
    """Customer relationship management: customers and their sales orders."""

    NAME = "crm"
    modules = load_modules(
        "services.crm",
        "customers",
        "sales_orders",
        "insight",
    )
