"""`sihe up`: the whole suite on this machine, from nothing, until it is told to stop."""

import os
import time
from pathlib import Path

import click

from cli.home import Home, InUse
from cli.main import COMMANDS, home_folder, port_number
from cli.process import Process
from cli.readiness import Readiness
from cli.suite import DRAIN_SECONDS, PortInUse, Suite, import_everything
from cli.supervise import Supervisor
from shared.bus.server import NoServer
from shared.config import SettingsMissing

ADMIN_KEY_FILE = "admin.key"
OWNER_ONLY = 0o077


class NotMigrated(Exception):
    """Tables could not be made; the message says what the service said."""


class Up:
    """A suite from its start to its end."""

    def __init__(self, home: Home, port: int) -> None:
        """Takes the home and the port. Raises InUse, PortInUse."""
        self._started_at = time.monotonic()
        home.take()
        self.home = home
        self.suite = Suite(home, port)
        self._supervisor = Supervisor(home.log, DRAIN_SECONDS)
        self._readiness = Readiness(self.suite.port)
        self._said: dict[str, int] = {}
        self._greeted = False

    def run(self) -> None:
        """Start everything, say when it is ready, keep it alive; drain when told to stop. Raises NotMigrated."""
        os.umask(OWNER_ONLY)
        for process in self.suite.processes():
            self._supervisor.add(process)
        self._supervisor.say(f"starting on {self.home.folder}")
        self.suite.prepare()
        import_everything()
        _run_all(self.suite.migrations(), self.home.log)
        try:
            self._supervisor.loop(self._turn)
        finally:
            self.suite.close()
            self.home.leave()

    def _turn(self) -> None:
        self._say_who_runs()
        self._readiness.ask(self._supervisor.watch, self._supervisor.unwatch)
        if self._readiness.ready and not self._greeted:
            self._greeted = True
            self._greet()

    def _say_who_runs(self) -> None:
        running = self._supervisor.pids()
        if running != self._said:
            self._said = running
            self.home.say_who_runs({"port": self.suite.port, "ports": self.suite.ports, "pids": running})

    def _greet(self) -> None:
        seconds = time.monotonic() - self._started_at
        for line in _greeting(self.home, self.suite.port, seconds).splitlines():
            self._supervisor.say(line)


def _run_all(jobs: list[Process], log: Path) -> None:
    """All of them at once, until each has ended well. Raises NotMigrated."""
    for job in jobs:
        job.start(log / f"{job.name}.log")
    failed = [job for job in jobs if job.end() != 0]
    if failed:
        reasons = "\n".join(f"{job.name} failed: {job.last_line}" for job in failed)
        raise NotMigrated(f"{reasons}\nThe logs are in {log}")


def _greeting(home: Home, port: int, seconds: float) -> str:
    url = f"http://127.0.0.1:{port}"
    where, key = _admin_key(home.folder / ADMIN_KEY_FILE)
    return (
        f"ready after {seconds:.1f} s\n"
        f"\n"
        f"  Sihe        {url}        its documentation: {url}/docs\n"
        f"  admin key   {where}\n"
        f"  data, logs  {home.folder}\n"
        f"\n"
        f"  Try next, in another terminal:\n"
        f'    curl -H "Authorization: Bearer {key}" {url}/api/v1/ops/lag\n'
        f"    make demo\n"
        f"\n"
        f"  Ctrl-C stops everything."
    )


def _admin_key(file: Path) -> tuple[str, str]:
    """Where the admin key is, and how a shell writes it."""
    if os.environ.get("SIHE_ADMIN_KEY"):
        return "the one given in SIHE_ADMIN_KEY", "$SIHE_ADMIN_KEY"
    return str(file), f"$(cat {file})"


@click.command("up", help=COMMANDS["up"][1])
def command() -> None:
    try:
        Up(Home(home_folder()), port_number()).run()
    except (InUse, PortInUse, NotMigrated, NoServer, SettingsMissing) as why:
        raise click.ClickException(str(why)) from None
