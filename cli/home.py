"""Home folder of a suite on this machine: data, keys, logs and the running processes."""

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
from shared.identity import write_signing_keys

PROCESSES = (*SERVICES, "gateway")
MAX_SOCKET_FOLDER_LENGTH = 80
LOCK_WAIT_SECONDS = 10.0


class HomeInUse(Exception):
    """Raised when another suite runs in this home folder; the message names it and how to proceed."""


class Home:
    """`SIHE_HOME`: `<service>/` data, `keys/`, `log/`, `run/` (running processes), `admin.key`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.log = self.folder / "log"
        self.keys = self.folder / "keys"
        self.run = self.folder / "run"
        self.sockets = self._socket_folder()
        self._running = self.run / "ports.json"
        self.lock_handle = -1

    def lock(self) -> None:
        """Lock the home folder until this process and its children have ended. Raises HomeInUse."""
        for folder in (self.folder, self.keys, self.run, self.log, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lock_handle = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        if not self._acquire_lock():
            os.close(self.lock_handle)
            raise HomeInUse(self._owner_description())
        self._running.unlink(missing_ok=True)
        os.ftruncate(self.lock_handle, 0)
        os.write(self.lock_handle, str(os.getpid()).encode())

    def unlock(self) -> None:
        """Release the lock and remove `run/ports.json`."""
        self._running.unlink(missing_ok=True)
        os.close(self.lock_handle)

    def make_keys(self) -> None:
        """Create missing signing keys and secrets of the processes, readable by the owner only."""
        write_signing_keys(self.keys, PROCESSES)
        for name in PROCESSES:
            file = self.keys / f"{name}.secret"
            if not file.exists():
                file.touch(mode=0o600)
                file.write_text(secrets.token_hex(32))

    def write_running(self, running: dict[str, Any]) -> None:
        """Write ports and process ids to `run/ports.json`, which exists only while the suite runs."""
        draft = self._running.with_suffix(".new")
        draft.write_text(json.dumps(running, indent=1) + "\n")
        draft.replace(self._running)

    def read_running_or_none(self) -> dict[str, Any] | None:
        """Return the content of `run/ports.json`; None while no suite runs."""
        try:
            running: dict[str, Any] = json.loads(self._running.read_text())
        except FileNotFoundError:
            return None
        return running

    def _acquire_lock(self) -> bool:
        """Acquire the lock; wait a moment for the processes of a killed suite to end."""
        until = time.monotonic() + LOCK_WAIT_SECONDS
        while not _try_lock(self.lock_handle):
            if self._is_owner_alive() or time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def _is_owner_alive(self) -> bool:
        owner = (self.run / "lock").read_text()
        try:
            os.kill(int(owner or 0) or os.getpid(), 0)
        except ProcessLookupError:
            return False
        return True

    def _owner_description(self) -> str:
        running = self.read_running_or_none() or {}
        owner, port = (self.run / "lock").read_text(), running.get("port", "?")
        return (
            f"A suite runs on {self.folder} already (process {owner}, http://127.0.0.1:{port}).\n"
            f"Stop it, or start another one with: SIHE_HOME=… SIHE_PORT=… sihe up"
        )

    def _socket_folder(self) -> Path:
        """Return the folder of Unix sockets: the temporary folder if the path in the home folder is too long."""
        if len(os.fsencode(self.run)) <= MAX_SOCKET_FOLDER_LENGTH:
            return self.run
        return Path(tempfile.gettempdir()) / f"sihe-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
