"""ERP and its modules."""

from shared.module import load_modules
from shared.service import Service


class Erp(Service):
    """The ERP service (enterprise resource planning): ledger, payables, stock value, receivables and payments."""

    NAME = "erp"
    modules = load_modules(
        "services.erp",
        "reasons",
        "ledger",
        "payables",
        "valuation",
        "receivables",
        "settlement",
    )
