"""ERP and its modules."""

from services.erp.entities.domain.legal_entity import LegalEntity
from shared.module import load_modules
from shared.service import Service


class Erp(Service):
    """The ERP service (enterprise resource planning): ledger, payables, stock value, receivables and payments."""

    NAME = "erp"
    firm_class = LegalEntity
    modules = load_modules(
        "services.erp",
        "reasons",
        "entities",
        "parties",
        "ledger",
        "payables",
        "valuation",
        "receivables",
        "settlement",
        "closing",
    )
