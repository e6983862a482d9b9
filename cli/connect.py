"""Where the suite is and with which key: given, or from the environment, or from the home on this machine."""

import os

import click

from cli.client import Client
from cli.home import Home
from cli.main import home_folder, port_number

ADMIN_KEY_FILE = "admin.key"


def connected(url: str | None, key: str | None) -> Client:
    """A caller of the suite at `url` (default: the one on SIHE_PORT) with `key` (default: the admin key)."""
    return Client(url or f"http://127.0.0.1:{port_number()}", key or _admin_key())


def running_pids(url: str | None) -> list[int]:
    """The processes of the suite, if it runs on the home of this machine; to measure them."""
    running = Home(home_folder()).who_runs()
    if running is None or (url is not None and not url.endswith(f":{running['port']}")):
        return []
    return list(running["pids"].values())


def _admin_key() -> str:
    given = os.environ.get("SIHE_ADMIN_KEY")
    file = home_folder() / ADMIN_KEY_FILE
    if given or file.is_file():
        return given or file.read_text().strip()
    raise click.UsageError(f"No key: there is no {file}. Give one with --key or SIHE_ADMIN_KEY, or set SIHE_HOME.")
