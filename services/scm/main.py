"""SCM processes: the API for gunicorn, and the worker."""

import sys

from flask import Flask

from services.scm.api.carriers import carriers
from services.scm.api.goods_receipts import goods_receipts
from services.scm.api.items import items
from services.scm.api.settings import firm_settings
from services.scm.api.shipments import shipments
from services.scm.api.stock import stock
from services.scm.api.stock_counts import stock_counts
from services.scm.api.warehouses import warehouses
from services.scm.service import Scm
from shared import cli
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build_service
from shared.worker.worker import Worker

RESOURCES = (items, warehouses, carriers, stock, goods_receipts, shipments, stock_counts, firm_settings)


def create_service(settings: Settings) -> Scm:
    return build_service(Scm, settings)


def create_app(settings: Settings) -> Flask:
    return create_service_app(create_service(settings), RESOURCES, settings)


def create_worker(settings: Settings) -> Worker:
    return Worker(create_service(settings), settings)


if __name__ == "__main__":
    sys.exit(cli.main(Scm.NAME, sys.modules[__name__]))
