"""Manual journal entries and opening balances; the module settlement posts them, as it opens and closes their items."""

from services.erp.ledger.projections.journal_entries import JournalEntries
from shared.web import Resource

journal_entries = Resource("journal-entries", JournalEntries)
opening_balances = Resource("opening-balances")
