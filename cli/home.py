"""The folder that holds all of a suite on this machine: data, keys, logs, and who runs on it now."""

import fcntl
import hashlib
import json
import os
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

from shared.config import SERVICES
from shared.identity import issue_keys

PROCESSES = (*SERVICES, "gateway")
LONGEST_SOCKET_FOLDER = 80
WAIT_FOR_LEAVERS_SECONDS = 10.0


class InUse(Exception):
    """Another suite runs on this home. The message says which, and what to do."""


class Home:
    """`SIHE_HOME`: `<service>/` data, `keys/`, `log/`, `run/` (who runs now), `admin.key`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.log = self.folder / "log"
        self.keys = self.folder / "keys"
        self.run = self.folder / "run"
        self.sockets = self._sockets()
        self._running = self.run / "ports.json"
        self.lock_handle = -1

    def take(self) -> None:
        """Hold the home until this process and all it started are gone. Raises InUse."""
        for folder in (self.folder, self.keys, self.run, self.log, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lock_handle = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        if not self._locked():
            os.close(self.lock_handle)
            raise InUse(self._who())
        self._running.unlink(missing_ok=True)
        os.ftruncate(self.lock_handle, 0)
        os.write(self.lock_handle, str(os.getpid()).encode())

    def leave(self) -> None:
        """Nobody runs here any more."""
        self._running.unlink(missing_ok=True)
        os.close(self.lock_handle)

    def make_keys(self) -> None:
        """What the processes sign with and keep secret: made where missing, readable by the owner only."""
        issue_keys(self.keys, PROCESSES)
        for name in PROCESSES:
            file = self.keys / f"{name}.secret"
            if not file.exists():
                file.touch(mode=0o600)
                file.write_text(secrets.token_hex(32))

    def say_who_runs(self, running: dict[str, Any]) -> None:
        """Let others on this machine find ports and processes: `run/ports.json`, there only while running."""
        draft = self._running.with_suffix(".new")
        draft.write_text(json.dumps(running, indent=1) + "\n")
        draft.replace(self._running)

    def who_runs(self) -> dict[str, Any] | None:
        """What `say_who_runs` said last, or None while nobody runs."""
        try:
            running: dict[str, Any] = json.loads(self._running.read_text())
        except FileNotFoundError:
            return None
        return running

    def _locked(self) -> bool:
        """Take the lock, giving those whose suite was killed a moment to leave."""
        until = time.monotonic() + WAIT_FOR_LEAVERS_SECONDS
        while not _try_lock(self.lock_handle):
            if self._owner_lives() or time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def _owner_lives(self) -> bool:
        owner = (self.run / "lock").read_text()
        try:
            os.kill(int(owner or 0) or os.getpid(), 0)
        except ProcessLookupError:
            return False
        return True

    def _who(self) -> str:
        running = self.who_runs() or {}
        owner, port = (self.run / "lock").read_text(), running.get("port", "?")
        return (
            f"A suite runs on {self.folder} already (process {owner}, http://127.0.0.1:{port}).\n"
            f"Stop it, or start another one beside it: SIHE_HOME=… SIHE_PORT=… sihe up"
        )

    def _sockets(self) -> Path:
        """Unix sockets have short names: under a deep home they live in the system's temporary folder."""
        if len(os.fsencode(self.run)) <= LONGEST_SOCKET_FOLDER:
            return self.run
        return Path(tempfile.gettempdir()) / f"sihe-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
