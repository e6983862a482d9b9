"""SRM processes: the API for gunicorn, and the worker."""

import sys

from flask import Flask

from services.srm.api.purchase_orders import purchase_orders
from services.srm.api.purchase_requests import purchase_requests
from services.srm.api.settings import firm_settings
from services.srm.api.supplier_items import supplier_items
from services.srm.api.suppliers import suppliers
from services.srm.service import Srm
from shared import cli
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build_service
from shared.worker.worker import Worker

RESOURCES = (suppliers, supplier_items, purchase_orders, purchase_requests, firm_settings)


def create_service(settings: Settings) -> Srm:
    return build_service(Srm, settings)


def create_app(settings: Settings) -> Flask:
    return create_service_app(create_service(settings), RESOURCES, settings)


def create_worker(settings: Settings) -> Worker:
    return Worker(create_service(settings), settings)


if __name__ == "__main__":
    sys.exit(cli.main(Srm.NAME, sys.modules[__name__]))
