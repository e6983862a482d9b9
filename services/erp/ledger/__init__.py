"""General ledger: chart of accounts, journal entries, accounting periods and financial statements."""

from services.erp.ledger.api.accounts import accounts, journal
from services.erp.ledger.api.journal_entries import journal_entries, opening_balances
from services.erp.ledger.api.periods import periods
from services.erp.ledger.api.statements import (
    balance_sheets,
    general_ledgers,
    profit_and_loss_statements,
    trial_balances,
)
from services.erp.ledger.commands import Ledger
from services.erp.ledger.projections.journal import Journal
from services.erp.ledger.projections.periods import Periods
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.ledger.settings import LedgerSettings
from shared.module import Module

module = Module(
    "ledger",
    commands=Ledger,
    projections=(Journal, Turnovers, Periods),
    resources=(
        accounts,
        journal,
        journal_entries,
        opening_balances,
        periods,
        trial_balances,
        balance_sheets,
        profit_and_loss_statements,
        general_ledgers,
    ),
    settings=LedgerSettings,
    requires=("entities", "parties"),
)
