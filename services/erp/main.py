"""How ERP is put together."""

from flask import Flask

from services.erp.api.accounts import accounts, balance, journal
from services.erp.api.credit import credit
from services.erp.api.payments import payments
from services.erp.api.periods import periods
from services.erp.api.receivables import aging, invoices
from services.erp.api.stock_value import values
from services.erp.application import Erp
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build
from shared.worker import Worker

RESOURCES = (accounts, journal, balance, values, invoices, aging, payments, credit, periods)


def create_service(settings: Settings) -> Erp:
    service = build(Erp, settings)
    service.base_currency = settings.base_currency
    return service


def create_app(settings: Settings) -> Flask:
    return create_service_app(create_service(settings), RESOURCES, settings)


def create_worker(settings: Settings) -> Worker:
    return Worker(create_service(settings), settings)
