"""Commands of settlement."""

from services.erp.settlement.commands.manual_entries import ManualEntryCommands
from services.erp.settlement.commands.open_items import OpenItemCommands
from services.erp.settlement.commands.payments import PaymentCommands


class Settlement(PaymentCommands, OpenItemCommands, ManualEntryCommands):
    """Commands on payments, on open items, and on the manual entries that open and close items."""
