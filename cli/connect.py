"""URL and access key of the suite: from options, the environment, or the home folder on this machine."""

import os

import click

from cli.client import Client
from cli.home import Home
from cli.main import home_folder, port_number

ADMIN_KEY_FILE = "admin.key"


def connect(url: str | None, key: str | None) -> Client:
    """Return a client of the suite at `url` (default: the one on SIHE_PORT) with `key` (default: administrator key)."""
    return Client(url or f"http://127.0.0.1:{port_number()}", key or _admin_key())


def running_pids(url: str | None) -> list[int]:
    """Return the process ids of the suite if it runs in the home folder of this machine, else none."""
    running = Home(home_folder()).read_running_or_none()
    if running is None or (url is not None and not url.endswith(f":{running['port']}")):
        return []
    return list(running["pids"].values())


def _admin_key() -> str:
    given = os.environ.get("SIHE_ADMIN_KEY")
    file = home_folder() / ADMIN_KEY_FILE
    if given or file.is_file():
        return given or file.read_text().strip()
    raise click.UsageError(f"Access key missing: {file} not found. Use --key or SIHE_ADMIN_KEY, or set SIHE_HOME.")
