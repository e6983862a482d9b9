"""One process of a suite: forked from this one, its output read line by line, ended with its children."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cli.process_log import ProcessLog

FIRST_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 5.0
STABLE_SECONDS = 2.0
CHUNK_BYTES = MAX_LINE_BYTES = 1 << 16
PR_SET_PDEATHSIG = 1


@dataclass
class Process:
    """A child process: its function and environment variables. `inherited_handles` are the file handles it keeps;
    `stop_wave` is its turn when the suite stops, the lowest first."""

    name: str
    run: Callable[[], int]
    variables: Mapping[str, str] = field(default_factory=dict)
    inherited_handles: tuple[int, ...] = ()
    stop_wave: int = 0
    pid: int = 0
    output: int = -1
    last_line: str = ""
    _log: ProcessLog | None = None
    _partial_line: bytes = b""
    _started_at: float = 0.0
    _start_at: float = 0.0
    _backoff: float = FIRST_BACKOFF_SECONDS

    def seconds_to_start(self) -> float:
        """Return the seconds until the process is due to start (again)."""
        return max(0.0, self._start_at - time.monotonic())

    def start(self, log: Path) -> None:
        """Fork the process; its output can be read at `output` and is appended to the log."""
        self.close()
        self.output, child_output = os.pipe()
        os.set_blocking(self.output, False)
        self._log = self._log or ProcessLog(log, self.name)
        self._started_at = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._run_child(child_output)
        os.close(child_output)

    def lines(self) -> Iterator[str]:
        """Yield the lines written since the last call, which are then in the log; close `output` at its end."""
        with suppress(BlockingIOError):
            while content := os.read(self.output, CHUNK_BYTES):
                *whole, self._partial_line = (self._partial_line + content).split(b"\n")
                if len(self._partial_line) > MAX_LINE_BYTES:
                    whole, self._partial_line = [*whole, self._partial_line], b""
                yield from self._logged(whole)
            self.close()
            if self._partial_line:
                last, self._partial_line = self._partial_line, b""
                yield from self._logged([last])

    def _logged(self, lines: Sequence[bytes]) -> list[str]:
        decoded = [line.decode(errors="replace") for line in lines]
        if self._log is not None:
            self._log.write(decoded)
        return decoded

    def close(self) -> None:
        """Close the output, also if a process that this one left behind could still write to it."""
        if self.output >= 0:
            os.close(self.output)
        self.output = -1

    def exit_description(self) -> str | None:
        """Return how the process ended; None while it runs. Kills its children."""
        ended, status = os.waitpid(self.pid, os.WNOHANG)
        if not ended:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.pid = 0
        code = os.waitstatus_to_exitcode(status)
        return f"ended with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    def wait(self) -> int:
        """Wait for the end of the process and return its exit code."""
        os.set_blocking(self.output, True)
        for line in self.lines():
            self.last_line = line
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def schedule_restart(self) -> float:
        """Set the next start with exponential back-off, reset after a stable run; return the seconds until then."""
        if time.monotonic() - self._started_at > STABLE_SECONDS:
            self._backoff = FIRST_BACKOFF_SECONDS
        seconds = self._backoff
        self._start_at = time.monotonic() + seconds
        self._backoff = min(MAX_BACKOFF_SECONDS, seconds * 2)
        return seconds

    def signal(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _run_child(self, output: int) -> None:
        """Run the child in its own session with the inherited handles only; never returns."""
        code = 1
        try:
            os.setsid()
            _end_with_parent()
            _reset_signals()
            os.set_blocking(output, False)  # a line that cannot be taken is dropped: the process goes on
            _close_other_handles(output, self.inherited_handles)
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
    """End the process when its parent ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def _close_other_handles(output: int, inherited_handles: tuple[int, ...]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text file in a program's own process
    low = 3
    for handle in (*sorted(inherited_handles), 1024):
        os.closerange(low, handle)
        low = handle + 1
