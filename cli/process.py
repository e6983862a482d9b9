"""One process of a suite: forked from this one, heard line by line, gone without a trace."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 5.0
STEADY_SECONDS = 2.0
CHUNK = 1 << 16
PR_SET_PDEATHSIG = 1


@dataclass
class Process:
    """What one process runs and with which variables. `keeps` are the file handles it is given; `wave` says
    when it is told to stop: the lowest first."""

    name: str
    run: Callable[[], int]
    variables: Mapping[str, str] = field(default_factory=dict)
    keeps: tuple[int, ...] = ()
    wave: int = 0
    pid: int = 0
    output: int = -1
    last_line: str = ""
    _log: int = -1
    _rest: bytes = b""
    _started_at: float = 0.0
    _start_at: float = 0.0
    _backoff: float = FIRST_BACKOFF_SECONDS

    def seconds_to_start(self) -> float:
        """How long until it should be started (again)."""
        return max(0.0, self._start_at - time.monotonic())

    def start(self, log: Path) -> None:
        """Fork it; what it says can be read at `output` and is added to the log."""
        self.output, theirs = os.pipe()
        os.set_blocking(self.output, False)
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._started_at = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._become(theirs)
        os.close(theirs)

    def lines(self) -> Iterator[str]:
        """What it said since last asked, in whole lines; closes `output` at the end of it."""
        with suppress(BlockingIOError):
            while said := os.read(self.output, CHUNK):
                os.write(self._log, said)
                *whole, self._rest = (self._rest + said).split(b"\n")
                yield from (line.decode(errors="replace") for line in whole)
            if self._rest:
                yield self._rest.decode(errors="replace")
            self.close()

    def close(self) -> None:
        """Hear no more of it."""
        for handle in (self.output, self._log):
            if handle >= 0:
                os.close(handle)
        self.output = self._log = -1
        self._rest = b""

    def ended(self) -> str | None:
        """How it ended, in words; None while it lives. Its own children end with it."""
        found, status = os.waitpid(self.pid, os.WNOHANG)
        if not found:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.pid = 0
        code = os.waitstatus_to_exitcode(status)
        return f"ended with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    def end(self) -> int:
        """Wait for its end; what it returned."""
        os.set_blocking(self.output, True)
        for line in self.lines():
            self.last_line = line
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def start_later(self) -> float:
        """Set its next start: soon if it ran steadily, else later each time. The seconds until then."""
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._backoff = FIRST_BACKOFF_SECONDS
        seconds = self._backoff
        self._start_at = time.monotonic() + seconds
        self._backoff = min(LONGEST_BACKOFF_SECONDS, seconds * 2)
        return seconds

    def signal(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _become(self, output: int) -> None:
        """In the child: a session of its own with nothing open but what it keeps; never returns."""
        code = 1
        try:
            os.setsid()
            _end_with_parent()
            _forget_signals()
            _keep_open(output, self.keeps)
            os.environ.update(self.variables)
            code = self.run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def _end_with_parent() -> None:
    """Linux ends the process when its parent is gone, however that ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def _keep_open(output: int, keeps: tuple[int, ...]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    low = 3
    for handle in (*sorted(keeps), 1024):
        os.closerange(low, handle)
        low = handle + 1
