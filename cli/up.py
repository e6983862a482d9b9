"""`sihe up`: sets up and runs the whole suite on this machine until it is stopped."""

import os
import time
from pathlib import Path

import click

from cli.home import Home, HomeInUse
from cli.main import COMMANDS, home_folder, port_number
from cli.process import Process
from cli.readiness import ReadinessProbe
from cli.suite import DRAIN_SECONDS, PortInUse, Suite, preload_modules
from cli.suite_settings import require_valid_settings
from cli.supervisor import Supervisor
from shared.bus.broker_config import ServerBinaryMissing
from shared.cli import show_process_name

ADMIN_KEY_FILE = "admin.key"
OWNER_ONLY = 0o077
WRITING_PAUSE_SECONDS = 1.0


class NotMigrated(Exception):
    """Raised when a migration of tables failed; the message has the last line of its output."""


class SuiteRunner:
    """Starts, runs and stops a suite."""

    def __init__(self, home: Home, port: int) -> None:
        """Lock the home folder and open the port. Raises HomeInUse, PortInUse."""
        self._started_at = time.monotonic()
        home.lock()
        self.home = home
        self.suite = Suite(home, port)
        self._supervisor = Supervisor(home.log, DRAIN_SECONDS)
        self._readiness = ReadinessProbe(self.suite.port)
        self._running_written: dict[str, int] = {}
        self._next_writing_at = 0.0
        self._greeting_printed = False

    def run(self) -> None:
        """Start all processes, print when the suite is ready, run until stopped, then drain. Raises NotMigrated."""
        os.umask(OWNER_ONLY)
        show_process_name("up")
        for process in self.suite.processes():
            self._supervisor.add(process)
        self._supervisor.print_line(f"starting on {self.home.folder}")
        self.suite.write_configuration()
        preload_modules()
        _run_all(self.suite.migrations(), self.home.log)
        try:
            self._supervisor.run(self._on_turn)
        finally:
            self.suite.close()
            self.home.unlock()

    def _on_turn(self) -> None:
        self._write_running()
        self._readiness.poll(self._supervisor.watch, self._supervisor.unwatch)
        if self._readiness.is_ready and not self._greeting_printed:
            self._greeting_printed = True
            self._print_greeting()

    def _write_running(self) -> None:
        running = self._supervisor.pids()
        if running != self._running_written and time.monotonic() >= self._next_writing_at:
            try:
                self.home.write_running({"port": self.suite.port, "ports": self.suite.ports, "pids": running})
                self._running_written = running
            except OSError:  # a full disk: the suite runs on, and the file is written as soon as there is room
                self._next_writing_at = time.monotonic() + WRITING_PAUSE_SECONDS

    def _print_greeting(self) -> None:
        seconds = time.monotonic() - self._started_at
        for line in _greeting(self.home, self.suite.port, seconds).splitlines():
            self._supervisor.print_line(line)


def _run_all(jobs: list[Process], log: Path) -> None:
    """Run all migrations concurrently and wait for them. Raises NotMigrated if one fails."""
    for job in jobs:
        job.start(log / f"{job.name}.log")
    failed = [job for job in jobs if job.wait() != 0]
    if failed:
        reasons = "\n".join(f"{job.name} failed: {job.last_line}" for job in failed)
        raise NotMigrated(f"{reasons}\nThe logs are in {log}")


def _greeting(home: Home, port: int, seconds: float) -> str:
    url = f"http://127.0.0.1:{port}"
    where = "value of SIHE_ADMIN_KEY" if os.environ.get("SIHE_ADMIN_KEY") else home.folder / ADMIN_KEY_FILE
    return (
        f"ready after {seconds:.1f} s\n"
        f"\n"
        f"  Sihe        {url}        API documentation: {url}/docs\n"
        f"  admin key   {where}\n"
        f"  data, logs  {home.folder}\n"
        f"\n"
        f"  Try next:\n"
        f"    {url}/docs in a browser: every request, with an example\n"
        f"    make demo, in another terminal: one order from the shortage to the payment\n"
        f'    "A first order" in README.md: the same, command by command\n'
        f"\n"
        f"  Ctrl-C stops everything."
    )


@click.command("up", help=COMMANDS["up"][1])
def command() -> None:
    try:
        require_valid_settings()
        SuiteRunner(Home(home_folder()), port_number()).run()
    except (HomeInUse, PortInUse, NotMigrated, ServerBinaryMissing) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"The home folder {home_folder()} cannot be used: {error}") from None
