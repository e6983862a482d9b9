"""Wiring of the ERP service."""

import sys

from flask import Flask

from services.erp.api.accounts import accounts, journal
from services.erp.api.credit import credit_accounts
from services.erp.api.invoices import invoices
from services.erp.api.journal_entries import journal_entries, opening_balances
from services.erp.api.payments import payments
from services.erp.api.periods import periods
from services.erp.api.settings import firm_settings
from services.erp.api.statements import (
    balance_sheets,
    general_ledgers,
    payables_agings,
    profit_and_loss_statements,
    receivables_agings,
    stock_value_statements,
    trial_balances,
    uninvoiced_receipts,
)
from services.erp.api.supplier_invoices import supplier_invoices
from services.erp.service import Erp
from shared import cli
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build_service
from shared.worker.worker import Worker

STATEMENTS = (
    trial_balances,
    balance_sheets,
    profit_and_loss_statements,
    general_ledgers,
    stock_value_statements,
    receivables_agings,
    payables_agings,
    uninvoiced_receipts,
)
DOCUMENTS = (invoices, supplier_invoices, payments, journal_entries, opening_balances)
RESOURCES = (accounts, journal, *STATEMENTS, *DOCUMENTS, credit_accounts, periods, firm_settings)


def create_service(settings: Settings) -> Erp:
    return build_service(Erp, settings)


def create_app(settings: Settings) -> Flask:
    return create_service_app(create_service(settings), RESOURCES, settings)


def create_worker(settings: Settings) -> Worker:
    return Worker(create_service(settings), settings)


if __name__ == "__main__":
    sys.exit(cli.main(Erp.NAME, sys.modules[__name__]))
