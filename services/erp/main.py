"""How ERP is put together."""

import sys

from flask import Flask

from services.erp.api.accounts import accounts, journal
from services.erp.api.bills import bills
from services.erp.api.credit import credit
from services.erp.api.invoices import invoices
from services.erp.api.journal_entries import entries, openings
from services.erp.api.payments import payments
from services.erp.api.periods import periods
from services.erp.api.settings import firm_settings
from services.erp.api.statements import (
    balances,
    ledger,
    not_invoiced,
    payables,
    receivables,
    results,
    sheet,
    values,
)
from services.erp.application import Erp
from shared import cli
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build
from shared.worker import Worker

STATEMENTS = (balances, sheet, results, ledger, values, receivables, payables, not_invoiced)
DOCUMENTS = (invoices, bills, payments, entries, openings)
RESOURCES = (accounts, journal, *STATEMENTS, *DOCUMENTS, credit, periods, firm_settings)


def create_service(settings: Settings) -> Erp:
    return build(Erp, settings)


def create_app(settings: Settings) -> Flask:
    return create_service_app(create_service(settings), RESOURCES, settings)


def create_worker(settings: Settings) -> Worker:
    return Worker(create_service(settings), settings)


if __name__ == "__main__":
    sys.exit(cli.main(Erp.NAME, sys.modules[__name__]))
