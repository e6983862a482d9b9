"""What each process of the suite offers on its own command line: `python -m shared.cli serve crm`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from shared.config import SERVICES, Settings, SettingsMissing
from shared.report.comparison import Comparison
from shared.report.models import nobody
from shared.service import Service
from shared.telemetry import set_up

GATEWAY = "gateway"
THREADS, GATEWAY_THREADS = 8, 16
DRAIN_SECONDS = 2
KEEP_ALIVE_SECONDS = 75
LONGEST_REQUEST_LINE = 8_190


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one job of one service; 0 when it ended well, 2 when it was not told enough to start."""
    parser = argparse.ArgumentParser(prog="python -m shared.cli", description=__doc__)
    parser.add_argument("job", choices=JOBS, help="; ".join(f"{name}: {job.__doc__}" for name, job in JOBS.items()))
    parser.add_argument("service", choices=(*SERVICES, GATEWAY))
    asked = parser.parse_args(arguments)
    try:
        settings = Settings.read({**os.environ, "SIHE_SERVICE": asked.service})
        set_up(settings.service, settings.log_level)
        return JOBS[asked.job](settings)
    except SettingsMissing as missing:
        print(f"{asked.service} cannot {asked.job}: {missing}", file=sys.stderr)
        return 2


def migrate(settings: Settings) -> int:
    """make or bring up to date all tables"""
    wiring = import_module("shared.wiring")
    wiring.migrate(_main_of(settings).create_service(settings))
    return 0


def serve(settings: Settings) -> int:
    """answer HTTP until told to stop"""
    settings.require_files("identity_seed_file", "jwks_file", "secret_file")
    from gunicorn.app.base import BaseApplication  # only where HTTP is served

    create_app = _main_of(settings).create_app

    class Api(BaseApplication):  # type: ignore[misc]
        """One process of threads; the application is made after the fork."""

        def load_config(self) -> None:
            for name, chosen in gunicorn_settings(settings).items():
                self.cfg.set(name, chosen)

        def load(self) -> Any:
            return create_app(settings)

    Api().run()
    return 0


def gunicorn_settings(settings: Settings) -> Mapping[str, Any]:
    """How HTTP is served: one process of threads, drained on SIGTERM. The gateway has more: it waits for the others."""
    listening = settings.listen_fd is not None
    return {
        "bind": f"fd://{settings.listen_fd}" if listening else f"{settings.listen_host}:{settings.listen_port}",
        "proc_name": f"sihe {settings.service}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": GATEWAY_THREADS if settings.service == GATEWAY else THREADS,
        "graceful_timeout": DRAIN_SECONDS,
        "keepalive": KEEP_ALIVE_SECONDS,
        "limit_request_line": LONGEST_REQUEST_LINE,
        "control_socket_disable": True,
        "loglevel": "warning",
    }


def work(settings: Settings) -> int:
    """say, hear, report and wake until told to stop"""
    settings.require_files("nats_seed_file", "identity_seed_file", "secret_file")
    asyncio.run(_main_of(settings).create_worker(settings).run())
    return 0


def audit(settings: Settings) -> int:
    """fold every read model from zero beside the live one and compare row by row"""
    found = rebuilt(settings)
    for comparison in found.values():
        print(comparison)
    return 0 if all(comparison.same for comparison in found.values()) else 1


def rebuilt(settings: Settings, progress: Callable[[str, int, int], None] = nobody) -> Mapping[str, Comparison]:
    """Each read model of the service, folded anew and compared with the live one; nothing is changed."""
    service: Service = _main_of(settings).create_service(settings)
    return service.read_models.rebuild(progress)


JOBS: Mapping[str, Callable[[Settings], int]] = {"migrate": migrate, "serve": serve, "work": work, "audit": audit}


def _main_of(settings: Settings) -> Any:
    """The module that wires this service; named at run time, for shared code knows no service."""
    return import_module("gateway.main" if settings.service == GATEWAY else f"services.{settings.service}.main")


if __name__ == "__main__":
    sys.exit(main())
