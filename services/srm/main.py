"""SRM processes: the API for gunicorn, and the worker."""

import sys

from flask import Flask

from services.srm.service import Srm
from shared import cli
from shared.config import Settings
from shared.web import create_service_app
from shared.wiring import build_service
from shared.worker.worker import Worker


def create_service(settings: Settings) -> Srm:
    """Return the SRM service with its stores, for these settings."""
    return build_service(Srm, settings)


def create_app(settings: Settings) -> Flask:
    """Return the web application that serves the API of SRM."""
    return create_service_app(create_service(settings), settings)


def create_worker(settings: Settings) -> Worker:
    """Return the worker of SRM: it relays, receives, projects and runs timers."""
    return Worker(create_service(settings), settings)


if __name__ == "__main__":
    sys.exit(cli.main(Srm.NAME, sys.modules[__name__]))
