"""The command line of each process of the suite: `python -m services.crm.main serve`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from shared.config import Settings, SettingsMissing
from shared.identity import GATEWAY
from shared.report.comparison import Comparison
from shared.report.models import nobody
from shared.service import Service
from shared.store import UnsupportedGeneration
from shared.telemetry import set_up

THREADS, GATEWAY_THREADS = 8, 16
DRAIN_SECONDS = 2
KEEP_ALIVE_SECONDS = 75
LONGEST_REQUEST_LINE = 8_190


def main(service: str, wiring: ModuleType, arguments: Sequence[str] | None = None) -> int:
    """Do one job of a service with the `main` module that wires it.

    Return 0 when the job ended well, 2 when a setting is missing or invalid, or the data of another generation.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=JOBS, help="; ".join(f"{name}: {job.__doc__}" for name, job in JOBS.items()))
    job = parser.parse_args(arguments).job
    try:
        settings = Settings.read({**os.environ, "SIHE_SERVICE": service})
        set_up(settings.service, settings.log_level)
        return JOBS[job](settings, wiring)
    except (SettingsMissing, UnsupportedGeneration) as reason:
        print(f"{service} cannot {job}: {reason}", file=sys.stderr)
        return 2


def migrate(settings: Settings, wiring: ModuleType) -> int:
    """make or bring up to date all tables"""
    from shared.wiring import migrate as migrate_tables  # only where it is needed: it costs memory

    migrate_tables(wiring.create_service(settings))
    return 0


def serve(settings: Settings, wiring: ModuleType) -> int:
    """answer HTTP until told to stop"""
    settings.require_files("identity_seed_file", "jwks_file", "secret_file")
    from gunicorn.app.base import BaseApplication  # only where HTTP is served

    class Api(BaseApplication):  # type: ignore[misc]
        """One process of threads; the application is made after the fork."""

        def load_config(self) -> None:
            for name, chosen in gunicorn_settings(settings).items():
                self.cfg.set(name, chosen)

        def load(self) -> Any:
            return wiring.create_app(settings)

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


def work(settings: Settings, wiring: ModuleType) -> int:
    """say, hear, report and wake until told to stop"""
    settings.require_files("nats_seed_file", "identity_seed_file", "secret_file")
    asyncio.run(wiring.create_worker(settings).run())
    return 0


def audit(settings: Settings, wiring: ModuleType) -> int:
    """fold every read model from zero beside the live one and compare row by row"""
    found = rebuilt(settings, wiring)
    for comparison in found.values():
        print(comparison)
    return 0 if all(comparison.same for comparison in found.values()) else 1


def rebuilt(
    settings: Settings, wiring: ModuleType, progress: Callable[[str, int, int], None] = nobody
) -> Mapping[str, Comparison]:
    """Each read model of the service, folded anew and compared with the live one; nothing is changed."""
    service: Service = wiring.create_service(settings)
    service.store.check()
    return service.read_models.rebuild(progress)


JOBS: Mapping[str, Callable[[Settings, ModuleType], int]] = {
    "migrate": migrate,
    "serve": serve,
    "work": work,
    "audit": audit,
}
