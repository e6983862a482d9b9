"""A suite of its own for as long as it is needed: a temporary home, free ports, nothing left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.cli.client import Client
from gateway.cli.connect import ADMIN_KEY_FILE
from gateway.cli.home import Home
from gateway.cli.readiness import is_ready

START_SECONDS = 60.0
DRAIN_SECONDS = 15.0


class NotStarted(Exception):
    """The suite did not come up; the message is the end of what it said."""


class ThrowAway:
    """`with ThrowAway() as suite:` starts ten processes and ends them. `keep` leaves the home there."""

    def __init__(self, variables: Mapping[str, str] | None = None, *, keep: bool = False) -> None:
        self.home = Home(Path(tempfile.mkdtemp(prefix="sihe-")))
        self._variables = dict(variables or {})
        self._keep = keep
        self._process: subprocess.Popen[bytes] | None = None
        self.ready_seconds = 0.0

    def __enter__(self) -> "ThrowAway":
        try:
            self.start()
        except BaseException:
            self._throw_away()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._throw_away()

    def start(self) -> None:
        """Start it (again) on its home, until it is ready. Raises NotStarted."""
        began = time.monotonic()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SIHE_")}
        environment |= {"SIHE_HOME": str(self.home.folder), "SIHE_PORT": "0", **self._variables}
        with (self.home.folder / "up.log").open("ab") as log:
            command = [sys.executable, "-m", "gateway.cli.main", "up"]
            self._process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise NotStarted((self.home.folder / "up.log").read_text()[-2000:])
            time.sleep(0.02)
        self.ready_seconds = time.monotonic() - began

    def stop(self) -> None:
        """Let it drain; the home stays."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(DRAIN_SECONDS)

    @property
    def running(self) -> dict[str, Any]:
        """Port, ports and process ids, by name."""
        running = self.home.who_runs()
        assert running is not None, "not running"
        return running

    @property
    def pid(self) -> int:
        """The process that keeps the others alive."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running['port']}"

    @property
    def key(self) -> str:
        """The admin key."""
        return self._variables.get("SIHE_ADMIN_KEY") or (self.home.folder / ADMIN_KEY_FILE).read_text().strip()

    def client(self) -> Client:
        """A caller with the admin key."""
        return Client(self.url, self.key)

    def _is_ready(self) -> bool:
        running = self.home.who_runs()
        return running is not None and is_ready(running["port"])

    def _throw_away(self) -> None:
        self.stop()
        if not self._keep:
            shutil.rmtree(self.home.folder, ignore_errors=True)
