"""URL and access key of the suite: from options, the environment, or the home folder on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from cli.client import Client, RequestFailed
from cli.home import Home
from cli.main import home_folder, port_number

ADMIN_KEY_FILE = "admin.key"


PROMPT_SECONDS = 5.0
"""For how long a command for a person tries again until it states that no suite answers."""

T = TypeVar("T", bound=Callable[..., object])


def connect(url: str | None, key: str | None) -> Client:
    """Return a client of the suite at `url` (default: the one on SIHE_PORT) with `key` (default: administrator key)."""
    return Client(suite_url(url), key or admin_key())


@contextmanager
def prompt_client(url: str | None, key: str | None) -> Iterator[Client]:
    """Yield a client that gives up after a few seconds; what the suite refuses ends the command with its reason."""
    try:
        with Client(suite_url(url), key or admin_key(), retry_seconds=PROMPT_SECONDS) as client:
            yield client
    except RequestFailed as error:
        raise click.ClickException(error.reason) from None


def suite_url(url: str | None) -> str:
    """Return the given address, by default that of the suite on SIHE_PORT of this machine."""
    return url or f"http://127.0.0.1:{port_number()}"


def with_place(command: T) -> T:
    """Add the options `--url` and `--key` to a command."""
    key = click.option("--key", help="Access key (default: the administrator key).")
    return click.option("--url", help="Base URL of the suite (default: http://127.0.0.1:$SIHE_PORT).")(key(command))


def running_pids(url: str | None) -> list[int]:
    """Return the process ids of the suite if it runs in the home folder of this machine, else none."""
    running = Home(home_folder()).read_running_or_none()
    if running is None or (url is not None and not url.endswith(f":{running['port']}")):
        return []
    return list(running["pids"].values())


def admin_key() -> str:
    """Return the administrator key of the environment or of the home folder. Raises UsageError if there is none."""
    given = os.environ.get("SIHE_ADMIN_KEY")
    file = home_folder() / ADMIN_KEY_FILE
    if given or file.is_file():
        return given or file.read_text().strip()
    raise click.UsageError(f"Access key missing: {file} not found. Use --key or SIHE_ADMIN_KEY, or set SIHE_HOME.")
