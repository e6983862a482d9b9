"""A suite in the background, on a folder and a free port; `stop` has the effect of Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from cli.readiness import is_ready

READY_SECONDS = 240.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.05
MAX_EXCERPT_LENGTH = 4_000


class NotStarted(Exception):
    """Raised when the suite ended or was not ready in time; the message ends with the last output."""


class BackgroundSuite:
    """One suite of real processes in its own home folder, on a free port, with a given administrator key."""

    def __init__(self, home: Path, admin_key: str, **settings: str) -> None:
        """`settings` are further ones of its processes: `wrong_keys="100"` is SIHE_WRONG_KEYS."""
        self.home = home
        self._settings = {f"SIHE_{name.upper()}": value for name, value in settings.items()}
        self._admin_key = admin_key
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start `sihe up` in the home folder and wait until the suite is ready. Raises NotStarted."""
        self.launch()
        if not wait_for(self._is_ready, READY_SECONDS):
            raise NotStarted(f"the suite was not ready within {READY_SECONDS:.0f} s:\n{self._output()}")

    def launch(self) -> None:
        """Start `sihe up` in the home folder; return at once."""
        variables = {"SIHE_HOME": str(self.home), "SIHE_PORT": "0", "SIHE_ADMIN_KEY": self._admin_key}
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.log").open("ab") as output:
            command = [sys.executable, "-m", "cli.main", "up"]
            self._up = subprocess.Popen(
                command, env={**os.environ, **self._settings, **variables}, stdout=output, stderr=output
            )

    def stop(self) -> None:
        """Stop the suite as Ctrl-C does; kill it and raise TimeoutExpired if it does not end in time."""
        if self._up is None:
            return
        self._up.send_signal(signal.SIGINT)
        try:
            self._up.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._up.kill()
            self._up.wait()
            raise
        finally:
            self._up = None

    def wait(self) -> None:
        """Wait until the suite ends."""
        assert self._up is not None
        self._up.wait()

    @property
    def running(self) -> dict[str, Any]:
        """The current ports and process ids of the suite. Raises FileNotFoundError before it runs."""
        running: dict[str, Any] = json.loads((self.home / "run" / "ports.json").read_text())
        return running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running['port']}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _is_ready(self) -> bool:
        assert self._up is not None
        if self._up.poll() is not None:
            raise NotStarted(f"the suite ended with {self._up.returncode}:\n{self._output()}")
        try:
            return is_ready(self.running["port"])
        except (FileNotFoundError, KeyError):
            return False

    def _output(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")[-MAX_EXCERPT_LENGTH:]


def wait_for(condition: Callable[[], Any], seconds: float) -> Any:
    """Return the first true value of the polled condition, or its last value after these seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return value
