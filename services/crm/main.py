"""CRM processes: the API for gunicorn, and the worker."""

import sys

from flask import Flask

from services.crm.api.customers import customers
from services.crm.api.sales_orders import sales_orders
from services.crm.api.settings import firm_settings
from services.crm.service import Crm
from shared import cli
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build_service
from shared.worker.worker import Worker

RESOURCES = (customers, sales_orders, firm_settings)


def create_service(settings: Settings) -> Crm:
    return build_service(Crm, settings)


def create_app(settings: Settings) -> Flask:
    return create_service_app(create_service(settings), RESOURCES, settings)


def create_worker(settings: Settings) -> Worker:
    return Worker(create_service(settings), settings)


if __name__ == "__main__":
    sys.exit(cli.main(Crm.NAME, sys.modules[__name__]))
