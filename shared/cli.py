"""The command line of each process of the suite: `python -m services.crm.main serve`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from setproctitle import setproctitle

from shared.config import InvalidSettings, Settings, unknown_settings
from shared.identity import GATEWAY
from shared.projections.comparison import ProjectionComparison
from shared.projections.updating import Progress
from shared.service import Service
from shared.store import StoreError
from shared.telemetry import configure_logging, log_libraries_and_crashes

if TYPE_CHECKING:
    from shared.server import ServerLimits

THREADS, GATEWAY_THREADS = 8, 16
MAX_REQUEST_LINE_BYTES = 8_190
AT_EXIT = "at_exit"
"""The extension of an application that is called at a clean stop."""


def main(service: str, service_main: ModuleType, arguments: Sequence[str] | None = None) -> int:
    """Run one job of a service; `service_main` is the module that wires the service.

    Return 0 on success, 1 if `audit` finds differences, 2 for invalid settings or an unusable store.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=JOBS, help="; ".join(f"{name}: {job.__doc__}" for name, job in JOBS.items()))
    job = parser.parse_args(arguments).job
    try:
        settings = Settings.from_environment({**os.environ, "SIHE_SERVICE": service})
        warn_of_unknown_settings(os.environ)
        configure_logging(settings.service, settings.log_level)
        log_libraries_and_crashes()
        show_process_name(process_name(service, job))
        return JOBS[job](settings, service_main)
    except (InvalidSettings, StoreError) as error:
        print(f"{service} cannot {job}: {error}", file=sys.stderr)
        return 2


def process_name(service: str, job: str) -> str:
    """Return the name of the process that does a job of a service: `erp-worker`, `erp-api`, `gateway`."""
    parts = {"serve": "api", "work": "worker"}
    return service if (service, job) == (GATEWAY, "serve") else f"{service}-{parts.get(job, job)}"


def show_process_name(name: str) -> None:
    """Show the name in lists of processes (`ps`, `top`)."""
    setproctitle(f"sihe: {name}")


def warn_of_unknown_settings(variables: Mapping[str, str]) -> None:
    """Write a sentence for each variable that begins like a setting but is none."""
    for sentence in unknown_settings(variables).values():
        print(f"Warning: {sentence}", file=sys.stderr)


def migrate(settings: Settings, service_main: ModuleType) -> int:
    """create or upgrade all tables"""
    from shared.store_memory import remember_store, require_same_store  # imported only where needed, to save memory
    from shared.wiring import migrate_for_use

    service: Service = service_main.create_service(settings)
    require_same_store(settings, service.store)
    migrate_for_use(service)
    remember_store(settings, service.store)
    return 0


def serve(settings: Settings, service_main: ModuleType) -> int:
    """serve the HTTP API until SIGTERM"""
    settings.require_files("identity_seed_file", "jwks_file", "secret_file")
    from gunicorn.app.base import BaseApplication  # imported only where HTTP is served
    from gunicorn.errors import AppImportError

    class Api(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        """One process with threads; the application is created after the fork."""

        def load_config(self) -> None:
            for name, value in gunicorn_settings(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            try:
                return service_main.create_app(settings)
            except (InvalidSettings, StoreError) as error:
                raise AppImportError(f"{settings.service} cannot serve: {error}") from None

    Api().run()
    return 0


def gunicorn_settings(settings: Settings) -> Mapping[str, Any]:
    """Return the settings of gunicorn: one process with threads, more for the gateway, which waits for the services."""
    from shared.server import ServerLogger, worker_class  # imported only where HTTP is served

    has_socket, name = settings.listen_fd is not None, process_name(settings.service, "serve")
    return {
        "bind": f"fd://{settings.listen_fd}" if has_socket else f"{settings.listen_host}:{settings.listen_port}",
        # called after gunicorn has given the process a name of its own
        "pre_fork": lambda _arbiter, _worker: show_process_name(f"{name} (parent)"),
        "post_worker_init": lambda _: show_process_name(name),
        "worker_class": worker_class(server_limits(settings)),
        "logger_class": ServerLogger,
        "workers": 1,
        "threads": GATEWAY_THREADS if settings.service == GATEWAY else THREADS,
        "graceful_timeout": settings.drain_seconds,
        "limit_request_line": MAX_REQUEST_LINE_BYTES,
        "control_socket_disable": True,
        "loglevel": "warning",
        "worker_exit": _call_at_exit,
    }


def server_limits(settings: Settings) -> "ServerLimits":
    """Return the limits of the HTTP server."""
    from shared.server import ServerLimits  # imported only where HTTP is served

    return ServerLimits(
        head_seconds=settings.head_seconds,
        body_seconds=settings.body_seconds,
        connections=settings.max_connections,
        connections_per_address=settings.max_connections_per_address,
        shared_networks=settings.shared_networks,
    )


def _call_at_exit(server: Any, worker: Any) -> None:
    """Call what the application wants to be done at a clean stop, where there is something."""
    del server
    at_exit = getattr(getattr(worker, "wsgi", None), "extensions", {}).get(AT_EXIT)
    if at_exit is not None:
        at_exit()


def work(settings: Settings, service_main: ModuleType) -> int:
    """run the worker (publish, consume, update projections, fire timers) until SIGTERM"""
    settings.require_files("nats_seed_file", "identity_seed_file", "secret_file")
    asyncio.run(service_main.create_worker(settings).run())
    return 0


def audit_projections(settings: Settings, service_main: ModuleType) -> int:
    """audit the projections: rebuild each next to the live one and compare row by row"""
    comparisons = compare_rebuilt_projections(settings, service_main).values()
    for each in comparisons:
        print(each)
    return 0 if all(each.is_equal for each in comparisons) else 1


def compare_rebuilt_projections(
    settings: Settings, service_main: ModuleType, progress: Progress = None
) -> Mapping[str, ProjectionComparison]:
    """Compare each live projection of the service with one rebuilt from the events; the live ones stay unchanged."""
    service: Service = service_main.create_service(settings)
    service.store.check()
    return service.read_models.rebuild(progress)


Job = Callable[[Settings, ModuleType], int]
JOBS: Mapping[str, Job] = {"migrate": migrate, "serve": serve, "work": work, "audit": audit_projections}
