"""Keeping the processes of a suite alive on one machine: start, show what they say, start again, drain.

Every process is forked from this one, which has imported everything already: all starts together
cost the imports once, and the memory of what was imported is shared.
"""

import gc
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from cli.console import worth_showing
from cli.process import Process

TURN_SECONDS = 0.1


class Supervisor:
    """Runs processes until SIGINT, SIGTERM or `stop`; one that dies is started again, later each time."""

    def __init__(self, log_folder: Path, drain_seconds: Sequence[float]) -> None:
        self._log_folder = log_folder
        self._drain_seconds = drain_seconds
        self._quiet = False
        self._processes: list[Process] = []
        self._colours = get_colours()
        self._colour_of: dict[str, str] = {}
        self._printer = Printer(sys.stdout)
        self._selector = selectors.DefaultSelector()
        self._stopping = False

    def add(self, process: Process) -> None:
        """One more process, started at the next turn of the loop."""
        self._colour_of[process.name] = next(self._colours)
        self._printer.width = max(self._printer.width, len(process.name))
        self._processes.append(process)

    def stop(self) -> None:
        """End the loop after everything has drained."""
        self._stopping = True

    def pids(self) -> dict[str, int]:
        """Who runs now."""
        return {process.name: process.pid for process in self._processes if process.pid}

    def watch(self, handle: int, arrived: Callable[[], None]) -> None:
        """Call `arrived` from the loop whenever the file handle can be read."""
        self._selector.register(handle, selectors.EVENT_READ, arrived)

    def unwatch(self, handle: int) -> None:
        self._selector.unregister(handle)

    def say(self, text: str) -> None:
        """A line of the suite itself."""
        self._print("sihe", [text], None)

    def loop(self, turn: Callable[[], None] = lambda: None) -> None:
        """Keep all alive, calling `turn` a few times a second, until told to stop; then drain wave by wave."""
        self._log_folder.mkdir(parents=True, exist_ok=True)
        gc.collect()
        gc.freeze()
        with self._signals():
            while not self._stopping:
                self._start_due()
                self._wait(TURN_SECONDS)
                self._reap()
                turn()
            self.say("stopping: what is under way is finished first")
            self._drain()
            self.say("stopped")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals wake the loop; INT and TERM end it."""
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        self.watch(woken, lambda: _empty(woken))
        actions = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), self.stop)
        actions[signal.SIGCHLD] = lambda: None
        before = {number: signal.signal(number, lambda *_, act=act: act()) for number, act in actions.items()}
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, action in before.items():
                signal.signal(number, action)
            self._selector.close()
            os.close(woken)
            os.close(wake)

    def _start_due(self) -> None:
        for process in self._processes:
            if not process.pid and not process.seconds_to_start():
                process.start(self._log_folder / f"{process.name}.log")
                self.watch(process.output, lambda process=process: self._show(process))  # type: ignore[misc]

    def _wait(self, seconds: float) -> None:
        starts = [process.seconds_to_start() for process in self._processes if not process.pid and not self._stopping]
        for key, _ in self._selector.select(min([seconds, *starts])):
            key.data()

    def _show(self, process: Process) -> None:
        handle = process.output
        self._print(process.name, process.lines(), self._colour_of[process.name])
        if process.output < 0:
            self.unwatch(handle)

    def _print(self, name: str, lines: Iterator[str] | Sequence[str], colour: str | None) -> None:
        now = datetime.now().astimezone()
        for line in lines:
            shown = worth_showing(line)
            if shown is not None and not self._quiet:
                self._write(Message("line", shown or " ", now, name, colour))

    def _write(self, message: Message) -> None:
        try:
            self._printer.write(message)
        except OSError:
            self._quiet = True  # nobody reads any more; the logs have it

    def _reap(self) -> None:
        for process in self._processes:
            if process.pid and (ended := process.ended()):
                if process.output >= 0:
                    self._show(process)
                if not self._stopping:
                    self.say(f"{process.name} {ended}; starting it again in {process.start_later():.1f} s")

    def _drain(self) -> None:
        for wave, seconds in enumerate(self._drain_seconds):
            leaving = [process for process in self._processes if process.wave == wave]
            for number in (signal.SIGTERM, signal.SIGKILL):
                for process in leaving:
                    process.signal(number)
                self._wait_for(leaving, seconds)

    def _wait_for(self, processes: Sequence[Process], seconds: float) -> None:
        until = time.monotonic() + seconds
        while any(process.pid for process in processes) and time.monotonic() < until:
            self._wait(until - time.monotonic())
            self._reap()


def _empty(handle: int) -> None:
    with suppress(BlockingIOError):
        os.read(handle, 4096)
