"""Judges all settings of a suite before any of its processes starts."""

import os
from collections.abc import Iterator, Mapping

import click

from cli.home import PROCESSES
from cli.main import home_folder, port_number
from shared.cli import warn_of_unknown_settings
from shared.config import invalid_settings, unknown_settings
from shared.identity import GATEWAY
from shared.store_memory import other_kind

OWN_SETTINGS = (
    "SIHE_HOME", "SIHE_SERVICE", "SIHE_RUN_DIR", "SIHE_NATS_URL", "SIHE_PEERS", "SIHE_WORKERS",
    "SIHE_LISTEN_FD", "SIHE_LISTEN_PORT", "SIHE_STATUS_PORT",
)  # fmt: skip
"""What `sihe up` sets itself in each process: values given from outside have no effect."""

PER_SERVICE = ("DATABASE_URL", "REPORTS_URL", "CHAIN_URL", "READINGS_URL", "KEYS_URL")
SQLITE = "sqlite:///"


class SettingsRefused(click.ClickException):
    """Raised when settings are wrong, with a sentence for each; the exit code is 2, as for other misuse."""

    exit_code = 2


def require_valid_settings() -> None:
    """Warn of settings without effect, and remove them. Raises SettingsRefused."""
    warn_of_unknown_settings(os.environ)
    for name in unknown_settings(os.environ):
        del os.environ[name]
    if problems := suite_problems(os.environ):
        raise SettingsRefused("\n  ".join(["the suite cannot start with these settings.", *problems]))


def suite_problems(variables: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that is wrong for a suite on one machine."""
    given = {name: value for name, value in variables.items() if name not in OWN_SETTINGS}
    of_processes = invalid_settings({**given, "SIHE_SERVICE": GATEWAY, "SIHE_HOME": str(home_folder())})
    return [*_port_problems(), *of_processes, *_shared_files(given), *_other_stores(given)]


def _port_problems() -> Iterator[str]:
    try:
        port_number()
    except click.UsageError as error:
        yield error.message


def _shared_files(given: Mapping[str, str]) -> Iterator[str]:
    for name in (f"SIHE_{each}" for each in PER_SERVICE):
        if given.get(name, "").startswith(SQLITE):
            yield f"{name} names one file, but each service needs a file of its own: leave it unset for a suite."


def _other_stores(given: Mapping[str, str]) -> Iterator[str]:
    url, home = given.get("SIHE_DATABASE_URL", SQLITE), home_folder().expanduser().absolute()
    found = (other_kind(home, service, url) for service in PROCESSES)
    yield from dict.fromkeys(each for each in found if each)
